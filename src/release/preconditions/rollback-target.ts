import { commitSourceOf } from '../commit-source.ts'
import { otherImage } from '../images.ts'
import type { Look } from '../look.ts'
import type { Release } from '../release.ts'
import type { RollbackSighting } from '../sighting.ts'
import type { Subject } from '../subject.ts'
import { end, type Facts, judgeLook, open, type Precondition, type Result } from './precondition.ts'

type RollbackSubject = Extract<Subject, { kind: 'rollback' }>

/** ECS still accepts the rollback's revision, and its images are those that were approved. */
export const rollbackTarget = { name: 'rollback target', appliesTo, looks, judge } satisfies Precondition

function appliesTo({ subject }: Release): boolean {
  return subject.kind === 'rollback'
}

function looks(release: Release): readonly Look[] {
  const { subject, targets } = release
  if (subject.kind !== 'rollback') return []
  const { revision, images } = subject
  return [{ look: 'rollbackTarget', targets, revision, images, source: commitSourceOf(release) }]
}

function judge(facts: Facts): Result {
  const { subject } = facts.release
  if (subject.kind !== 'rollback') return open()
  return judgeLook(facts, 'rollbackTarget', (sighting) => judgeTarget(subject, sighting))
}

/** Other images void the approvals; a revision that ECS would not accept ends the release. */
function judgeTarget(subject: RollbackSubject, sighting: RollbackSighting): Result {
  if (!sighting.usable) return end('failed', `${sighting.why}; nothing was sent`)
  const { images, difference, serving } = sighting
  const { revision } = subject
  const other = otherImage(subject.images, images)
  if (other === null) return open({ revision: revision.arn })
  return {
    is: 'ask again',
    why: `${revision.name} is not what was approved: ${other}`,
    changed: { subject: { ...subject, images, difference }, servingBefore: serving },
  }
}
