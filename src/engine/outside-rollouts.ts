import { commitSource } from '../release/commit-source.ts'
import { type Target, targetName } from '../release/names.ts'
import type { OtherRun } from '../release/other-runs.ts'
import type { Release } from '../release/release.ts'
import type { RolloutSighting, TargetSighting } from '../release/sighting.ts'
import { mayBeLateOf, mayBeOf } from '../release/unreleased.ts'
import type { ServiceEnvironment } from '../settings/settings.ts'
import { otherRun } from './other-runs.ts'
import { type RecordDeps, releasesBefore, runsAround, startsInTime } from './unreleased.ts'

/**
 * Who began a rollout. `release`: a release of twokey. `run`: a run on GitHub, which is reported as such where it needs
 * approvals; null: the run of a release of another service environment. `outside`: neither, as far as AWS and GitHub show.
 * `open`: what decides it could not be read.
 */
export type Beginner =
  | { readonly by: 'release' | 'outside' | 'open' }
  | { readonly by: 'run'; readonly run: OtherRun | null }

type Ask = {
  readonly serviceEnvironment: ServiceEnvironment
  readonly target: Target
  readonly rollout: RolloutSighting
  /** Releases in progress. */
  readonly inFlight: readonly Release[]
}

/** Determines who began a rollout. A run that was in progress and may have built its commit counts as the one. */
export async function beginnerOf(deps: RecordDeps, ask: Ask): Promise<Beginner> {
  const { serviceEnvironment, target, rollout, inFlight } = ask
  const { createdAt, revision, releaseTag } = rollout
  const releases = await releasesBefore(deps.store, target, createdAt)
  const seen = { ...rollout, arn: revision.arn }
  if (releases.some((release) => mayBeOf(release, target, seen))) return { by: 'release' }
  const lastSent = releases.find(({ sentAt, sentAtAws }) => (sentAtAws ?? sentAt ?? createdAt) <= createdAt)
  if (lastSent && mayBeLateOf(lastSent, rollout))
    return { by: revision.unknown?.because === 'unread' ? 'open' : 'release' }
  // The run of a release elsewhere changed this one too, which the end of that release reports.
  const isElsewhere = inFlight.some((release) => isBeside(release, ask))
  if (isElsewhere || (releaseTag !== null && (await hasRelease(deps, releaseTag))))
    return { by: 'run', run: null }
  const starts = await startsInTime(deps, serviceEnvironment)
  if (starts === null) return { by: 'open' }
  const { workflow } = serviceEnvironment
  const [run] = runsAround(starts, { serviceEnvironment, at: createdAt, commit: revision.commit })
  return run === undefined ? { by: 'outside' } : { by: 'run', run: otherRun({ ...run, workflow }) }
}

function hasRelease({ store }: RecordDeps, id: string): Promise<boolean> {
  return store.transact((tx) => tx.hasRelease(id))
}

/** Whether a release elsewhere, whose run is in progress, ships the commit of the rollout. */
function isBeside(
  { subject, tracks, targets }: Release,
  { target, rollout, serviceEnvironment }: Ask,
): boolean {
  return (
    subject.kind !== 'rollback' &&
    tracks.run !== null &&
    subject.repository === serviceEnvironment.repository &&
    subject.commit.sha === rollout.revision.commit &&
    targets.every((own) => targetName(own) !== targetName(target))
  )
}

/** The rollouts of one target since a time, by AWS's clock; null: the service does not exist. Throws `Trouble`. */
export async function rolloutsSince(
  { outside }: RecordDeps,
  serviceEnvironment: ServiceEnvironment,
  { target, since }: { readonly target: Target; readonly since: number },
): Promise<TargetSighting | null> {
  const [seen] = await outside.ecs.rollouts({
    targets: [{ target, since, arn: null }],
    source: commitSource(serviceEnvironment),
    commit: null,
    images: 'wanted',
  })
  return seen ?? null
}
