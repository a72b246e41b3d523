import { whyUnknown } from '../carried.ts'
import { commitSourceOf } from '../commit-source.ts'
import type { Look } from '../look.ts'
import { targetName } from '../names.ts'
import type { Release } from '../release.ts'
import type { BeforeSighting } from '../sighting.ts'
import { end, type Facts, judgeLook, open, type Precondition, type Result } from './precondition.ts'

/**
 * Where authors may not approve, what ships is what was looked at: where a target runs another commit by now, others ship
 * as well, and their authors may be among those who approved.
 */
export const authors = { name: 'authors', appliesTo, looks, judge } satisfies Precondition

/** Whether it matters who wrote what ships: by what serves it is told what ships. */
function appliesTo({ policy, subject }: Pick<Release, 'policy' | 'subject'>): boolean {
  return subject.kind === 'deploy' && !policy.authorsMayApprove && policy.required > 0
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
      !(authorship.known && authorship.since.some((known) => isSame(known, serving.commit))),
  )
  if (!strange) return open(authorship.known ? { checked: authorship.logins } : {})
  const { commit, name } = strange.serving
  const why = whyUnknown(strange.serving)
  const untold = `whose commit cannot be determined${why === null ? '' : `: ${why}`}`
  const of = commit === null ? untold : `commit ${commit.slice(0, 7)}`
  const detail = { target: targetName(strange.target), is: strange.serving, authorship }
  return end(
    'failed',
    `${name} serves now (${of}), so this would deploy commits that nobody reviewed; authors may not approve, and the authors of those commits were not checked; nothing was sent`,
    { differs: { what: 'serving differs', detail } },
  )
}

/** An image may carry a part of the sha. */
function isSame(one: string, other: string | null): boolean {
  return other !== null && (one.startsWith(other) || other.startsWith(one))
}
