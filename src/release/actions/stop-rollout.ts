import { controllersText } from '../controller.ts'
import type { Draft } from '../draft.ts'
import { noteMayNotStop } from '../policy/may-not-stop.ts'
import type { Refusal } from '../refusal.ts'
import { notStoppable } from '../refusals/cards.ts'
import type { Release } from '../release.ts'
import { stateOf } from '../state.ts'
import { askToStop, isStoppable } from '../tracks/stop.ts'
import { type Click, type Confirm, type DecidingButton, serviceEnvironmentText } from './action.ts'
import { neitherRequesterNorApprover } from './ending.ts'

/** The way back while ECS still rolls out: one click, because what served before still does. */
export const stopRollout: DecidingButton = {
  label: 'Roll back',
  style: 'danger',
  confirm,
  isOffered: isStopOffered,
  whoMay: 'requester or approver',
  decide,
  mayStop: ({ stage, mayNotStop }, by) => stage.at === 'underway' && !mayNotStop.includes(by),
}

/** Whether ECS can roll back what it rolls out, without another release. */
export function isStopOffered({ stage, tracks }: Release): boolean {
  return stage.at === 'underway' && tracks.rollouts.some(isStoppable)
}

function decide(draft: Draft, { by }: Pick<Click, 'by'>): Refusal | undefined {
  const { release } = draft
  if (!isStopOffered(release)) return notStoppable({ ...release, state: stateOf(release) })
  const no = neitherRequesterNorApprover(release, by)
  if (no) {
    noteMayNotStop(draft, by)
    return no
  }
  askToStop(draft, by.id)
  draft.record(by.id, 'roll back asked')
  draft.postEachTime('stopping', { tell: 'stopping', by: by.id })
  return undefined
}

function confirm(release: Release): Confirm {
  const where = serviceEnvironmentText(release)
  const stoppable = release.tracks.rollouts.filter(isStoppable)
  const before = stoppable[0]?.before?.revision.name ?? 'the previous revision'
  return {
    title: `Roll ${where} back?`,
    text: `${controllersText(stoppable)} stops the rollout of ${where} and goes back to ${before} at once, without approvals. Migrations are not undone.`,
    yes: 'Roll back',
  }
}
