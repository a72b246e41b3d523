import type { AuditHead, ChainEnd } from './effects.ts'
import type { PersonId, ServiceEnvironmentName, Target } from './names.ts'
import type { OtherRun } from './other-runs.ts'
import type { Origin, RolloutNews } from './outside-changes.ts'
import type { Lock } from './policy/lock.ts'
import type { Refusal } from './refusal.ts'
import type { Revision } from './revision.ts'
import type { Evidence, NewerRun, RolloutSighting } from './sighting.ts'

/** An event in an environment that belongs to no release. */
export type Notice =
  | LockNotice
  | StartNotice
  | SupersededNotice
  | BeyondNotice
  | SetupNotice
  | GateNotice
  | UnaskedNotice
  | OutsideNotice
  | FailingNotice

/** A rollout that twokey did not start began, or went wrong. */
export type OutsideNotice = ServiceEnvironmentName & {
  readonly notice: 'outside'
  readonly news: RolloutNews
  readonly target: Target
  readonly rollout: Pick<RolloutSighting, 'revision' | 'verdict' | 'reason' | 'createdAt' | 'images'>
  /** Null: it could not be read. */
  readonly origin: Origin | null
  /** The run on GitHub that was in progress when it began. Null: none was, or GitHub could not be read. */
  readonly run: OtherRun | null
  /** The people to notify. */
  readonly mention: readonly string[]
}

/** Tasks of a service keep failing, and no release is in progress there. */
export type FailingNotice = ServiceEnvironmentName & {
  readonly notice: 'tasks-failing'
  readonly target: Target
  readonly count: number
  /** Within how long they failed, ms. */
  readonly withinMs: number
  /** `blog-api:42` of the newest; null: ECS does not say. */
  readonly revision: string | null
  /** Why the newest failed, without a full stop. It may quote text from outside. */
  readonly why: string
  /** The people to notify. */
  readonly mention: readonly string[]
}

/** A run was rejected at the gate of an environment at once, without asking anybody. */
export type GateNotice = {
  readonly notice: 'rejected-at-gate'
  readonly environment: string
  readonly workflow: string
  readonly run: StartNotice['run']
  readonly refusal: Pick<Refusal, 'sentence' | 'next' | 'link'>
}

/** A run waits at the gate of an environment, and nobody can be asked to approve it. */
export type UnaskedNotice = {
  readonly notice: 'not-asked-at-gate'
  readonly environment: string
  readonly workflow: string
  readonly run: StartNotice['run']
  /** What could not be read or sent, without a full stop. It may quote text from outside. */
  readonly why: string
}

/** The run of a release changed another service environment, for which nobody had approved it. */
export type BeyondNotice = ServiceEnvironmentName & {
  readonly notice: 'changed-beyond-approval'
  readonly revision: Revision
  readonly evidence: Evidence
  readonly by: ServiceEnvironmentName & {
    readonly release: string
    readonly requester: PersonId
    readonly run: { readonly id: number; readonly number?: number; readonly url: string } | null
  }
  /** The approvers there, and the people to notify. */
  readonly mention: readonly string[]
}

/** Somebody started the workflow directly on GitHub, where twokey cannot stop it. */
export type StartNotice = {
  readonly notice: 'started-on-github'
  readonly environment: string
  /** Services that the run may deploy. */
  readonly services: readonly string[]
  readonly workflow: string
  /** How many approvals twokey would have required. */
  readonly required: number
  /** It never asked at the gate, which it passed: how it ended. Absent: it is in progress, or meets no gate of twokey's. */
  readonly pastGate?: 'succeeded' | 'failed'
  readonly run: {
    readonly id: number
    readonly number?: number
    readonly attempt: number
    readonly url: string
    /** GitHub's name of the event that started the run. */
    readonly event: string
    readonly branch: string | null
    readonly sha: string
    /** GitHub login; null if it is not known. */
    readonly login: string | null
  }
}

/** GitHub cancelled a run for a newer one before it reached the gate, where its approvals would have been asked for. */
export type SupersededNotice = {
  readonly notice: 'superseded-before-gate'
  readonly environment: string
  readonly workflow: string
  readonly run: StartNotice['run']
  readonly newer: NewerRun
}

/**
 * Things that twokey.yml or the environment variables name and that do not exist outside, found at the start of
 * twokey.
 */
export type SetupNotice = {
  readonly notice: 'setup-wrong'
  readonly problems: readonly SetupProblem[]
  /** How many more there are. */
  readonly more: number
}

/** All fields may quote text from outside. `next`: null if `says` names it. */
export type SetupProblem = { readonly about: string; readonly says: string; readonly next: string | null }

/** An event of a lock. */
export type LockNotice =
  | { readonly notice: 'locked'; readonly lock: Lock }
  | { readonly notice: 'taken-over'; readonly lock: Lock; readonly from: Lock }
  | { readonly notice: 'unlocked'; readonly lock: Lock; readonly by: PersonId }
  /** The lock has expired. */
  | { readonly notice: 'lock-ended'; readonly lock: Lock }
  /** Reminds the lock's holder. */
  | { readonly notice: 'still-locked'; readonly lock: Lock }

/** A notice for a channel, with the head of the audit chain that records the same event, so that Slack shows it too. */
export type Announced = {
  readonly notice: Notice
  readonly chain: string
  readonly head: AuditHead
  /** The head of another chain that no post of its own shows. */
  readonly also?: ChainEnd
}
