import { describe, expect, it } from 'vitest'
import { migrationsSince } from '../../src/release/migrations-since.ts'
import type { Release } from '../../src/release/release.ts'
import type { MigrationVerdict } from '../../src/release/sighting.ts'
import { minute, underway } from './driver.ts'
import { start } from './world.ts'

type Part = { readonly number: number; readonly migrated?: readonly MigrationVerdict[]; readonly id?: string }

/** A deploy that rolled out the revision with this number, after migrations that ended so. */
function deploy({ number, migrated = [], id = `r-${number}` }: Part): Release {
  const driver = underway({ migration: null })
  driver.world.rollout({ verdict: 'succeeded' })
  driver.world.runs({ verdict: 'succeeded' })
  driver.watch(2 * minute)
  const { release } = driver
  const { tracks } = release
  return {
    ...release,
    id,
    tracks: {
      ...tracks,
      rollouts: tracks.rollouts.map((track) => ({
        ...track,
        seen: track.seen && {
          ...track.seen,
          revision: { ...track.seen.revision, name: `blog-api:${number}` },
        },
      })),
      migration: {
        ...tracks.migration,
        binding: 'found',
        tasks: migrated.map((verdict, index) => ({
          taskArn: `arn:task/${index}`,
          startedBy: `deploy-${id}`,
          createdAt: start + number,
          verdict,
          exitCode: verdict === 'succeeded' ? 0 : 1,
          reason: '',
          durationMs: null,
        })),
      },
    },
  }
}

describe('the migrations that a rollback goes back across', () => {
  it('names those of the deploys since the revision, with release, run and time', () => {
    const releases = [
      deploy({ number: 45 }),
      deploy({ number: 44, migrated: ['succeeded'] }),
      deploy({ number: 43, migrated: ['failed'] }),
      deploy({ number: 42, migrated: ['succeeded'] }),
      deploy({ number: 41, migrated: ['succeeded'] }),
    ]
    const { id, url } = releases[0]!.tracks.run!
    expect(migrationsSince(releases, 'blog-api:42')).toMatchObject({
      last: [
        { release: 'r-44', run: { id, url }, at: start + 44, applied: 'yes' },
        { release: 'r-43', at: start + 43, applied: 'perhaps' },
      ],
      more: 0,
      isComplete: true,
    })
  })

  it('skips rollbacks, which migrate nothing and do not end the search', () => {
    const back = deploy({ number: 41 })
    const rollback = { ...back, subject: { kind: 'rollback' } } as Release
    const releases = [rollback, deploy({ number: 44, migrated: ['succeeded'] }), deploy({ number: 42 })]
    expect(migrationsSince(releases, 'blog-api:43').last).toMatchObject([{ release: 'r-44' }])
  })

  it('counts those beyond five, and says if the releases do not reach back', () => {
    const releases = Array.from({ length: 8 }, (_, index) =>
      deploy({ number: 60 - index, migrated: ['succeeded'] }),
    )
    expect(migrationsSince(releases, 'blog-api:42')).toMatchObject({ more: 3, isComplete: false })
  })

  it('counts a migration in progress, of the deploy that the rollback replaces, as perhaps applied', () => {
    const releases = [deploy({ number: 44, migrated: ['moving'] }), deploy({ number: 43 })]
    expect(migrationsSince(releases, 'blog-api:43').last).toMatchObject([{ applied: 'perhaps' }])
  })
})
