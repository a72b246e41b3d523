import { commitSourceOf } from '../commit-source.ts'
import type { Look } from '../look.ts'
import type { Release } from '../release.ts'
import type { ChangesSighting } from '../sighting.ts'
import { type Facts, judgeLook, open, type Precondition, type Result } from './precondition.ts'

/**
 * A run that waited may be older by now than what serves, because another release was deployed meanwhile: then approvals
 * are asked for again. One that only adds commits needs none.
 */
export const stillForward = { name: 'still forward', appliesTo, looks, judge } satisfies Precondition

function appliesTo({ subject }: Release): boolean {
  return subject.kind === 'gate'
}

function looks(release: Release): readonly Look[] {
  const { subject, targets, servingBefore } = release
  if (subject.kind !== 'gate') return []
  const { repository, commit } = subject
  const since = servingBefore?.arn ?? null
  return [
    { look: 'changesNow', repository, commit: commit.sha, targets, source: commitSourceOf(release), since },
  ]
}

function judge(facts: Facts): Result {
  return judgeLook(facts, 'changesNow', (now) => (now === null ? open({}) : judgeChanges(facts.release, now)))
}

function judgeChanges({ subject }: Release, { serving, changes, authorship }: ChangesSighting): Result {
  if (subject.kind !== 'gate') return open({})
  const changed = { servingBefore: serving, subject: { ...subject, changes, authorship } }
  if (changes.known && changes.direction === 'forward') return open({ serving: serving.name }, changed)
  return {
    is: 'ask again',
    why: `${serving.name} was deployed meanwhile, and this run would ${changes.known ? 'remove commits that it has' : 'change something else than was approved'}`,
    changed,
    differs: { what: 'serving differs', detail: { is: serving } },
  }
}
