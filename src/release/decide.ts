import { type Eligibility, type Policy, stricter } from './approval.ts'
import { Draft } from './draft.ts'
import type { Answer, AuditEntry, Effect } from './effects.ts'
import type { Observation } from './observation.ts'
import type { Refusal } from './refusal.ts'
import type { PersonId, Release, Time } from './release.ts'
import { approve, stepApproval } from './steps/approval.ts'
import { cancel, lookAgain, settle, supersede } from './steps/end.ts'
import { stepReady } from './steps/ready.ts'
import { explain, reject } from './steps/rejection.ts'
import { answered, stepSending } from './steps/sending.ts'
import { stepUnderway } from './steps/underway.ts'
import { stepWait } from './steps/wait.ts'

/** A person who clicked, and how they stand against the approvers of the release. */
export type Clicker = { readonly id: PersonId; readonly standing: Eligibility }

/** All that may happen to a release. A restart and a poll are a look; a click may come at any moment. */
export type Input =
  /** `round`: of the card that was clicked. */
  | { readonly on: 'approve'; readonly by: Clicker; readonly round: number | null }
  | { readonly on: 'reject'; readonly by: Clicker; readonly reason: string | null }
  /** Why, said after the rejection. */
  | { readonly on: 'explain'; readonly by: { readonly id: PersonId }; readonly why: string }
  | { readonly on: 'cancel'; readonly by: Clicker }
  | { readonly on: 'settle'; readonly by: Clicker }
  | { readonly on: 'look-again'; readonly by: Clicker }
  | { readonly on: 'supersede'; readonly by: Pick<Release, 'id' | 'requester'> }
  | { readonly on: 'look'; readonly seen: Observation }
  | { readonly on: 'answer'; readonly answer: Answer }

export type Context = {
  readonly now: Time
  /** Other releases that hold one of our targets. */
  readonly holders: readonly Release[]
  /** The policy that the config names today; null where it no longer names the environment. */
  readonly today: Policy | null
}

export type Decision =
  | { readonly next: Release; readonly effects: readonly Effect[]; readonly audit: readonly AuditEntry[] }
  | { readonly refused: Refusal; readonly audit: readonly AuditEntry[] }

/** What follows from one input: the release as it is then, what is wanted done, and what is written in the audit. */
export function decide(release: Release, input: Input, context: Context): Decision {
  const draft = new Draft(release, context.now)
  const refused = take(draft, input, context)
  if (refused) {
    const actor = 'by' in input ? input.by.id : 'twokey'
    return { refused, audit: [{ actor, what: `${input.on} refused`, detail: { code: refused.code } }] }
  }
  return { next: draft.release, effects: draft.effects, audit: draft.audit }
}

function take(draft: Draft, input: Input, context: Context): Refusal | undefined {
  tighten(draft, context)
  switch (input.on) {
    case 'approve':
      return approve(draft, input)
    case 'reject':
      return reject(draft, input.by, input.reason)
    case 'explain':
      return explain(draft, input.by.id, input.why)
    case 'cancel':
      return cancel(draft, input.by)
    case 'settle':
      return settle(draft, input.by)
    case 'look-again':
      return lookAgain(draft, input.by)
    case 'supersede':
      return supersede(draft, input.by)
    case 'answer':
      return answered(draft, input.answer)
    case 'look':
      return step(draft, input.seen, context)
  }
}

/** Until something is sent, today's policy holds where it is stricter than the one it was asked under. */
function tighten(draft: Draft, { today }: Context): void {
  const { stage, policy } = draft.release
  if (today !== null && (stage.at === 'approval' || stage.at === 'wait' || stage.at === 'ready'))
    draft.change({ policy: stricter(policy, today) })
}

/** The story of a release, a step at a time: a deploy and a rollback differ in `sending` and `underway`. */
function step(draft: Draft, seen: Observation, context: Context): undefined {
  switch (draft.release.stage.at) {
    case 'approval':
      return stepApproval(draft)
    case 'wait':
      return stepWait(draft)
    case 'ready':
      return stepReady(draft, seen, context)
    case 'sending':
      return stepSending(draft, seen)
    case 'underway':
      return stepUnderway(draft, seen)
    case 'ended':
      return undefined
  }
}
