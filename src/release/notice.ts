import type { AuditHead, ChainEnd } from './effects.ts'
import type { PersonId, Place } from './names.ts'
import type { Lock } from './policy/lock.ts'
import type { Revision } from './revision.ts'
import type { Evidence } from './sighting.ts'

/** What happened in an environment and to no release. */
export type Notice = LockNotice | StartNotice | BeyondNotice | SetupNotice

/** The run of another release changed a service environment that nobody had approved it for. */
export type BeyondNotice = Place & {
  readonly notice: 'changed-beyond-approval'
  readonly revision: Revision
  readonly evidence: Evidence
  readonly by: Place & {
    readonly release: string
    readonly requester: PersonId
    readonly run: { readonly id: number; readonly url: string } | null
  }
  /** The approvers there, and who is to be notified. */
  readonly mention: readonly string[]
}

/** Somebody started the workflow on GitHub, where no gate of twokey holds them. */
export type StartNotice = {
  readonly notice: 'started-on-github'
  readonly environment: string
  /** Those that the run may ship. */
  readonly services: readonly string[]
  readonly workflow: string
  /** How many approvals twokey would have asked for. */
  readonly required: number
  readonly run: {
    readonly id: number
    readonly attempt: number
    readonly url: string
    /** GitHub's word for what started it. */
    readonly event: string
    readonly branch: string | null
    readonly sha: string
    /** GitHub login; null where it is not told. */
    readonly login: string | null
  }
}

/** What twokey.yml or the environment names and the outside does not have, found at the start of twokey. */
export type SetupNotice = {
  readonly notice: 'setup-wrong'
  readonly problems: readonly SetupProblem[]
  /** How many more there are. */
  readonly more: number
}

/** All three may quote text from outside. `next`: null if `says` names it. */
export type SetupProblem = { readonly about: string; readonly says: string; readonly next: string | null }

/** What happened to a lock. */
export type LockNotice =
  | { readonly notice: 'locked'; readonly lock: Lock }
  | { readonly notice: 'taken-over'; readonly lock: Lock; readonly from: Lock }
  | { readonly notice: 'unlocked'; readonly lock: Lock; readonly by: PersonId }
  /** Its time is over. */
  | { readonly notice: 'lock-ended'; readonly lock: Lock }
  /** Reminds whoever holds it. */
  | { readonly notice: 'still-locked'; readonly lock: Lock }

/** A notice for a channel, with where the audit chain that says the same ends: Slack is its witness. */
export type Announced = {
  readonly notice: Notice
  readonly chain: string
  readonly head: AuditHead
  /** Where another chain ended that no post of its own shows. */
  readonly also?: ChainEnd
}
