import { type ApprovalVerdict, evaluate, mayBeShared, type Policy } from '../approval.ts'
import type { Context } from '../context.ts'
import type { CurrentRules } from '../current-rules.ts'
import type { Draft } from '../draft.ts'
import { sentInputs } from '../input-binding.ts'
import type { Observation } from '../look.ts'
import { type Time, targetName } from '../names.ts'
import { endedBeforeItsRun, isEnded, type Release } from '../release.ts'
import type { TargetSighting } from '../sighting.ts'
import type { RolloutTrack } from '../tracks.ts'
import { isTimeToSend, sendBy } from './age.ts'
import { askFrom, binding } from './approval.ts'
import { authorsHold } from './authors.ts'
import { commitHolds } from './branch.ts'
import { endIfFrozen } from './freeze.ts'
import { endIfLocked } from './lock.ts'
import { noteOthers } from './other-runs.ts'
import { blocked, readLook } from './read-look.ts'
import { rollbackTargetHolds } from './rollback-target.ts'
import { sightingOf } from './whose-rollout.ts'

/** The last look before anything is sent: the same people, the same commit, the same workflow, the lane ours. */
export function stepReady(draft: Draft, seen: Observation, context: Context): undefined {
  if (context.currentRules === null) {
    draft.end('failed', 'an edit of twokey.yml no longer allows this release; nothing was sent')
    return
  }
  if (!isTimeToSend(draft)) return
  if (endIfLocked(draft, context.lock)) return
  if (!requesterHolds(draft, seen)) return
  if (!channelHolds(draft, seen)) return
  if (endIfFrozen(draft, context.freeze)) return
  const keys = keysHold(draft, seen, context.currentRules.policy)
  if (!keys) return
  if (!subjectHolds(draft, seen, context)) return
  if (!orderHolds(draft, seen, context.currentRules)) return
  const before = readLook(draft, 'before', seen.before)
  if (!before) return blocked(draft)
  if (!authorsHold(draft, before.value.targets)) return
  if (!noteBefore(draft, before.value.targets)) return
  // Who pressed Reject or Cancel by now came first, however long it takes to tell whether they may.
  if (context.stopping === 'somebody') return
  if (!placeIsOurs(draft, context)) return
  noteKeys(draft, keys, context.currentRules.policy)
  noteTasksBefore(draft, seen.tasksBefore)
  noteOthers(draft, seen)
  send(draft, before.value.at)
}

/** Whoever asked for it may have left since, or may not ask there any more. */
function requesterHolds(draft: Draft, seen: Observation): boolean {
  const requester = readLook(draft, 'requester', seen.requester)
  if (!requester) {
    blocked(draft)
    return false
  }
  if (requester.value.eligible) return true
  draft.end(
    'failed',
    `<@${draft.release.requester}> can no longer request releases here: ${requester.value.sentence}; nothing was sent`,
  )
  return false
}

/** Approvals that were given where another organization could see it do not count, unless the environment allows it. */
function channelHolds(draft: Draft, seen: Observation): boolean {
  const { release } = draft
  if (mayBeShared(release.policy)) return true
  const channel = readLook(draft, 'channel', seen.channel)
  if (!channel) {
    blocked(draft)
    return false
  }
  if (channel.value === 'inside') return true
  draft.end(
    'failed',
    `the release channel is shared with another organization, and ${release.environment} does not allow that; nothing was sent`,
  )
  return false
}

/** Counts the approvals once more, with the people as they are now; null where they are not enough, or cannot be counted. */
function keysHold(draft: Draft, seen: Observation, currentRules: Policy): ApprovalVerdict | null {
  const { release } = draft
  let standing = {}
  if (release.approvals.length > 0) {
    const people = readLook(draft, 'people', seen.people)
    if (!people) {
      blocked(draft)
      return null
    }
    standing = people.value
  }
  const verdict = evaluate({ ...release, standing })
  if (verdict.status === 'approved') return verdict
  noteKeys(draft, verdict, currentRules)
  for (const { by, why } of verdict.dismissed) {
    draft.record('twokey', 'approval dismissed', { by, why })
    draft.postEachTime('dismissed', { tell: 'dismissed', by, why })
  }
  askFrom(draft, {
    approvals: verdict.counted,
    discounted: verdict.dismissed.map((each) => ({ ...each, at: draft.now })),
  })
  return null
}

/** How the approvals were counted, by which policy. `approversToday`: who is named by the config now; an approval needs both. */
function noteKeys(
  draft: Draft,
  { required, missing, counted, dismissed }: ApprovalVerdict,
  currentRules: Policy,
): void {
  const { policy } = draft.release
  const approversToday = currentRules.approvers
  draft.record('twokey', 'keys counted', { required, missing, counted, dismissed, policy, approversToday })
}

/** What is to be brought there as it is now, against what was approved. */
function subjectHolds(draft: Draft, seen: Observation, { holders }: Context): boolean {
  const { subject } = draft.release
  switch (subject.kind) {
    case 'deploy':
      return commitHolds(draft, subject, seen)
    case 'rollback':
      return rollbackTargetHolds(draft, subject, seen, holders)
  }
}

/** Where the config asks by now that the commit succeeds elsewhere first. */
function orderHolds(draft: Draft, seen: Observation, { requires }: CurrentRules): boolean {
  const { subject, environment } = draft.release
  if (subject.kind === 'rollback' || requires.length === 0) return true
  const order = readLook(draft, 'order', seen.order)
  if (!order) {
    blocked(draft)
    return false
  }
  const { missing } = order.value
  if (missing === null) return true
  draft.record('twokey', 'order differs', { requires, missing })
  draft.end(
    'failed',
    `an edit of twokey.yml makes ${environment} require that a commit has succeeded in ${missing} first, and ${subject.commit.sha.slice(0, 7)} has not; nothing was dispatched`,
  )
  return false
}

/** Writes down what serves each target before it is touched; false where a service is not there. */
function noteBefore(draft: Draft, sightings: readonly TargetSighting[]): boolean {
  const rollouts: RolloutTrack[] = []
  for (const track of draft.release.tracks.rollouts) {
    const name = targetName(track.target)
    const sighting = sightingOf(sightings, track.target)
    if (!sighting) {
      draft.end('failed', `the service ${name} was not found in ECS; nothing was sent`)
      return false
    }
    const { primary, serving, deployments } = sighting
    // The list may be denied or lag: what the service itself shows existed as well.
    const known = [...deployments, ...sighting.rollouts.map(({ deploymentId }) => deploymentId)]
    rollouts.push({
      ...track,
      before: {
        primary: primary.id,
        revision: serving,
        known: [...new Set(known)],
      },
      serving,
    })
  }
  draft.track({ rollouts })
  return true
}

/** Where they cannot be listed nothing is held up: a task that is dated before the dispatch is left out all the same. */
function noteTasksBefore(draft: Draft, seen: Observation['tasksBefore']): void {
  if (seen === undefined) return
  const { migration } = draft.release.tracks
  draft.track({ migration: { ...migration, before: seen.seen ? seen.value : null } })
  if (!seen.seen) draft.record('twokey', 'could not see', { look: 'tasksBefore', reason: seen.reason })
}

/** A deploy holds its lanes from its request on; a rollback may have to replace other releases first. */
function placeIsOurs(draft: Draft, { holders, now }: Context): boolean {
  const { stage, subject } = draft.release
  if (stage.at !== 'ready') return false
  if (subject.kind === 'deploy' || holders.length === 0) return true
  if (stage.placeAskedAt === null) {
    for (const holder of holders) draft.addEffect({ do: 'supersede', release: holder.id })
    draft.change({ stage: { ...stage, placeAskedAt: now } })
    draft.record('twokey', 'place asked', { of: holders.map(({ id }) => id) })
    return false
  }
  const waited = now - stage.placeAskedAt >= draft.release.settleMs
  return waited || holders.every(givesPlace)
}

/**
 * It can no longer update the service behind our back: its run has ended, or it has updated it already. A run that went on
 * after the end of its release is waited for, since it may update the service again.
 */
function givesPlace(holder: Release): boolean {
  if (isEnded(holder)) return !endedBeforeItsRun(holder)
  const { run, rollouts } = holder.tracks
  return (run !== null && run.endedAt !== null) || rollouts.every(({ seen }) => seen !== null)
}

/** Marked first, sent after the commit. */
function send(draft: Draft, sentAtAws: Time): void {
  const { release, now } = draft
  const { subject } = release
  const latest = sendBy(release, now)
  draft.change({ sentAt: now, sentAtAws })
  draft.addEffect({ do: 'take-lanes' })
  draft.moveTo({ at: 'sending', since: now, lastAt: now, attempts: 1 })
  if (subject.kind === 'deploy') {
    const inputs = sentInputs(subject.inputs)
    const { policy: _, ...bound } = binding(release)
    const { workflow, branch: ref, tip } = subject
    draft.record('twokey', 'dispatch marked', {
      workflow,
      ref,
      inputs,
      tip,
      ...bound,
      before: beforeOf(release),
      ...(release.migration && { tasksBefore: release.tracks.migration.before }),
    })
    const details = release.runDetails === 'refused' ? 'omitted' : 'asked'
    draft.addEffect({ do: 'dispatch', subject, inputs, details, sendBy: latest })
  } else {
    const { revision } = subject
    for (const target of release.targets) draft.addEffect({ do: 'update', target, revision, sendBy: latest })
    const { policy: _, ...bound } = binding(release)
    draft.record('twokey', 'update marked', { ...bound, before: beforeOf(release) })
  }
}

/** What served each target before anything was sent, for the audit. */
function beforeOf({ tracks }: Release) {
  return tracks.rollouts.map(({ target, before }) => ({
    target: targetName(target),
    deployment: before?.primary ?? null,
    revision: before?.revision.arn ?? null,
  }))
}
