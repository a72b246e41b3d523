import type { Deployment, Environment } from './deployments.ts'
import { type Author, type Commit, type Content, type Files, Git } from './git.ts'
import type { Conclusion, Lease, Run } from './runs.ts'
import { workflowIn } from './workflow-file.ts'
import type { WorkflowFile } from './workflow-shapes.ts'

export type Workflow = {
  readonly id: number
  readonly path: string
  readonly createdAt: number
  state: 'active' | 'disabled_manually' | 'disabled_inactivity' | 'deleted'
}

/** A check that an App reports. The jobs of runs are checks too, but are not stored here. */
export type Check = {
  readonly id: number
  readonly sha: string
  readonly name: string
  readonly app: string
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: Conclusion | 'neutral' | 'action_required' | null
  readonly startedAt: number
  completedAt: number | null
}

export type CommitStatus = {
  readonly id: number
  readonly sha: string
  readonly context: string
  readonly state: 'success' | 'failure' | 'error' | 'pending'
  readonly description: string
  readonly at: number
}

/** Checks that must pass before a branch may be changed: by its protection, or by a ruleset. */
export type RequiredChecks = {
  readonly branch: string
  readonly by: 'protection' | 'ruleset'
  readonly contexts: readonly string[]
}

export type Pull = {
  readonly id: number
  readonly number: number
  readonly title: string
  readonly author: Author
  /** The branch it was merged from, and the one it was merged into. */
  readonly head: string
  readonly base: string
  readonly mergeSha: string
  readonly mergedAt: number
}

/** One repository: its git data, and what GitHub stores beside it. */
export class Repository {
  readonly git = new Git()
  readonly workflows: Workflow[] = []
  readonly environments: Environment[] = []
  readonly runs: Run[] = []
  readonly checks: Check[] = []
  readonly statuses: CommitStatus[] = []
  readonly pulls: Pull[] = []
  readonly requiredChecks: RequiredChecks[] = []
  readonly deployments: Deployment[] = []
  /** The entries of its concurrency groups' queues, in order. */
  readonly leases: Lease[] = []
  /** What `vars` and `secrets` contain in every job. */
  variables: Readonly<Record<string, string>> = {}
  secrets: Readonly<Record<string, string>> = {}
  readonly createdAt = Date.now()
  readonly id: number
  readonly owner: string
  readonly name: string
  /** Who sees it. */
  visibility: 'public' | 'private' = 'private'
  /** Of its owner. */
  plan: 'free' | 'pro' | 'team' | 'enterprise' = 'enterprise'
  defaultBranch = 'main'

  constructor(id: number, fullName: string) {
    const [owner, name] = fullName.split('/') as [string, string]
    this.id = id
    this.owner = owner
    this.name = name
  }

  get fullName(): string {
    return `${this.owner}/${this.name}`
  }

  /**
   * Whether its environments may have reviewers, wait timers and custom rules: private repositories need GitHub
   * Enterprise.
   */
  get hasGates(): boolean {
    return this.visibility === 'public' || this.plan === 'enterprise'
  }

  /** Adds a commit to a branch; a new branch starts at the default branch's tip. */
  commit(branch: string, commit: NewCommit): Commit {
    const parent = this.git.tip(`heads/${branch}`) ?? this.git.tip(`heads/${this.defaultBranch}`)
    const before = parent ? this.git.contents(parent.tree) : {}
    const all = Object.entries({ ...before, ...commit.files })
    const files: Files = Object.fromEntries(
      all.flatMap(([path, content]) => (content === null ? [] : [[path, content]])),
    )
    const written = this.git.writeCommit({
      sha: commit.sha,
      tree: this.git.writeTree(files),
      parents: parent ? [parent.sha] : [],
      author: commit.author,
      message: commit.message,
      date: commit.date,
    })
    this.git.refs.set(`heads/${branch}`, { type: 'commit', sha: written.sha })
    return written
  }

  /** The checks that a branch requires by its protection, or by rulesets; undefined if neither does. */
  requiredOn(branch: string, by: RequiredChecks['by']): readonly string[] | undefined {
    const found = this.requiredChecks.filter((each) => each.branch === branch && each.by === by)
    return found.length === 0 ? undefined : [...new Set(found.flatMap(({ contexts }) => contexts))]
  }

  /** The workflow with this id or file name, as routes name it. */
  workflow(name: string): Workflow | undefined {
    return this.workflows.find(
      (workflow) =>
        String(workflow.id) === name || workflow.path === name || workflow.path.endsWith(`/${name}`),
    )
  }

  /** The workflow's file at a commit; undefined if it is missing or not a workflow. */
  workflowAt(workflow: Pick<Workflow, 'path'>, commit: Commit): WorkflowFile | undefined {
    const text = this.git.read(commit, workflow.path)
    return text === undefined ? undefined : workflowIn(text)
  }

  /** The environment with this name; names are case-insensitive. */
  environment(name: string): Environment | undefined {
    return this.environments.find((environment) => environment.name.toLowerCase() === name.toLowerCase())
  }

  run(id: number): Run | undefined {
    return this.runs.find((run) => run.id === id)
  }
}

/** A commit to create. A file that is null is deleted. */
export type NewCommit = {
  readonly sha?: string
  readonly message: string
  readonly author: Author
  readonly date: string
  readonly files: Readonly<Record<string, Content | null>>
}
