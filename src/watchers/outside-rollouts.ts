import { beginnerOf, rolloutsSince } from '../engine/outside-rollouts.ts'
import { recordRollouts } from '../engine/unreleased.ts'
import { Trouble } from '../ports/ports.ts'
import type { Target } from '../release/names.ts'
import type { OutsideNotice } from '../release/notice.ts'
import type { OtherRun } from '../release/other-runs.ts'
import {
  isNews,
  isSettled,
  isTakingBack,
  newsOf,
  nothingMore,
  type Origin,
  type RolloutNews,
  type Watched,
  withKnown,
} from '../release/outside-changes.ts'
import type { Release } from '../release/release.ts'
import type { RolloutSighting, TargetSighting } from '../release/sighting.ts'
import type { ServiceEnvironment } from '../settings/settings.ts'
import { announce, type Place, setWatched, type WatchDeps, watchedOf } from './watched-target.ts'

/** News of a rollout, and who may have made it. */
type Finding = {
  readonly rollout: RolloutSighting
  readonly news: RolloutNews
  /** Null: it needs no report. */
  readonly report: { readonly run: OtherRun | null; readonly origin: Origin | null } | null
}

/** Reports rollouts that are news. Returns whether nothing more can follow of any. */
export async function lookAtRollouts(
  deps: WatchDeps,
  place: Place,
  { watched, inFlight }: { readonly watched: Watched; readonly inFlight: readonly Release[] },
): Promise<boolean> {
  const { serviceEnvironment, target } = place
  const seen = await rolloutsSince(deps, serviceEnvironment, { target, since: watched.since })
  if (seen === null) return true
  const findings = await Promise.all(
    seen.rollouts
      .filter((rollout) => isNews(watched, rollout.deploymentId, newsOf(rollout)))
      .map((rollout) => findingOf(deps, place, { rollout, all: seen.rollouts, inFlight })),
  )
  const known = findings.filter((finding) => finding !== null)
  await report(deps, place, { findings: known, seen })
  await recordRollouts(deps, serviceEnvironment, seen)
  return known.length === findings.length && seen.rollouts.every(isSettled)
}

/** Null: it cannot be determined yet. */
async function findingOf(
  deps: WatchDeps,
  { serviceEnvironment, target }: Place,
  {
    rollout,
    all,
    inFlight,
  }: {
    readonly rollout: RolloutSighting
    readonly all: readonly RolloutSighting[]
    readonly inFlight: readonly Release[]
  },
): Promise<Finding | null> {
  const news = newsOf(rollout)
  if (isTakingBack(rollout, all)) return { rollout, news: nothingMore, report: null }
  const beginner = await beginnerOf(deps, { serviceEnvironment, target, rollout, inFlight })
  switch (beginner.by) {
    case 'release':
      return { rollout, news: nothingMore, report: null }
    case 'open':
      return null
    case 'run':
      // The start of the run was reported, or it is a deploy of everyday where no approvals are required.
      if (news === 'began') return { rollout, news, report: null }
      return { rollout, news, report: { run: beginner.run, origin: null } }
    case 'outside':
      return { rollout, news, report: { run: null, origin: await originOf(deps, target, rollout) } }
  }
}

/** Null if it cannot be read: the report must not wait for it. */
async function originOf(
  { outside }: WatchDeps,
  target: Target,
  rollout: RolloutSighting,
): Promise<Origin | null> {
  try {
    return await outside.ecs.originOf({ target, rollout })
  } catch (error) {
    if (error instanceof Trouble) return null
    throw error
  }
}

/** Stores what is known of the rollouts by now, together with the reports: whoever stores it first reports it. */
async function report(
  { store, clock, checkpoint }: WatchDeps,
  { serviceEnvironment, target }: Place,
  { findings, seen }: { readonly findings: readonly Finding[]; readonly seen: TargetSighting },
): Promise<void> {
  const posted = await store.transact(async (tx) => {
    const watched = await watchedOf(tx, target)
    if (watched === null) return 0
    const fresh = findings.filter(({ rollout, news }) => isNews(watched, rollout.deploymentId, news))
    const reports = fresh.flatMap((finding) => noticeOf(serviceEnvironment, target, finding) ?? [])
    for (const notice of reports) await announce(tx, serviceEnvironment, notice, clock())
    if (reports.length > 0) await checkpoint('before outside change committed')
    const reported = Object.fromEntries(fresh.map(({ rollout, news }) => [rollout.deploymentId, news]))
    await setWatched(tx, target, withKnown(watched, reported, seen.rollouts))
    return reports.length
  })
  if (posted > 0) await checkpoint('outside change committed')
}

function noticeOf(
  { service, environment, notify }: ServiceEnvironment,
  target: Target,
  { rollout, news, report: wanted }: Finding,
): OutsideNotice | null {
  if (wanted === null) return null
  const { revision, verdict, reason, createdAt, images } = rollout
  return {
    notice: 'outside',
    service,
    environment,
    news,
    target,
    rollout: { revision, verdict, reason, createdAt, images },
    ...wanted,
    mention: news === 'began' ? [] : notify,
  }
}
