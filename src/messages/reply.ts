import type { DeployRoleCheck, KnownGate } from '../ports/gates.ts'
import type { PastRevision } from '../ports/ports.ts'
import type { Left } from '../release/left-serving.ts'
import type { PersonId, ServiceEnvironmentName, Target, Time } from '../release/names.ts'
import type { Freeze } from '../release/policy/freeze.ts'
import type { Lock } from '../release/policy/lock.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Release } from '../release/release.ts'
import type { State } from '../release/stage.ts'
import type { Commit } from '../release/subject.ts'
import type { UnreleasedRollout } from '../release/unreleased.ts'
import type { HistoryAsked, LockAsked, StatusAsked } from './intent.ts'
import type { CardPlace } from './places.ts'

/** An answer to one person alone, rendered by Slack's cards. It is stored until it is sent. */
export type Reply =
  | {
      readonly reply: 'refusal'
      readonly refusal: Refusal
      /** A button that offers to take over the lock that blocks the request. */
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
      /**
       * How such a command is written, and the names in the config file; absent if an older version of twokey stored the
       * answer.
       */
      readonly usage?: string
      readonly services?: readonly string[]
      readonly environments?: readonly string[]
    }
  /** The release was requested. `card` is where its card is. */
  | {
      readonly reply: 'asked'
      readonly releaseId: string
      readonly headline: string
      readonly channel: string
    }
  | DoctorReply
  | { readonly reply: 'done'; readonly sentence: string }
  | {
      readonly reply: 'status'
      readonly asked: StatusAsked
      readonly rows: readonly StatusRow[]
      /** The position of the rows among all: the number of the first, from 1, and the total. */
      readonly span: { readonly first: number; readonly of: number }
      readonly pages: Pages<StatusAsked>
      readonly cards: Cards
    }
  | {
      readonly reply: 'history'
      readonly asked: HistoryAsked
      readonly releases: readonly Release[]
      /** Rollouts outside twokey in the time of these releases. Absent if an older version of twokey stored the answer. */
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
  /** The caller has several releases in progress; each gets its button. */
  | { readonly reply: 'pick-cancel'; readonly releases: readonly Release[] }

/** The requests behind the buttons under a list; null if there is no such page. */
export type Pages<Asking> = { readonly previous: Asking | null; readonly next: Asking | null }

/** Where the cards of releases are, by release. */
export type Cards = Readonly<Record<string, CardPlace>>

/** Whether both are the same message. */
export function isSameCard(one: CardPlace, other: CardPlace): boolean {
  return one.channel === other.channel && one.ts === other.ts
}

/** Whether a card was posted after this time (ms), in place of an earlier one. A message's `ts` is when it was posted, in seconds. */
export function wasPostedAfter({ ts }: CardPlace, time: Time): boolean {
  return Number(ts) * 1_000 > time
}

/** A service in an environment. */
export type StatusRow = {
  readonly service: string
  readonly environment: string
  readonly targets: readonly TargetStatus[]
  /** The last release that was sent there, if it ended badly. Absent: it did not, or an older version of twokey stored the answer. */
  readonly lastFailed?: Release
  /** Releases that block it, oldest first: in progress, or `unknown` and not settled. */
  readonly inFlight: readonly Release[]
  /** Emergency deploys to it that nobody has acknowledged, oldest first. */
  readonly unacknowledged: readonly Release[]
  /** The locks that apply, that of the whole environment first. */
  readonly locks: readonly Lock[]
  /** The freeze that applies now; null: none. */
  readonly freeze: Freeze | null
  readonly policy: PolicyHeld
}

/** What doctor found, by twokey's own permissions. */
export type DoctorReply = {
  readonly reply: 'doctor'
  /** Null: all environments. */
  readonly environment: string | null
  /** What is not in order, the worst first. */
  readonly problems: readonly SetupFault[]
  /** How many checks found nothing to mend. */
  readonly ok: number
}

/** A fault of the setup, or what could not be read of it. All fields but `why` may quote text from outside. */
export type SetupFault = {
  readonly verdict: 'error' | 'warning' | 'not readable'
  readonly label: string
  readonly about: string
  readonly evidence: string
  readonly why: string
  readonly next: string | null
}

/**
 * How far GitHub enforces the policy. `none`: no approvals are required. `detected`: others can start the workflow on GitHub
 * without them, whatever GitHub's own gate requires; twokey reports it when it happens.
 */
export type PolicyHeld =
  | { readonly held: 'none' }
  | {
      readonly held: 'detected'
      readonly gate: KnownGate
      /** Absent if twokey does not hold the gate, or if an older version of twokey stored the answer. */
      readonly role?: DeployRoleCheck
      /** Where GitHub has the gate. Absent if an older version of twokey stored the answer. */
      readonly at?: { readonly repository: string; readonly githubEnvironment: string }
      /** What else starts the workflow there. Absent if an older version of twokey stored the answer. */
      readonly startsOn?: readonly string[]
    }

/** What serves a target. An error is for people, without a full stop. */
export type TargetStatus = { readonly target: Target } & (
  | {
      readonly seen: 'yes'
      readonly revision: string
      /** Null if the revision carries no commit; `unread` then says why it is not known. */
      readonly commit: Commit['sha'] | null
      readonly unread: string | null
      /** ms; null if ECS does not report it. */
      readonly since: Time | null
      /** The release that rolled it out; null: none of twokey's. */
      readonly by: Brought | null
      /** What the last release left, if something else serves. Absent: it serves, no release is known, or one is in progress. */
      readonly drift?: Left
      /** The release whose run rolled it out without an approval; absent if none is known. */
      readonly unapproved?: { readonly release: string } & ServiceEnvironmentName
    }
  | { readonly seen: 'no'; readonly why: string }
)

/** `afterEnd`: it was rolled out after the release had ended, while its run was in progress or later. Absent: before the end. */
export type Brought = {
  readonly release: string
  readonly afterEnd?: 'in its run' | 'after its run'
  readonly state: State
  readonly requester: PersonId
  readonly approvers: readonly PersonId[]
}
