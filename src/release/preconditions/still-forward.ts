import { commitSourceOf } from '../commit-source.ts'
import type { Look } from '../look.ts'
import { evaluate } from '../policy/approval.ts'
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

function judgeChanges(release: Release, { serving, changes, authorship }: ChangesSighting): Result {
  const { subject } = release
  if (subject.kind !== 'gate') return open({})
  const changed = { servingBefore: serving, subject: { ...subject, changes, authorship } }
  const isForward = changes.known && changes.direction === 'forward'
  // After a rollback more commits are deployed, whose authors may be among the approvers.
  if (isForward && evaluate({ ...release, ...changed }).status === 'approved')
    return open({ serving: serving.name }, changed)
  return {
    is: 'ask again',
    why: `${serving.name} was deployed meanwhile, and this run would ${differenceText(changes)}`,
    changed,
    differs: { what: 'serving differs', detail: { is: serving } },
  }
}

function differenceText(changes: ChangesSighting['changes']): string {
  if (!changes.known) return 'change something else than was approved'
  return changes.direction === 'forward'
    ? 'add commits that approvers may have written'
    : 'remove commits that it has'
}
