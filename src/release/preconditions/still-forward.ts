import { commitSourceOf } from '../commit-source.ts'
import type { Look } from '../look.ts'
import { evaluate } from '../policy/approval.ts'
import type { Release } from '../release.ts'
import type { ChangesSighting } from '../sighting.ts'
import { end, type Facts, judgeLook, open, type Precondition, type Result } from './precondition.ts'

/**
 * A run that waited may be older by now than what serves, because another release was deployed meanwhile: then approvals
 * are asked for again. One that only adds commits needs none. A re-run ends: it was requested because nothing was.
 */
export const stillForward = { name: 'still forward', appliesTo, looks, judge } satisfies Precondition

function appliesTo({ subject }: Release): boolean {
  return subject.kind === 'gate' || subject.kind === 'rerun'
}

function looks(release: Release): readonly Look[] {
  const { subject, service, environment, targets, servingBefore } = release
  if (subject.kind !== 'gate' && subject.kind !== 'rerun') return []
  const { repository, branch, commit } = subject
  const source = commitSourceOf(release)
  const since = servingBefore?.arn ?? null
  const ask = { service, environment, repository, branch, commit: commit.sha, targets, source, since }
  return [{ look: 'changesNow', ...ask }]
}

function judge(facts: Facts): Result {
  return judgeLook(facts, 'changesNow', (now) => {
    if (now === 'off branch') return offBranch(facts.release)
    return now === null ? open({}) : judgeChanges(facts.release, now)
  })
}

function offBranch({ subject }: Release): Result {
  if (subject.kind === 'rollback') return open({})
  const commit = subject.commit.sha.slice(0, 7)
  return end('failed', `${commit} is no longer on ${subject.branch}; nothing was deployed`)
}

function judgeChanges(release: Release, { serving, changes, authorship }: ChangesSighting): Result {
  const { subject } = release
  if (subject.kind === 'rollback') return open({})
  const differs = { what: 'serving differs', detail: { is: serving } }
  if (subject.kind === 'rerun')
    return end('superseded', `${serving.name} was deployed after the request; nothing was sent`, { differs })
  const changed = { servingBefore: serving, subject: { ...subject, changes, authorship } }
  const isForward = changes.known && changes.direction === 'forward'
  // After a rollback more commits are deployed, whose authors may be among the approvers.
  if (isForward && evaluate({ ...release, ...changed }).status === 'approved')
    return open({ serving: serving.name }, changed)
  return {
    is: 'ask again',
    why: `${serving.name} was deployed meanwhile, and this run would ${differenceText(changes)}`,
    changed,
    differs,
  }
}

function differenceText(changes: ChangesSighting['changes']): string {
  if (!changes.known) return 'change something else than was approved'
  return changes.direction === 'forward'
    ? 'add commits that approvers may have written'
    : 'remove commits that it has'
}
