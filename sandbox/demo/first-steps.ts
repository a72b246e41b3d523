import type { ShownSteps } from '../page/shown.ts'
import type { Sandbox } from '../sandbox.ts'
import { slack as seed } from '../seed.ts'
import type { Message } from '../slack/entities.ts'
import { endStates, stateOf } from './card-states.ts'

/** Who may approve in prod, in the order in which the steps name them. */
const approvers = ['U0BEN', 'U0CHLOE', 'U0APPROVER']

/** Ends that need no approvals: the visitor starts again with the first step. */
const endedBefore: readonly string[] = ['rejected', 'cancelled', 'expired', 'superseded']

/**
 * How far a visitor is with the first deploy to prod: requested, approved by one, approved by another. It depends on what
 * Slack shows: the cards of the channel, and who clicked Approve on them.
 */
export function firstSteps({ slack }: Sandbox): ShownSteps {
  const { workspace } = slack
  const cards = workspace.messages(seed.channel.id).flatMap((card) => {
    const state = stateOf(card.text, 'blog-api prod')
    return card.user === workspace.app.userId && state !== undefined ? [{ card, state }] : []
  })
  const newest = cards.at(-1)
  const requester = newest ? requesterOf(slack, newest.card) : 'U0ANA'
  const approved = newest ? approvedBy(slack, newest.card).filter((user) => user !== requester) : []
  const missing = approvers.filter((user) => user !== requester && !approved.includes(user))
  return {
    done: cards.some(({ state }) => isApproved(state)) ? 3 : newest ? doneOf(newest.state, approved) : 0,
    approvers: [...approved, ...missing].slice(0, 2),
    hasEnded: newest !== undefined && endStates.some((end) => newest.state.startsWith(end)),
  }
}

function isApproved(state: string): boolean {
  return !state.startsWith('awaiting approval') && !endedBefore.some((end) => state.startsWith(end))
}

function doneOf(state: string, approved: readonly string[]): number {
  return state.startsWith('awaiting approval') ? Math.min(1 + approved.length, 3) : 0
}

/** Who pushed, as the card says, or typed the command before this card. */
function requesterOf({ workspace }: Sandbox['slack'], { ts, blocks }: Message): string | undefined {
  const pushedBy = /<@(\w+)> pushed/.exec(JSON.stringify(blocks))?.[1]
  if (pushedBy !== undefined) return pushedBy
  return workspace.used.findLast(({ what, at }) => what.startsWith('/') && at < ts)?.user
}

/** The approvers who clicked Approve on this card and are named on it now. */
function approvedBy({ workspace }: Sandbox['slack'], { ts, blocks }: Message): readonly string[] {
  const shown = JSON.stringify(blocks)
  const clicked = workspace.used.flatMap(({ user, what, on }) =>
    what === 'Approve' && on === ts ? [user] : [],
  )
  return [...new Set(clicked)].filter((user) => approvers.includes(user) && shown.includes(`<@${user}>`))
}
