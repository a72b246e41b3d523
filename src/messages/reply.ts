import type { KnownGate, PastRevision } from '../ports/ports.ts'
import type { Freeze } from '../release/freeze.ts'
import type { Lock } from '../release/lock.ts'
import type { PersonId, Place, Target, Time } from '../release/names.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Release } from '../release/release.ts'
import type { State } from '../release/stage.ts'
import type { Commit } from '../release/subject.ts'
import type { UnreleasedRollout } from '../release/unreleased.ts'
import type { HistoryAsked, LockAsked, StatusAsked } from './intent.ts'
import type { CardPlace } from './places.ts'

/** An answer to one person alone. Rendered by Slack's cards; also what is stored until it is sent. */
export type Reply =
  | {
      readonly reply: 'refusal'
      readonly refusal: Refusal
      /** What a button offers: to take over the lock that is in the way. */
      readonly takeOver?: LockAsked
      /** Where the card is of the release that the refusal is about. */
      readonly card?: CardPlace
    }
  | {
      readonly reply: 'help'
      readonly command: string
      readonly services: readonly string[]
      readonly environments: readonly string[]
    }
  | {
      readonly reply: 'unclear'
      readonly said: string
      readonly why: string
      readonly nearest: string | null
      readonly command: string
      /** How such a command is written, and the names that are known; absent in what an older twokey stored. */
      readonly usage?: string
      readonly services?: readonly string[]
      readonly environments?: readonly string[]
    }
  /** The release is asked for: where its card is. */
  | {
      readonly reply: 'asked'
      readonly releaseId: string
      readonly headline: string
      readonly channel: string
    }
  | { readonly reply: 'done'; readonly sentence: string }
  | {
      readonly reply: 'status'
      readonly asked: StatusAsked
      readonly rows: readonly StatusRow[]
      /** Where the rows stand among all: the first's number, from 1, and how many there are. */
      readonly span: { readonly first: number; readonly of: number }
      readonly pages: Pages<StatusAsked>
      readonly cards: Cards
    }
  | {
      readonly reply: 'history'
      readonly asked: HistoryAsked
      readonly releases: readonly Release[]
      /** What was shipped outside twokey in the time of these releases. Absent where an older twokey answered. */
      readonly outside?: readonly UnreleasedRollout[]
      readonly pages: Pages<HistoryAsked>
      readonly cards: Cards
    }
  | {
      readonly reply: 'revisions'
      readonly service: string
      readonly environment: string
      readonly revisions: readonly PastRevision[]
      readonly serving: string | null
    }
  /** Several releases of the caller are in progress: each with its button. */
  | { readonly reply: 'pick-cancel'; readonly releases: readonly Release[] }

/** What the buttons under a list ask for; null where there is no such page. */
export type Pages<Asking> = { readonly previous: Asking | null; readonly next: Asking | null }

/** Where the cards of releases are, by release. */
export type Cards = Readonly<Record<string, CardPlace>>

/** Whether both are one message. */
export function isSameCard(one: CardPlace, other: CardPlace): boolean {
  return one.channel === other.channel && one.ts === other.ts
}

/** A service in an environment. */
export type StatusRow = {
  readonly service: string
  readonly environment: string
  readonly targets: readonly TargetStatus[]
  /** Releases that hold its place, the oldest first: in progress, or with an `unknown` end that nobody settled. */
  readonly inFlight: readonly Release[]
  /** Emergencies that shipped there, and that nobody has acknowledged; the oldest first. */
  readonly unacknowledged: readonly Release[]
  /** Those that hold it, that of the whole environment first. */
  readonly locks: readonly Lock[]
  /** The freeze that holds there now; null: none. */
  readonly freeze: Freeze | null
  readonly policy: PolicyHeld
}

/**
 * Whether the policy can be passed. `none`: no approvals are asked for. `detected`: others can start the workflow on GitHub past
 * them, whatever GitHub's own gate asks; that is told when it happens.
 */
export type PolicyHeld =
  | { readonly held: 'none' }
  | {
      readonly held: 'detected'
      readonly gate: KnownGate
      /** What else starts the workflow there. Absent where an older twokey answered. */
      readonly startsOn?: readonly string[]
    }

/** What serves a target. Trouble is told for people, without a full stop. */
export type TargetStatus = { readonly target: Target } & (
  | {
      readonly seen: 'yes'
      readonly revision: string
      /** Null where it names none; with `unread`, why it is not known. */
      readonly commit: Commit['sha'] | null
      readonly unread: string | null
      /** ms; null where ECS does not tell. */
      readonly since: Time | null
      /** The release that brought it; null: none of ours. */
      readonly by: Brought | null
      /** The release whose run rolled it out without an approval; absent: none that is known of. */
      readonly unapproved?: { readonly release: string } & Place
    }
  | { readonly seen: 'no'; readonly why: string }
)

/** `afterEnd`: it was rolled out after the release had ended, while its run was in progress or afterwards. Absent: within it. */
export type Brought = {
  readonly release: string
  readonly afterEnd?: 'in its run' | 'after its run'
  readonly state: State
  readonly requester: PersonId
  readonly approvers: readonly PersonId[]
}
