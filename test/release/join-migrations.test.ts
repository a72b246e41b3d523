import { describe, expect, test } from 'vitest'
import {
  joinMigrations,
  type MigrationClaim,
  type MigrationEnd,
  type MigrationListing,
} from '../../src/release/migrations.ts'

const claims = ['release', 'doubtful'] as const
const listings = ['open', 'complete', 'cut off'] as const
const ends = ['succeeded', 'failed', 'moving', 'unseen'] as const

/** Every list of one, two and three tasks, in every order. */
const everyEnds: readonly (readonly MigrationEnd[])[] = [1, 2, 3].flatMap((length) =>
  Array.from({ length }).reduce<readonly (readonly MigrationEnd[])[]>(
    (lists) => lists.flatMap((list) => ends.map((end) => [...list, end])),
    [[]],
  ),
)

type Row = readonly [MigrationClaim, MigrationListing, readonly MigrationEnd[]]
const everyRow: readonly Row[] = claims.flatMap((claim) =>
  listings.flatMap((listing) => everyEnds.map((each): Row => [claim, listing, each])),
)

type Holds = (ends: readonly MigrationEnd[]) => boolean
const any: Holds = () => true
const some =
  (end: MigrationEnd): Holds =>
  (all) =>
    all.includes(end)
const every =
  (end: MigrationEnd): Holds =>
  (all) =>
    all.every((each) => each === end)
const one =
  (end: MigrationEnd): Holds =>
  (all) =>
    all.length === 1 && all[0] === end

/** The first rule that matches applies. */
const rules: readonly (readonly [MigrationClaim, readonly MigrationListing[], Holds, MigrationEnd])[] = [
  // All carry the id of the release: one failure decides; success requires all of them and the end of the run.
  ['release', listings, some('moving'), 'moving'],
  ['release', listings, some('failed'), 'failed'],
  ['release', listings, some('unseen'), 'unseen'],
  ['release', ['complete'], every('succeeded'), 'succeeded'],
  ['release', ['open'], every('succeeded'), 'moving'],
  ['release', ['cut off'], every('succeeded'), 'unseen'],
  // They may belong to another release: there is no verdict before the end of the run.
  ['doubtful', ['open'], any, 'moving'],
  ['doubtful', ['cut off'], any, 'unseen'],
  // If all ended alike, it does not matter which one is the release's.
  ['doubtful', ['complete'], every('succeeded'), 'succeeded'],
  ['doubtful', ['complete'], every('failed'), 'failed'],
  // A single task is followed to its end; of several, one that continues may belong to another release.
  ['doubtful', ['complete'], one('moving'), 'moving'],
  ['doubtful', ['complete'], any, 'unseen'],
]

describe('the join of the migrations', () => {
  test.each(everyRow)('%s, listing %s: %j', (claim, listing, each) => {
    const rule = rules.find(([of, listed, holds]) => of === claim && listed.includes(listing) && holds(each))
    expect(joinMigrations({ claim, listing, ends: each })).toBe(rule?.[3])
  })

  test('migrations succeed only if all tasks succeeded and the run has ended', () => {
    for (const [claim, listing, each] of everyRow)
      if (joinMigrations({ claim, listing, ends: each }) === 'succeeded')
        expect([listing, new Set(each)]).toEqual(['complete', new Set(['succeeded'])])
  })
})
