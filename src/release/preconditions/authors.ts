import { whyUnknown } from '../carried.ts'
import { commitSourceOf } from '../commit-source.ts'
import type { Look } from '../look.ts'
import { targetName } from '../names.ts'
import type { Release } from '../release.ts'
import type { BeforeSighting } from '../sighting.ts'
import { end, type Facts, judgeLook, open, type Precondition, type Result } from './precondition.ts'

/**
 * If authors may not approve, the running commits must be those of the request. Otherwise more commits would be
 * deployed, whose authors may be among the approvers.
 */
export const authors = { name: 'authors', appliesTo, looks, judge } satisfies Precondition

/** Whether the authors matter. The running commit decides which commits are deployed. */
function appliesTo({ policy, subject }: Pick<Release, 'policy' | 'subject'>): boolean {
  return subject.kind !== 'rollback' && !policy.authorsMayApprove && policy.required > 0
}

function looks(release: Release): readonly Look[] {
  const { targets } = release
  return [{ look: 'before', targets, source: commitSourceOf(release), commits: 'needed' }]
}

function judge(facts: Facts): Result {
  return judgeLook(facts, 'before', ({ targets }) => judgeServing(facts.release, targets))
}

function judgeServing({ subject, targets }: Release, sightings: BeforeSighting['targets']): Result {
  if (subject.kind === 'rollback') return open()
  const { authorship } = subject
  const names = targets.map(targetName)
  const strange = sightings.find(
    ({ target, serving }) =>
      names.includes(targetName(target)) &&
      !(authorship.known && authorship.since.some((known) => isSameCommit(known, serving.commit))),
  )
  if (!strange) return open(authorship.known ? { checked: authorship.logins } : {})
  const { commit, name } = strange.serving
  const why = whyUnknown(strange.serving)
  const unknownText = `whose commit cannot be determined${why === null ? '' : `: ${why}`}`
  const of = commit === null ? unknownText : `commit ${commit.slice(0, 7)}`
  const detail = { target: targetName(strange.target), is: strange.serving, authorship }
  return end(
    'failed',
    `${name} is running now (${of}), so this would deploy commits that nobody reviewed; authors may not approve, and the authors of those commits were not checked; nothing was sent`,
    { differs: { what: 'serving differs', detail } },
  )
}

/** An image may name a part of the SHA. */
function isSameCommit(one: string, other: string | null): boolean {
  return other !== null && (one.startsWith(other) || other.startsWith(one))
}
