import type { Eligibility } from '../release/approval.ts'
import type { Answer } from '../release/effects.ts'
import type { LogPointer, Look } from '../release/look.ts'
import type {
  MigrationSighting,
  Revision,
  RunSearch,
  TargetSighting,
  TipSighting,
} from '../release/observation.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Changes, Commit, PersonId, Target, WorkflowInput } from '../release/release.ts'
import type { Form } from './form.ts'

/** A look of one kind. */
export type LookOf<Kind extends Look['look']> = Extract<Look, { look: Kind }>

/**
 * Trouble outside. `terminal` will not pass by itself: no permission, a token that expired, a thing that is not there.
 * Whatever else an adapter throws counts as passing.
 */
export class Trouble extends Error {
  readonly kind: 'passing' | 'terminal'

  /** @param message what happened, for people: one sentence without a full stop, no secrets */
  constructor(kind: 'passing' | 'terminal', message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Trouble'
    this.kind = kind
  }
}

/** What GitHub says of a commit that somebody wants to ship. */
export type Inspected =
  | {
      readonly commit: Commit
      readonly tip: TipSighting & { readonly githubTree: string }
      readonly changes: Changes
    }
  | { readonly refused: Refusal }

/** GitHub, as the shepherd needs it. Methods throw `Trouble`. */
export interface GitHub {
  /** Ref to commit, on the branch or refused; the workflow's state, trigger and inputs; what would change since `running`. */
  inspect(ask: {
    readonly repository: string
    readonly workflow: string
    readonly branch: string
    readonly ref: string | null
    readonly running: string | null
    /** Inputs without which the workflow cannot serve this environment. */
    readonly needs: readonly WorkflowInput[]
  }): Promise<Inspected>
  tip(look: LookOf<'tip'>): Promise<TipSighting>
  findRun(look: LookOf<'find-run'>): Promise<RunSearch>
  run(look: LookOf<'run'>): Promise<RunSearch>
  headTree(look: LookOf<'head-tree'>): Promise<string | null>
  /** One request, never repeated but where the answer proves that nothing was started. Does not throw. */
  dispatch(ask: {
    readonly repository: string
    readonly workflow: string
    readonly ref: string
    readonly inputs: Readonly<Record<string, string>>
    /** Asked at the last moment, after every wait of the client: false, and nothing leaves. */
    readonly maySend: () => boolean
  }): Promise<Extract<Answer, { to: 'dispatch' }>>
  cancelRun(ask: {
    readonly repository: string
    readonly runId: number
  }): Promise<Extract<Answer, { to: 'cancel-run' }>>
  /** The last lines of a job's log, clean of ANSI and timestamps, secrets masked. */
  jobLog(pointer: Extract<LogPointer, { log: 'job' }>, lines: number): Promise<readonly string[]>
  commit(ask: { readonly repository: string; readonly sha: string }): Promise<DatedCommit>
  /** The last commits of a branch, the newest first; none where there is no such branch. @param limit 100 at most */
  recentCommits(ask: {
    readonly repository: string
    readonly branch: string
    readonly limit: number
  }): Promise<readonly DatedCommit[]>
}

/** `date`: ISO 8601; empty where GitHub does not tell. */
export type DatedCommit = Commit & { readonly date: string }

/** A revision that ran well in a service. */
export type PastRevision = {
  readonly revision: Revision
  /** When its rollout was completed, ms. */
  readonly at: number
  readonly commit: DatedCommit | null
}

/** ECS and its logs, as the shepherd needs them. Methods throw `Trouble`. */
export interface Ecs {
  /** The services as they are, with the rollouts of the last minutes. Refuses nothing: a service that is not there is left out. */
  before(look: LookOf<'before'>): Promise<readonly TargetSighting[]>
  rollouts(look: LookOf<'rollouts'>): Promise<readonly TargetSighting[]>
  migration(look: LookOf<'migration'>): Promise<readonly MigrationSighting[]>
  /** The revision of the service's family with this number: ACTIVE, and of a service deployment of this very service, or refused. */
  rollbackTarget(ask: {
    readonly target: Target
    readonly number: number
    readonly containers: readonly string[]
    /** Revisions (ARNs) that twokey itself saw succeed here. */
    readonly ranWell: readonly string[]
  }): Promise<{ readonly revision: Revision } | { readonly refused: Refusal }>
  /** The last revisions whose rollouts completed there, the newest first, each once. */
  past(ask: {
    readonly target: Target
    readonly containers: readonly string[]
    readonly limit: number
  }): Promise<readonly Omit<PastRevision, 'commit'>[]>
  /** `UpdateService` to exactly this revision, sent once. Does not throw. */
  update(ask: {
    readonly target: Target
    readonly revision: Revision
  }): Promise<Extract<Answer, { to: 'update' }>>
  /** The last lines of the migration's log, or of a task that failed in a rollout, secrets masked; its stop reason where there is no log. */
  log(pointer: Exclude<LogPointer, { log: 'job' }>, lines: number): Promise<readonly string[]>
}

/** Who people are, as Slack says at this moment. Fails closed: what cannot be told is not eligible. */
export interface People {
  /** A member of this workspace (no guest, no bot, not deleted, no stranger) whom each list admits by group or by name. */
  standing(id: PersonId, lists: readonly (readonly string[])[]): Promise<Eligibility>
  /** Whether this person may ask for a release. */
  requester(id: PersonId, requesters: 'everyone' | readonly string[]): Promise<Eligibility>
  /** How many eligible people the list holds beside `except`, counted up to `atMost`. Throws `Trouble` where a group cannot be read. */
  count(
    list: readonly string[],
    ask: { readonly except: readonly PersonId[]; readonly atMost: number },
  ): Promise<number>
}

/** A form that is on somebody's screen. `hash`: of what it shows; null: whatever it shows. */
export type OpenForm = { readonly id: string; readonly hash: string | null }

/** `view` null: it was opened before, by a process that was killed. `why`: for people, without a full stop. */
export type Opened =
  | { readonly opened: true; readonly view: OpenForm | null }
  | { readonly opened: false; readonly why: string }

/** Forms on people's screens. Nothing here throws. */
export interface Forms {
  /**
   * Opens it before whoever did this. A trigger lives 3 s and opens once: however often it is asked for, it is sent once.
   * @param channel where answers go
   */
  open(ask: { readonly trigger: string; readonly channel: string; readonly form: Form }): Promise<Opened>
  /** Shows something else in it. `gone`: the person closed it, or it shows something newer. */
  show(
    view: OpenForm,
    ask: { readonly channel: string; readonly form: Form },
  ): Promise<OpenForm | 'gone' | 'trouble'>
}

/**
 * A moment that a test can stop at: between every commit and every effect. Production passes straight through.
 * Named by what comes (`before dispatch`) or by what was done (`card posted`, `approval→ready committed`).
 */
export type Checkpoint = (name: string) => Promise<void> | void

/** The time, ms since the epoch. */
export type Clock = () => number
