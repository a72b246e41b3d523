import { setTimeout as pause } from 'node:timers/promises'
import type { Commit } from '../git.ts'
import type { Job } from '../runs.ts'
import { StepFailure } from '../step-failure.ts'
import { log, type Work } from '../work.ts'
import type { Aws, Patience } from './aws.ts'

export const temporary = '/home/runner/work/_temp'

/** The files through which a script passes values to later steps. */
const speakingFiles = {
  GITHUB_OUTPUT: `${temporary}/set_output`,
  GITHUB_ENV: `${temporary}/set_env`,
  GITHUB_PATH: `${temporary}/add_path`,
  GITHUB_STEP_SUMMARY: `${temporary}/step_summary`,
} as const

/** The machine that a job runs on: its files, its variables, its images, and the commit that is checked out. */
export class Machine {
  readonly work: Work
  readonly job: Job
  /** The variables that GitHub sets for every step; the context `env` does not contain them. */
  readonly defaults: Readonly<Record<string, string>>
  /** The variables of the workflow and the job, and those that steps exported. */
  readonly variables: Map<string, string>
  /** By absolute path. */
  readonly files = new Map<string, string>()
  /** Images that were built here and not pushed yet. */
  readonly images = new Set<string>()
  /** The digests of the images that were pushed from here, by name. */
  readonly digests = new Map<string, string>()
  readonly workspace: string
  head: Commit | undefined
  /** How much of the history was fetched. */
  history: 'tip' | 'whole' = 'tip'

  constructor(work: Work, job: Job, variables: Readonly<Record<string, string>>) {
    const { name } = work.repository
    this.work = work
    this.job = job
    this.workspace = `/home/runner/work/${name}/${name}`
    this.defaults = this.#ofGitHub()
    this.variables = new Map(Object.entries(variables))
  }

  /** The default variables. Source: GitHub's reference of variables. */
  #ofGitHub(): Record<string, string> {
    const { run, repository, attempt } = this.work
    const isTag = repository.git.refs.has(`tags/${run.headBranch}`)
    return {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTOR: run.actor.login,
      GITHUB_EVENT_NAME: run.event,
      GITHUB_JOB: this.job.key,
      GITHUB_REF: `refs/${isTag ? 'tags' : 'heads'}/${run.headBranch}`,
      GITHUB_REF_NAME: run.headBranch,
      GITHUB_REF_TYPE: isTag ? 'tag' : 'branch',
      GITHUB_REPOSITORY: repository.fullName,
      GITHUB_REPOSITORY_OWNER: repository.owner,
      GITHUB_RUN_ATTEMPT: String(attempt.number),
      GITHUB_RUN_ID: String(run.id),
      GITHUB_RUN_NUMBER: String(run.number),
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_SHA: run.headSha,
      GITHUB_TRIGGERING_ACTOR: attempt.actor.login,
      GITHUB_WORKFLOW: run.workflowName,
      GITHUB_WORKSPACE: this.workspace,
      HOME: '/home/runner',
      RUNNER_ARCH: 'X64',
      RUNNER_OS: 'Linux',
      RUNNER_TEMP: temporary,
      ...speakingFiles,
    }
  }

  get aws(): Aws | undefined {
    return this.work.aws
  }

  /** The pause between two polls of AWS: longer than a step, because the account's rate limits are shared. */
  patience(minutes: number): Patience {
    const { pace, ending } = this.work
    return {
      ms: minutes * 60_000,
      pause: () => pause(pace.jobStep * 4, undefined, { signal: ending.signal }),
    }
  }

  /** The same for the stability of a service; the run's plan may shorten it. */
  patienceForStability(minutes: number): Patience {
    const { stabilityMs } = this.work.attempt.plan
    return this.patience(stabilityMs === undefined ? minutes : stabilityMs / 60_000)
  }

  log(line: string): void {
    log(this.job, line)
  }

  /** Logs that the sandbox does not support something. */
  logUnsupported(what: string): void {
    this.log(`The sandbox does not support: ${what.split('\n')[0]}`)
  }

  /** The content of a file, by its path from the workspace. Throws if it is missing. */
  file(path: string): string {
    const text = this.files.get(
      path.startsWith('/') ? path : `${this.workspace}/${path.replace(/^\.\//, '')}`,
    )
    if (text === undefined) throw new StepFailure(`File does not exist: ${path}`)
    return text
  }

  /** Empties the files through which a script passes values. */
  beginStep(): void {
    for (const path of Object.values(speakingFiles)) this.files.set(path, '')
  }

  /** Reads the values that the step's script passes to later steps, and applies its variables. */
  endStep(): Record<string, string> {
    for (const [name, value] of pairs(this.files.get(speakingFiles.GITHUB_ENV) ?? ''))
      this.variables.set(name, value)
    return Object.fromEntries(pairs(this.files.get(speakingFiles.GITHUB_OUTPUT) ?? ''))
  }
}

/** Parses `name=value` lines, and values of several lines as `name<<END … END`. */
function pairs(text: string): [string, string][] {
  const found: [string, string][] = []
  const lines = text.split('\n')
  while (lines.length > 0) {
    const line = lines.shift()!
    const [, name, end] = /^([^=]+?)<<(.+)$/.exec(line) ?? []
    if (name && end) {
      const stop = lines.indexOf(end)
      found.push([name, lines.splice(0, stop < 0 ? lines.length : stop).join('\n')])
      lines.shift()
    } else if (line.includes('='))
      found.push([line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
  }
  return found
}
