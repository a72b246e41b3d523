import type { Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import { otherImage } from '../images.ts'
import type { Observation } from '../look.ts'
import type { Release } from '../release.ts'
import type { RollbackSighting } from '../sighting.ts'
import type { Subject } from '../subject.ts'
import { askAgain, passGate } from './approval.ts'
import { blocked, readLook } from './read-look.ts'
import { endedAhead, noteReplacedEnded } from './replaced-release.ts'

type RollbackSubject = Extract<Subject, { kind: 'rollback' }>

/** The revision to go back to as it is now, against what was approved: ECS still takes it, and its images mean the same. */
export function rollbackTargetHolds(
  draft: Draft,
  subject: RollbackSubject,
  seen: Observation,
  holders: readonly Release[],
): boolean {
  const sighting = readLook(draft, 'rollbackTarget', seen.rollbackTarget)
  if (!sighting) {
    blocked(draft)
    return false
  }
  return targetHolds(draft, subject, sighting.value, holders)
}

/**
 * Before the last look: once a release ahead has ended, something else may serve, and what the card says of it is read
 * again.
 */
export function stepReplacedReleases(draft: Draft, seen: Observation, { holders }: Context): undefined {
  const { stage, subject } = draft.release
  const isEarly = stage.at === 'approval' || stage.at === 'wait'
  if (!isEarly || subject.kind === 'deploy' || endedAhead(draft.release, holders).length === 0) return
  const sighting = readLook(draft, 'rollbackTarget', seen.rollbackTarget)
  if (sighting) targetHolds(draft, subject, sighting.value, holders)
}

/** Other images void the approvals; what ECS would not take ends it. */
function targetHolds(
  draft: Draft,
  subject: RollbackSubject,
  sighting: RollbackSighting,
  holders: readonly Release[],
): boolean {
  if (!sighting.usable) {
    draft.end('failed', `${sighting.why}; nothing was sent`)
    return false
  }
  const { images, difference, serving } = sighting
  const other = otherImage(subject.images, images)
  if (other === null) {
    noteReplacedEnded(draft, sighting, holders)
    return true
  }
  draft.change({ subject: { ...subject, images, difference }, servingBefore: serving })
  askAgain(draft, `${subject.revision.name} is not what was approved: ${other}`)
  noteReplacedEnded(draft, sighting, holders)
  passGate(draft)
  return false
}
