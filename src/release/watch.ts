import { commitSourceOf } from './commit-source.ts'
import type { CurrentRules } from './current-rules.ts'
import { takes } from './input-binding.ts'
import type { Look } from './look.ts'
import type { Time } from './names.ts'
import type { Beside } from './other-runs.ts'
import { looksOfPreconditions } from './preconditions/list.ts'
import { rollbackTarget } from './preconditions/rollback-target.ts'
import type { Release } from './release.ts'
import { byAws, clockSkewMs, looseMs, spanOf } from './span.ts'
import { nextReminder } from './steps/acknowledgement.ts'
import { type Followed, followedAfterEnd } from './steps/after-end.ts'
import { isBeyondDue } from './steps/beyond.ts'
import { untilLateLook } from './steps/late-rollouts.ts'
import { followedTasks, isFinal, isMigrationUnavailable } from './steps/migration.ts'
import { isOthersDue } from './steps/other-runs.ts'
import { rolloutTrack } from './steps/rollout-track.ts'
import { isRunUnavailable } from './steps/run.ts'
import { familiesInQuestion } from './steps/run-log.ts'
import type { RunTrack } from './tracks.ts'

/** How often to look, ms. */
export type Polling = { readonly activeMs: number; readonly idleMs: number }

/** When to look next; null: not before something happens to it. */
export function nextLook(release: Release, now: Time, polling: Polling): Time | null {
  const { stage } = release
  switch (stage.at) {
    case 'approval':
      return Math.min(stage.since + release.policy.expireAfterMs, lookAhead(release, now, polling))
    case 'wait':
      return Math.min(stage.until, lookAhead(release, now, polling))
    case 'ready':
      return Math.max(now + polling.activeMs, stage.notBefore ?? 0)
    case 'sending':
      return now + polling.activeMs
    case 'underway': {
      const { verdict } = rolloutTrack(release)
      return now + (verdict === 'baking' || verdict === 'paused' ? polling.idleMs : polling.activeMs)
    }
    case 'ended':
      return earlier(nextReminder(release, now), lookAfterEnd(release, now, polling))
  }
}

/** What could not be read for long is looked at less often, until it can be or a person settles the release. */
function lookAfterEnd(release: Release, now: Time, { activeMs, idleMs }: Polling): Time | null {
  const followed = followedAfterEnd(release)
  if (followed.length === 0) return null
  const isRare = (each: Followed) => each === 'late' || each === 'again' || each === 'settled'
  const often = followed.filter((each) => !isRare(each))
  if (often.length === 0) return now + untilLateLook(release, now, idleMs)
  const isUnavailable = often.includes('run') ? isRunUnavailable(release) : isMigrationUnavailable(release)
  const isIdle =
    isUnavailable ||
    (often.every((each) => each === 'rollouts') && release.tracks.afterEnd?.checked === 'yes')
  return now + (isIdle ? idleMs : activeMs)
}

function earlier(one: Time | null, other: Time | null): Time | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}

/** Until what it stands behind has ended, and what serves then was seen. */
function lookAhead({ behind }: Release, now: Time, { idleMs }: Polling): Time {
  return behind.length > 0 ? now + idleMs : Number.POSITIVE_INFINITY
}

/**
 * What to look at outside before the next decision.
 * @param today null where nothing ships there any more
 */
export function looks(release: Release, currentRules: CurrentRules | null): readonly Look[] {
  switch (release.stage.at) {
    case 'approval':
    case 'wait':
      return release.behind.length > 0 ? rollbackTarget.looks(release) : []
    case 'ended':
      return afterEnd(release)
    case 'ready':
      return beforeSending(release, currentRules)
    case 'sending':
      return release.subject.kind === 'deploy' ? findRun(release) : [rollouts(release)]
    case 'underway':
      return underway(release)
  }
}

function beforeSending(release: Release, currentRules: CurrentRules | null): readonly Look[] {
  return [
    ...looksOfPreconditions(release, currentRules),
    ...tasksBefore(release),
    ...otherRuns(release, { at: 'dispatch' }),
  ]
}

/** A migration that is there already is not the one that the workflow will run. */
function tasksBefore({ subject, migration }: Release): readonly Look[] {
  if (subject.kind === 'rollback' || migration === null) return []
  const { cluster, region, family } = migration
  return [{ look: 'tasksBefore', cluster, region, family }]
}

function findRun(release: Release): readonly Look[] {
  const { subject, id } = release
  if (subject.kind !== 'deploy' || !takes(subject.inputs, 'release_id')) return []
  const { repository, workflow, branch } = subject
  return [{ look: 'findRun', repository, workflow, releaseId: id, branch, since: spanOf(release).since }]
}

function underway(release: Release): readonly Look[] {
  return [
    rollouts(release),
    ...ofRun(release),
    ...migrations(release),
    ...runLog(release),
    ...(isBeyondDue(release) ? beyond(release) : []),
    ...(isOthersDue(release) ? besideTheRun(release) : []),
  ]
}

function besideTheRun(release: Release): readonly Look[] {
  const { run } = release.tracks
  if (run === null) return []
  const { since, until } = spanOf(release)
  // GitHub dates a run by the second, and the mark is earlier than the run by as much.
  return otherRuns(release, { at: 'run', runId: run.id, since: since - looseMs, until })
}

function otherRuns({ service, environment, subject }: Release, beside: Beside): readonly Look[] {
  if (subject.kind === 'rollback') return []
  const { repository, workflow, branch, commit } = subject
  return [
    { look: 'otherRuns', service, environment, repository, workflow, branch, commit: commit.sha, beside },
  ]
}

function afterEnd(release: Release): readonly Look[] {
  return followedAfterEnd(release).flatMap((followed) => looksAfterEnd[followed](release))
}

const looksAfterEnd: Readonly<Record<Followed, (release: Release) => readonly Look[]>> = {
  run: ofRun,
  rollouts: rolloutsAfterEnd,
  late: rolloutsAfterEnd,
  again: laterAttempt,
  settled: migrations,
  migration: migrations,
  beyond,
}

function laterAttempt({ subject, tracks: { run } }: Release): readonly Look[] {
  if (subject.kind === 'rollback' || run === null) return []
  const { id: runId, attempt } = run
  return [{ look: 'laterAttempt', repository: subject.repository, runId, attempt }]
}

/** The migrations, until nothing more is to be learned of them. */
function migrations(release: Release): readonly Look[] {
  const { subject, tracks, migration } = release
  if (subject.kind !== 'deploy' || migration === null || isFinal(release)) return []
  return [
    {
      look: 'migration',
      ...migration,
      commit: subject.commit.sha,
      releaseId: release.id,
      since: tracks.migration.isComplete ? null : spanOf(release).since - clockSkewMs,
      followed: followedTasks(release),
    },
  ]
}

/** The run until it has ended, and what its head carries until that is checked. */
function ofRun({ subject, tracks: { run } }: Release): readonly Look[] {
  if (subject.kind !== 'deploy' || run === null) return []
  const { repository, branch, tip, inputs, paths } = subject
  const looks: Look[] = []
  if (run.endedAt === null) looks.push({ look: 'run', repository, runId: run.id, attempt: run.attempt })
  if (run.seen && run.head === 'unchecked' && run.seen.headSha !== tip && takes(inputs, 'sha'))
    looks.push({
      look: 'headTree',
      repository,
      branch,
      sha: run.seen.headSha,
      tip,
      paths: paths.map(({ path }) => path),
    })
  return looks
}

function runLog(release: Release): readonly Look[] {
  const { subject, tracks } = release
  const families = familiesInQuestion(release)
  if (subject.kind !== 'deploy' || families.length === 0) return []
  const jobs = jobsThatRan(tracks.run)
  return [{ look: 'runLog', repository: subject.repository, jobs, families }]
}

/** The last first: one of the last deploys. GitHub dates skipped jobs, too, and has no log of them. */
function jobsThatRan(run: RunTrack | null): readonly number[] {
  return (run?.seen?.jobs ?? [])
    .filter(({ startedAt, verdict }) => startedAt !== null && verdict !== 'skipped')
    .map(({ id }) => id)
    .toReversed()
}

function beyond(release: Release): readonly Look[] {
  const { id, subject, targets } = release
  const { run } = release.tracks
  if (subject.kind !== 'deploy' || run === null) return []
  const { since, until } = spanOf(release)
  return [
    {
      look: 'beyond',
      repository: subject.repository,
      commit: subject.commit.sha,
      releaseId: id,
      own: targets,
      runId: run.id,
      jobs: jobsThatRan(run),
      since: since - looseMs,
      until: until + clockSkewMs,
    },
  ]
}

function rollouts(release: Release): Look {
  const { subject } = release
  const since = spanOf(release).since - clockSkewMs
  return {
    look: 'rollouts',
    commit: subject.kind === 'deploy' ? subject.commit.sha : null,
    images: subject.kind === 'deploy' ? 'unwanted' : 'wanted',
    source: commitSourceOf(release),
    targets: release.tracks.rollouts.map(({ target, seen, binding }) => ({
      target,
      since,
      arn: binding === 'firm' ? (seen?.arn ?? null) : null,
    })),
  }
}

/** What is listed in its own targets since its end, or since that of its run where that came first. */
function rolloutsAfterEnd(release: Release): readonly Look[] {
  const { stage, subject, targets } = release
  if (stage.at !== 'ended' || subject.kind !== 'deploy') return []
  const since = Math.min(byAws(release, stage.since), spanOf(release).until) - clockSkewMs
  return [
    {
      look: 'rollouts',
      commit: subject.commit.sha,
      images: 'unwanted',
      source: commitSourceOf(release),
      targets: targets.map((target) => ({ target, since, arn: null })),
    },
  ]
}
