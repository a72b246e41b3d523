import type { Context } from '../context.ts'
import type { Look, LookName, Observation, SightingOf } from '../look.ts'
import type { Time } from '../names.ts'
import type { ApprovalVerdict } from '../policy/approval.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Refusal } from '../refusal.ts'
import type { Release } from '../release.ts'
import type { Outcome } from '../stage.ts'
import type { Subject } from '../subject.ts'
import { unavailabilityAfter } from '../unavailability.ts'

/** Everything on which a precondition decides. */
export type Facts = { readonly release: Release; readonly seen: Observation; readonly context: Context }

/** The part of it that is known before anything is read for a request: who requests what kind of release, and where. */
export type RequesterFacts = {
  readonly release: Pick<
    Release,
    'service' | 'environment' | 'requester' | 'channel' | 'policy' | 'settleMs' | 'deadlines'
  > & { readonly subject: Pick<Subject, 'kind'>; readonly emergency?: object | null }
  readonly seen: Observation
  readonly context: Pick<Context, 'now'>
}

/** What twokey saw that differs from what was approved, for the audit. */
export type Difference = { readonly what: string; readonly detail: Readonly<Record<string, unknown>> }

/** The result of a check before the dispatch. */
export type Result = Open | Waiting | AskAgain | End

/** `by`: the facts of the decision, for the audit. `changed`: parts of the release that are brought up to date. */
export type Open = {
  readonly is: 'open'
  readonly by: Readonly<Record<string, unknown>>
  readonly changed?: Partial<Release>
}

/** Nothing is sent for now. `why`: stands after "waiting for", without a full stop. */
export type Waiting = {
  readonly is: 'waiting'
  readonly why: string
  /** The look that failed; `since` and `reason` are its. */
  readonly look?: LookName
  readonly since?: Time
  readonly reason?: string
  /** When it ends by itself. */
  readonly until?: Time
}

/** Approvals are requested again: all of them if something `changed`, otherwise those that no longer count. */
export type AskAgain = { readonly is: 'ask again'; readonly why: string } & (
  | { readonly changed: Partial<Release>; readonly differs?: Difference }
  | { readonly counted: ApprovalVerdict }
)

/** The release ends with nothing sent. */
export type End = {
  readonly is: 'end'
  readonly outcome: Outcome
  readonly why: string
  readonly differs?: Difference
  readonly changed?: Partial<Release>
}

/** A result that does not let the release be sent. */
export type NotOpen = Exclude<Result, Open>

/** A check at the request, and again before a dispatch or update. It is pure; the caller applies its result. */
export type Precondition = {
  readonly name: string
  /** Whether a release has this check at all. */
  readonly appliesTo: (release: Release, rules: CurrentRules | null) => boolean
  /** The looks that it needs. */
  readonly looks: (release: Release, rules: CurrentRules | null) => readonly Look[]
  readonly judge: (facts: Facts) => Result
  /**
   * Why a request is refused while this is not open; null: it is not, and the release waits for it. Absent: it never
   * refuses a request.
   */
  readonly refusal?: (facts: Facts, result: NotOpen) => Refusal | null
}

export function open(by: Open['by'] = {}, changed?: Partial<Release>): Open {
  return { is: 'open', by, ...(changed && { changed }) }
}

export function waitFor(why: string, known: Omit<Waiting, 'is' | 'why'> = {}): Waiting {
  return { is: 'waiting', why, ...known }
}

export function end(outcome: Outcome, why: string, known: Pick<End, 'differs' | 'changed'> = {}): End {
  return { is: 'end', outcome, why, ...known }
}

/** Whether this precondition allows the release to be sent, or requested. */
export function isOpen(result: Result): result is Open {
  return result.is === 'open'
}

/**
 * Why a precondition refuses a request by what was read so far; null: it does not. A look that was not made yet refuses
 * nothing.
 */
export function refusalBy<F extends LookFacts>(
  { judge, refusal }: { judge: (facts: F) => Result; refusal: (facts: F, result: NotOpen) => Refusal | null },
  facts: F,
): Refusal | null {
  return refusalOf(refusal, facts, judge(facts))
}

/** The same for a result that is known already. */
export function refusalOf<F extends LookFacts>(
  refusal: ((facts: F, result: NotOpen) => Refusal | null) | undefined,
  facts: F,
  result: Result,
): Refusal | null {
  return isOpen(result) || isUnread(facts, result) ? null : (refusal?.(facts, result) ?? null)
}

/** Whether the result only says that its look was not made yet. */
function isUnread({ seen }: Pick<Facts, 'seen'>, result: Result): boolean {
  return result.is === 'waiting' && result.look !== undefined && seen[result.look] === undefined
}

/** For preconditions that every release has. */
export function always(): boolean {
  return true
}

/** For preconditions that need no look. */
export function noLooks(): readonly Look[] {
  return []
}

type LookFacts = {
  readonly release: Pick<Release, 'settleMs' | 'deadlines'> & Partial<Pick<Release, 'blind'>>
  readonly seen: Observation
  readonly context: Pick<Context, 'now'>
}

/** Judges what a look saw. Nothing is sent while it fails, and after long enough the release ends. */
export function judgeLook<Name extends LookName>(
  { release, seen, context: { now } }: LookFacts,
  look: Name,
  judge: (value: SightingOf<Name>) => Result,
): Result {
  const sighting = seen[look]
  if (sighting === undefined) return waitFor('another check', { look })
  if (sighting.seen) return judge(sighting.value)
  const { since, reason, lost } = unavailabilityAfter(release, { look, sighting, now })
  if (lost) return end('failed', `what was approved could not be checked: ${reason}; nothing was sent`)
  return waitFor('another check', { look, since, reason })
}
