import { type ServiceEnvironmentName, type Target, type Time, targetName } from './names.ts'
import type { OtherRun } from './other-runs.ts'
import { isEnded, isFollowedAfterEnd, type Release, unfinished } from './release.ts'
import type { Revision } from './revision.ts'
import type { RolloutSighting } from './sighting.ts'
import { byAws, clockSkewMs, spanOf } from './span.ts'
import { watchedUntil } from './watch-period.ts'

/** A rollout of a service environment that no release made, so somebody deployed outside twokey. */
export type UnreleasedRollout = ServiceEnvironmentName & {
  readonly target: Target
  /** ECS's id of the deployment, `ecs-svc/…`. */
  readonly deploymentId: string
  /** `blog-api:42` */
  readonly revision: string
  /** The full SHA of its only known commit; otherwise null. */
  readonly commit: string | null
  /** When it began, by AWS's clock. */
  readonly at: Time
  /**
   * The only run of the workflow that was in progress then and could have deployed it. Null: none, several, or GitHub
   * did not list them.
   */
  readonly run: OtherRun | null
}

/** The fields of a rollout that decide whether a release made it. */
export type RolloutSeen = Pick<RolloutSighting, 'deploymentId' | 'createdAt'> & { readonly arn: string }

/**
 * Whether a release made a rollout, may have made it, or ECS began it to roll back the release. If it is not clear,
 * the rollout counts as the release's, so that twokey's own deploys are never reported as made outside it.
 */
export function mayBeOf(release: Release, target: Target, rollout: RolloutSeen): boolean {
  const { tracks, sentAt, sentAtAws } = release
  const track = tracks.rollouts.find((each) => targetName(each.target) === targetName(target))
  const since = sentAtAws ?? sentAt
  if (track === undefined || since === null) return false
  const { seen, answered, before, binding } = track
  const answeredId = answered !== null && 'deploymentId' in answered ? answered.deploymentId : null
  const own = [seen?.deploymentId, answeredId, ...afterEndOf(release)]
  if (own.includes(rollout.deploymentId)) return true
  if (before?.known.includes(rollout.deploymentId)) return false
  if (rollout.createdAt < since - clockSkewMs || rollout.createdAt > untilOf(release)) return false
  if (!isEnded(release) || unfinished(release).length > 0) return true
  if (seen === null) return binding !== 'absent'
  return takenBack.has(seen.verdict) && before?.revision.arn === rollout.arn
}

const takenBack: ReadonlySet<RolloutSighting['verdict']> = new Set<RolloutSighting['verdict']>([
  'rolling back',
  'rolled back',
  'rollback failed',
])

/**
 * Whether the last release before a rollout is watched for rollouts of this commit, and so reports it as late. A
 * commit that could not be looked up yet may be that one.
 */
export function mayBeLateOf(
  release: Release,
  {
    createdAt,
    revision: { commit, unknown },
  }: Pick<RolloutSeen, 'createdAt'> & { readonly revision: Pick<Revision, 'commit' | 'unknown'> },
): boolean {
  const { subject, stage } = release
  if (subject.kind === 'rollback' || stage.at !== 'ended' || !isFollowedAfterEnd(release)) return false
  const mayCarry = subject.commit.sha === commit || unknown?.because === 'unread'
  return mayCarry && createdAt < watchedUntil(release, null)
}

function afterEndOf({ tracks }: Release): readonly string[] {
  return (tracks.afterEnd?.rollouts ?? []).map(({ rollout }) => rollout.deploymentId)
}

/** Until when a release may have begun rollouts: its own end, and that of its run. */
function untilOf(release: Release): Time {
  const { stage, subject, tracks } = release
  if (stage.at !== 'ended') return Number.POSITIVE_INFINITY
  const endedAt = byAws(release, stage.since)
  const hasRun = subject.kind !== 'rollback' && tracks.run !== null
  return Math.max(endedAt, hasRun ? spanOf(release).until : endedAt) + clockSkewMs
}
