import { type AwsLocation, accountIn } from './names.ts'
import type { Release } from './release.ts'

/**
 * Fills this region into targets and migrations that name none, so that their lanes have the same names as those of
 * other releases. Returns the release itself if there is nothing to fill in.
 */
export function inRegion(release: Release, region: string): Release {
  if (release.targets.every((target) => target.region !== undefined)) return release
  const move = <There extends AwsLocation>(there: There): There => ({ region, ...there })
  const there = located(release, move)
  const { beyond } = there.tracks
  if (beyond.checked !== 'yes') return there
  const changes = beyond.changes.map((change) => ({ ...change, target: move(change.target) }))
  return { ...there, tracks: { ...there.tracks, beyond: { ...beyond, changes } } }
}

/**
 * Reads and updates the targets and migrations of a release with this role from now on. Null if the release is of
 * another account: what was recorded of it says so.
 */
export function inRole(release: Release, roleArn: string): Release | null {
  const account = accountOfRelease(release)
  if (account !== undefined && account !== accountIn(roleArn)) return null
  return located(release, (there) => ({ ...there, roleArn }))
}

/** The account of a release: of its role, or of a task definition that was read for it. */
function accountOfRelease({ targets, servingBefore, subject }: Release): string | undefined {
  const arn =
    targets[0]?.roleArn ??
    servingBefore?.arn ??
    (subject.kind === 'rollback' ? subject.revision.arn : undefined)
  return arn === undefined ? undefined : accountIn(arn)
}

function located(release: Release, move: <There extends AwsLocation>(there: There) => There): Release {
  const { targets, migration, tracks } = release
  return {
    ...release,
    targets: targets.map(move),
    migration: migration && move(migration),
    tracks: {
      ...tracks,
      rollouts: tracks.rollouts.map((track) => ({ ...track, target: move(track.target) })),
    },
  }
}
