import type { Target } from './names.ts'
import type { Release } from './release.ts'

/**
 * Fills this region into targets and migrations that name none, so that their lanes have the same names as those of
 * other releases. Returns the release itself if there is nothing to fill in.
 */
export function inRegion(release: Release, region: string): Release {
  const { targets, migration, tracks } = release
  if (targets.every((target) => target.region !== undefined)) return release
  const located = (target: Target): Target => ({ region, ...target })
  const { rollouts, beyond } = tracks
  return {
    ...release,
    targets: targets.map(located),
    migration: migration && { region, ...migration },
    tracks: {
      ...tracks,
      rollouts: rollouts.map((track) => ({ ...track, target: located(track.target) })),
      beyond:
        beyond.checked === 'yes'
          ? {
              ...beyond,
              changes: beyond.changes.map((change) => ({ ...change, target: located(change.target) })),
            }
          : beyond,
    },
  }
}
