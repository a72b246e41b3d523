import type { Access } from './access.ts'
import { App } from './apps.ts'
import { Changes } from './changes.ts'
import { Gates } from './gates.ts'
import type { Author, Commit, Content } from './git.ts'
import { Hooks } from './hooks/hooks.ts'
import { account, iso, person } from './people.ts'
import { type Check, type CommitStatus, Repository } from './repository.ts'
import { newRun, type RunStart } from './run-start.ts'
import { type Account, isOver, type Job, latest, type Run, type RunEvent, type RunPlan } from './runs.ts'
import type { Addresses } from './shapes/accounts.ts'
import { startsOnPush } from './workflow-file.ts'

/** Executes runs. */
export type Runner = {
  execute(repository: Repository, run: Run): void
  cancel(run: Run, how: 'normal' | 'forced'): void
}

export type Push = {
  readonly message: string
  /** A person of the default world by first name, or a full author. Default: Ana. */
  readonly author?: string | Author
  /** Contents by path; null deletes. Default: the commit changes `CHANGES.md`. */
  readonly files?: Readonly<Record<string, Content | null>>
  readonly repository?: string
}

/** The state of GitHub, which tests may read and change. Every change of a run re-checks `until`. */
export class World extends Changes {
  readonly repositories: Repository[] = []
  readonly tokens = new Map<string, Access>()
  /** The App that the bot may use. */
  readonly app = new App('twokey', 271_828)
  /** All Apps, each with one installation. */
  readonly apps: App[] = [this.app]
  /** How long an installation token is valid, ms. */
  installationTokensLiveFor = 3_600_000
  /** The temporary addresses of logs. */
  readonly logAddresses = new Map<string, { readonly job: Job; readonly until: number }>()
  /** The failures of the next run that starts; it uses them up. */
  next: RunPlan = {}
  lag: Lag = { lists: 0, filtered: 0, run: 0 }
  /** A GitHub Enterprise Server does not know `return_run_details` and accepts 10 inputs. */
  server: 'github.com' | 'enterprise' = 'github.com'
  /** The primary rate limit of each token, per hour; `reset` in s since the epoch. */
  rate = { limit: 5000, used: 0, reset: Math.floor(Date.now() / 1000) + 3600 }
  /** The secondary rate limit while it is active; every request gets this answer. */
  secondary: { readonly status: 403 | 429; readonly retryAfterSeconds: number } | undefined
  /** Whether GitHub can compute the diff of a comparison; only the first page has one. */
  diffs: 'made' | 'too long' = 'made'
  /** The addresses in answers, once it listens. */
  at: Addresses = { api: '', html: 'https://github.com' }
  /** What administrators and reviewers do at the gates of environments. */
  readonly gates: Gates = new Gates(this)
  /** The webhooks of Apps and repositories. */
  readonly hooks: Hooks = new Hooks(this)
  /** How long a job waits at a gate before it fails, ms. */
  gatesLiveFor = 30 * 86_400_000
  /** The origin of log addresses: a blob store, which is not the API. */
  logStore = ''
  /** How long the address of a job's log is valid, ms. */
  logsLiveFor = 60_000
  /** Where the sandbox violated GitHub's own description, or a runner crashed. Tests require that this is empty. */
  readonly violations: string[] = []

  #ids = 17_000_000_000
  #released = new Set<number>()
  #runner: Runner

  constructor(makeRunner: (world: World) => Runner) {
    super()
    this.#runner = makeRunner(this)
  }

  /** The repository with this name; default: the first one. Throws if it does not exist. */
  repository(fullName?: string): Repository {
    const found = fullName
      ? this.repositories.find((each) => each.fullName === fullName)
      : this.repositories[0]
    if (!found) throw new Error(`There is no repository ${fullName}`)
    return found
  }

  /** A unique number. */
  id(): number {
    this.#ids += 1
    return this.#ids
  }

  /** Adds an empty repository. */
  addRepository(fullName: string): Repository {
    const repository = new Repository(this.id(), fullName)
    this.repositories.push(repository)
    return repository
  }

  /** Adds an App that is installed on every repository. */
  addApp(slug: string): App {
    const app = new App(slug, this.id())
    this.apps.push(app)
    return app
  }

  /** Adds a commit to a branch, and starts the workflows that run on its push. Returns its sha. */
  push(branch: string, push: Push): string {
    const repository = this.repository(push.repository)
    const author = typeof push.author === 'object' ? push.author : person(push.author ?? 'Ana')
    const { sha } = repository.commit(branch, {
      message: push.message,
      author,
      date: iso(Date.now()),
      files: push.files ?? { 'CHANGES.md': `${push.message} ${this.id()}\n` },
    })
    this.learnWorkflows(repository)
    const actor = account(author.login ?? 'web-flow')
    for (const workflow of repository.workflows) {
      const file = repository.workflowAt(workflow, repository.git.commits.get(sha)!)
      if (workflow.state === 'active' && file && startsOnPush(file, branch))
        this.startRun({
          repository: repository.fullName,
          workflow: workflow.path,
          branch,
          event: 'push',
          actor,
        })
    }
    this.changed()
    return sha
  }

  /** Lists the workflows whose files are on the default branch. */
  learnWorkflows(repository: Repository): void {
    const tip = repository.git.tip(`heads/${repository.defaultBranch}`)
    const paths = tip ? Object.keys(repository.git.files(tip.tree)) : []
    const present = paths.filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path))
    for (const path of present)
      if (!repository.workflow(path))
        repository.workflows.push({ id: this.id(), path, createdAt: Date.now(), state: 'active' })
    for (const workflow of repository.workflows)
      if (!present.includes(workflow.path)) workflow.state = 'deleted'
      else if (workflow.state === 'deleted') workflow.state = 'active'
  }

  /** Creates a lightweight tag, or an annotated one if it has a message. */
  tag(name: string, sha: string, annotation?: { readonly message: string; readonly tagger?: string }): void {
    const { git } = this.repository()
    if (!annotation) git.refs.set(`tags/${name}`, { type: 'commit', sha })
    else {
      const { message, tagger = 'Ana' } = annotation
      const tag = git.writeTag({
        tag: name,
        message,
        tagger: person(tagger),
        date: iso(Date.now()),
        object: sha,
      })
      git.refs.set(`tags/${name}`, { type: 'tag', sha: tag.sha })
    }
    this.changed()
  }

  /** Reports a commit status; it replaces an earlier one of the same context. */
  status(sha: string, status: Pick<CommitStatus, 'context' | 'state'>): void {
    this.repository().statuses.push({ ...status, id: this.id(), sha, description: '', at: Date.now() })
    this.changed()
  }

  /** Reports a check of another App; without a conclusion it is in progress. */
  check(sha: string, check: { readonly name: string; readonly conclusion?: Check['conclusion'] }): void {
    const { name, conclusion = null } = check
    const now = Date.now()
    this.repository().checks.push({
      id: this.id(),
      sha,
      name,
      app: 'another-ci',
      status: conclusion === null ? 'in_progress' : 'completed',
      conclusion,
      startedAt: now,
      completedAt: conclusion === null ? null : now,
    })
    this.changed()
  }

  disableWorkflow(name: string): void {
    const workflow = this.repository().workflow(name)
    if (!workflow) throw new Error(`There is no workflow ${name}`)
    workflow.state = 'disabled_manually'
    this.changed()
  }

  /** Starts a run as GitHub does for other triggers: by default a push to main by Ben. */
  startRun(start: StartRun = {}): Run {
    const repository = this.repository(start.repository)
    const run = newRun(repository, this.#completed(repository, start))
    this.next = {}
    this.#runner.execute(repository, run)
    this.changed()
    return run
  }

  #completed(repository: Repository, start: StartRun): RunStart {
    const branch = start.branch ?? repository.defaultBranch
    const commit = start.commit ?? repository.git.tip(`heads/${branch}`)
    const workflow = repository.workflow(start.workflow ?? 'deploy.yml')
    if (!commit || !workflow) throw new Error(`There is nothing to run on ${branch}`)
    return {
      newId: () => this.id(),
      workflow,
      branch,
      commit,
      event: start.event ?? 'push',
      actor: start.actor ?? account('ben'),
      inputs: start.inputs ?? {},
      plan: this.next,
    }
  }

  /** Re-runs all jobs of a run, or the failed ones and those after them, as a new attempt on the same commit. */
  rerun(runId: number, by: Account | string = 'ben', which: 'all' | 'failed' = 'all'): Run {
    const { repository, run } = this.find(runId)
    if (!isOver(run)) throw new Error(`Run ${runId} is still in progress`)
    const now = Date.now()
    run.attempts.push({
      number: latest(run).number + 1,
      actor: typeof by === 'string' ? account(by) : by,
      startedAt: now,
      updatedAt: now,
      plan: this.next,
      status: 'queued',
      conclusion: null,
      jobs: [],
      results: new Map(),
      before: which === 'failed' ? latest(run).results : undefined,
      groups: [],
    })
    this.next = {}
    this.#runner.execute(repository, run)
    this.changed()
    return run
  }

  /** Cancels a run, as a person does on GitHub's page. Does nothing if the run has ended. */
  cancelRun(runId: number, how: 'normal' | 'forced' = 'normal'): void {
    const { run } = this.find(runId)
    if (!isOver(run)) this.#runner.cancel(run, how)
    this.changed()
  }

  /** Continues a run that waits at its plan's `holdAt`, or is `stuck`. */
  letGo(runId: number): void {
    this.#released.add(runId)
    this.changed()
  }

  isLetGo(runId: number): boolean {
    return this.#released.has(runId)
  }

  /** The run with this id, and its repository. Throws if it does not exist. */
  find(runId: number): { repository: Repository; run: Run } {
    for (const repository of this.repositories) {
      const run = repository.run(runId)
      if (run) return { repository, run }
    }
    throw new Error(`There is no run ${runId}`)
  }
}

/** Delays of GitHub, ms. */
type Lag = {
  /** How long a new run is missing from lists, from filtered lists, and by its id. */
  lists: number
  filtered: number
  run: number
  /** How long the review of a custom rule takes; a second review in this time is refused. Default 0. */
  review?: number
}

/** A run to start; the defaults are those of a push by Ben to the default branch. */
export type StartRun = {
  readonly repository?: string
  readonly workflow?: string
  readonly branch?: string
  readonly commit?: Commit
  readonly event?: RunEvent
  readonly actor?: Account
  readonly inputs?: Readonly<Record<string, string>>
}
