import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import { isSamePerson, whyBarred } from '../policy/approval.ts'
import { pauseVerdict } from '../policy/pause-round.ts'
import { lockRefusal } from '../policy/show-lock.ts'
import type { Refusal } from '../refusal.ts'
import { alreadyApproved, cardOutdated, mayNotApprove, notPaused } from '../refusals/cards.ts'
import { mayNotClick } from '../refusals/people.ts'
import type { Release } from '../release.ts'
import { stateOf } from '../state.ts'
import { isHeldBack } from '../tracks/pause.ts'
import { type Click, type Confirm, type DecidingButton, serviceEnvironmentText } from './action.ts'
import { neitherRequesterNorApprover } from './ending.ts'

export const continueRollout: DecidingButton = {
  label: 'Continue',
  style: 'primary',
  confirm,
  isOffered,
  whoMay: 'approver of the pause',
  decide,
}

/** Offered until ECS is asked to continue. After a request to stop, only the way back is left. */
function isOffered(release: Release): boolean {
  const { stage, pause } = release
  return stage.at === 'underway' && pause !== undefined && pause.sent === null && !isHeldBack(release)
}

/** Counts one approval to continue. The last one lets the next look ask ECS. */
function decide(
  draft: Draft,
  { by, round, pressedAt }: Click,
  { lock }: Pick<Context, 'lock'>,
): Refusal | undefined {
  const { release, now } = draft
  const { pause } = release
  if (!isOffered(release) || !pause) return notPaused({ ...release, state: stateOf(release) })
  if (round !== release.round) return cardOutdated('Continue')
  const locked = lockRefusal(release, lock, by.id)
  if (locked) return locked
  const { policy, approvals } = pause
  if (policy.required === 0) {
    const no = neitherRequesterNorApprover(release, by)
    if (no) return no
  } else {
    if (!by.standing.eligible) return mayNotClick(by.standing, 'continue', release.environment)
    const why = whyBarred({ policy, requester: release.requester, subject: release.subject, by: by.id })
    if (why !== null) return mayNotApprove(why, 'Continue')
  }
  if (approvals.some((approval) => isSamePerson(policy, approval.by, by.id)))
    return alreadyApproved('Continue')
  const via = by.standing.eligible ? by.standing.via : by.id
  const approval = { by: by.id, at: Math.min(pressedAt, now), via }
  const counted = { ...pause, approvals: [...approvals, approval] }
  draft.change({ pause: counted })
  const { missing } = pauseVerdict(release, counted)
  draft.record(by.id, 'continue approved', { via, missing, hooks: pause.hooks.map(({ hookId }) => hookId) })
  return undefined
}

function confirm(release: Release): Confirm {
  const where = serviceEnvironmentText(release)
  const [shift] = release.tracks.rollouts.flatMap(({ seen }) => seen?.shift ?? [])
  const share =
    shift?.production == null ? '' : ` The new version has ${shift.production} % of production traffic now.`
  return {
    title: `Continue ${where}?`,
    text: `This approves that the rollout of ${where} continues.${share}`,
    yes: 'Continue',
  }
}
