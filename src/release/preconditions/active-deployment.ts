import type { ActiveDeployment } from '../active-deployment.ts'
import { type Target, targetName } from '../names.ts'
import { isOwn } from '../policy/pause-round.ts'
import { isEnded, type Release } from '../release.ts'
import type { RollbackSighting } from '../sighting.ts'
import type { Subject } from '../subject.ts'
import { type Facts, judgeLook, open, type Precondition, type Result, waitFor } from './precondition.ts'
import { rollbackTarget } from './rollback-target.ts'

type RollbackSubject = Extract<Subject, { kind: 'rollback' }>

/**
 * CodeDeploy deploys nothing to the targets of a rollback, because it allows one deployment at a time. What is in
 * progress is stopped if the approvals name it, or if it belongs to a release that the rollback replaces.
 */
export const activeDeployment = {
  name: 'active deployment',
  appliesTo: rollbackTarget.appliesTo,
  looks: rollbackTarget.looks,
  judge,
} satisfies Precondition

function judge(facts: Facts): Result {
  const { subject } = facts.release
  if (subject.kind !== 'rollback') return open()
  return judgeLook(facts, 'rollbackTarget', (sighting) => judgeActive(facts, subject, sighting))
}

function judgeActive(facts: Facts, subject: RollbackSubject, sighting: RollbackSighting): Result {
  const active = sighting.usable ? sighting.active : []
  const stops = active.filter((each) => isToStop(each, subject))
  const other = stops.find((each) => !isApproved(each, subject) && ownerOf(each, facts) === 'others')
  if (other)
    return {
      is: 'ask again',
      why: `${deploymentText(other)} began, which the rollback would stop`,
      changed: { subject: { ...subject, stops: stops.map(({ is: _, ...stop }) => stop) } },
    }
  const [first] = active
  if (!first) return open()
  return waitFor(waitText(first, deploymentsToStop(facts).includes(first) ? 'stopped' : 'awaited'))
}

/** The deployments in progress that CodeDeploy is to stop for the rollback now. */
export function deploymentsToStop(facts: Facts): readonly ActiveDeployment[] {
  const { rollbackTarget: look } = facts.seen
  const { subject } = facts.release
  if (subject.kind !== 'rollback' || !look?.seen || !look.value.usable) return []
  return look.value.active.filter(
    (each) => isToStop(each, subject) && (isApproved(each, subject) || ownerOf(each, facts) === 'replaced'),
  )
}

/** A deployment that brings the same revision may go on. */
function isToStop({ is, revision }: ActiveDeployment, subject: RollbackSubject): boolean {
  return is === 'stoppable' && revision !== subject.revision.name
}

function isApproved({ deploymentId }: ActiveDeployment, { stops = [] }: RollbackSubject): boolean {
  return stops.some((each) => each.deploymentId === deploymentId)
}

/** Whose a deployment is: of a release that the rollback replaces, or of others. A run may not have shown yet which is its own. */
function ownerOf(
  { target, deploymentId }: ActiveDeployment,
  { release, context: { holders, now } }: Facts,
): 'replaced' | 'others' | 'not known yet' {
  const isTheirs = (holder: Release) =>
    holder.tracks.rollouts.some((track) => isOwn(track) && track.seen?.deploymentId === deploymentId)
  if (holders.some(isTheirs)) return 'replaced'
  const { stage, settleMs } = release
  const askedAt = stage.at === 'ready' ? stage.placeAskedAt : null
  const mayShow = askedAt === null || now - askedAt < settleMs
  return mayShow && holders.some((holder) => mayStillBind(holder, target)) ? 'not known yet' : 'others'
}

function mayStillBind(holder: Release, target: Target): boolean {
  const name = targetName(target)
  return (
    !isEnded(holder) &&
    holder.tracks.rollouts.some((track) => targetName(track.target) === name && !isOwn(track))
  )
}

function deploymentText({ deploymentId, target, revision }: ActiveDeployment): string {
  return `the deployment ${deploymentId}${revision === null ? '' : ` of ${revision}`} to ${targetName(target)}`
}

function waitText(active: ActiveDeployment, becomes: 'stopped' | 'awaited'): string {
  if (becomes === 'stopped') return `CodeDeploy to stop ${deploymentText(active)}`
  const end = `the end of ${deploymentText(active)}: CodeDeploy allows one at a time`
  return active.is === 'of CloudFormation' ? `${end}, and only its stack can cancel this one` : end
}
