import { isOnCard } from '../engine/card-clicks.ts'
import { decideWithin } from '../engine/commit.ts'
import { lockAsked } from '../engine/lock-offered.ts'
import type { Asked, InboxItem } from '../messages/intent.ts'
import type { NewRequest, RequestingButton } from '../release/actions/action.ts'
import { actions, type DecidingAction, isDeciding } from '../release/actions/actions.ts'
import type { Eligibility, Policy } from '../release/policy/approval.ts'
import { serviceUnknownByNow } from '../release/refusals/asking.ts'
import { cardMismatch } from '../release/refusals/cards.ts'
import { releaseUnknown } from '../release/refusals/trouble.ts'
import type { Release } from '../release/release.ts'
import { pausePoliciesOf, policiesOf, serviceEnvironmentOf } from '../settings/settings.ts'
import { channelStanding } from './channel-check.ts'
import { type AnswerDeps, completeInTransaction, completeWithRefusal } from './complete.ts'
import { lock } from './locks.ts'
import { askWhy } from './open-form.ts'
import { prepareDeploy, prepareRollback } from './prepare.ts'
import { prepareRerun } from './prepare-rerun.ts'
import { askFor } from './request-release.ts'

type ButtonClick = InboxItem & { readonly asked: Extract<Asked, { ask: 'action' }> }

/** Handles a click on a card's button. Its value only routes: the release, its card and the person are looked up here. */
export async function clickedButton(deps: AnswerDeps, item: ButtonClick): Promise<void> {
  const { releaseId, action, round, card } = item.asked
  const release = await deps.store.release(releaseId)
  if (release === null) return completeWithRefusal(deps, item, releaseUnknown())
  const stored = await deps.store.card(releaseId)
  const { receivedAt } = item
  if (stored === null || !isOnCard(stored, { action, card, receivedAt }))
    return completeWithRefusal(deps, item, cardMismatch(releaseId))
  return isDeciding(action)
    ? handleClick(deps, item, { release, action, round })
    : requestBy(deps, item, release, actions[action])
}

/** Cancels a release by the command or from its list, on which no card shows a round. */
export async function cancelRelease(deps: AnswerDeps, item: InboxItem, releaseId: string): Promise<void> {
  const release = await deps.store.release(releaseId)
  return release === null
    ? completeWithRefusal(deps, item, releaseUnknown())
    : handleClick(deps, item, { release, action: 'cancel', round: null })
}

/** What a person wants to decide about a release. `round`: of the card that they saw; null: of none. */
type Decided = {
  readonly release: Release
  readonly action: DecidingAction
  readonly round: number | null
}

/** Looks up the person, then counts the click and wakes the release in one transaction. */
async function handleClick(deps: AnswerDeps, item: InboxItem, wanted: Decided): Promise<void> {
  const { release: seen, action, round } = wanted
  const by = { id: item.from.user, standing: await standingOf(deps, item, wanted) }
  const input = { on: action, by, round, pressedAt: item.receivedAt }
  await deps.checkpoint(`before ${action} committed`)
  let counted = false
  await completeInTransaction(deps, item, async (tx, now) => {
    const release = await tx.releaseForUpdate(seen.id)
    if (release === null) throw new Error(`release ${seen.id} has gone from the store`)
    const committed = await decideWithin(tx, { release, input, settings: deps.settings, now })
    if ('refused' in committed) return { reply: 'refusal', refusal: committed.refused }
    counted = true
    return null
  })
  await deps.checkpoint(`${action} committed`)
  if (action !== 'reject' || !counted) return
  await askWhy(deps, item, seen)
}

/** For a withdrawal of one's own approval nobody is looked up, because it only removes. */
const notLookedUp: Eligibility = { eligible: false, why: 'identity_unknown', sentence: 'not looked up' }

/**
 * Whether the person is eligible now, for what the button needs. Both policies decide: that of the release, and the
 * current one.
 */
async function standingOf(
  { outside: { people, channels }, settings }: AnswerDeps,
  { from }: InboxItem,
  { release, action }: Decided,
): Promise<Eligibility> {
  const { whoMay } = actions[action]
  const byPolicies = (policies: readonly Pick<Policy, 'approvers'>[]) =>
    people.standing(
      from,
      policies.map(({ approvers }) => approvers),
    )
  switch (whoMay) {
    case 'whoever approved':
      return notLookedUp
    case 'approver':
    case 'requester or approver':
      return byPolicies(policiesOf(settings, release))
    case 'usual approver':
      return byPolicies(policiesOf(settings, underUsualPolicy(release)))
    case 'approver of the pause':
    case 'approver in the channel': {
      const policies =
        whoMay === 'approver of the pause'
          ? pausePoliciesOf(settings, release)
          : policiesOf(settings, release)
      const standing = await byPolicies(policies)
      if (!standing.eligible) return standing
      return (await channelStanding(channels, release.channel, policies)) ?? standing
    }
  }
}

/** An emergency release under its usual policy. */
function underUsualPolicy(release: Release): Release {
  const { emergency } = release
  return emergency === null ? release : { ...release, policy: emergency.usual, emergency: null }
}

/** Handles a new request by a click: a release with its own approvals, or a lock. */
async function requestBy(
  deps: AnswerDeps,
  item: ButtonClick,
  release: Release,
  button: RequestingButton,
): Promise<void> {
  const requested = button.request(release)
  if ('refused' in requested) return completeWithRefusal(deps, item, requested.refused)
  if (requested.request === 'lock') return lock(deps, item, lockAsked(release, requested))
  return requestRelease(deps, item, release, requested)
}

function requestRelease(
  deps: AnswerDeps,
  item: ButtonClick,
  release: Release,
  requested: Exclude<NewRequest, { request: 'lock' }>,
): Promise<void> {
  const serviceEnvironment = serviceEnvironmentOf(deps.settings, release)
  if (!serviceEnvironment) return completeWithRefusal(deps, item, serviceUnknownByNow(release))
  const { from, asked } = item
  const retryOf = asked.action === 'retry' ? { retryOf: release.id } : {}
  return askFor(deps, item, serviceEnvironment, () => {
    switch (requested.request) {
      case 'deploy':
        return prepareDeploy(deps, { serviceEnvironment, from, ref: requested.sha, ...retryOf })
      case 'rollback':
        return prepareRollback(deps, {
          serviceEnvironment,
          from,
          number: requested.number,
          named: requested.name,
          ...retryOf,
        })
      case 'rerun':
        return prepareRerun(deps, { serviceEnvironment, from, failed: release, run: requested.run })
    }
  })
}
