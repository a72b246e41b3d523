import type { MigrationVerdict } from './sighting.ts'

/** What the tasks say of themselves: all carry the release's id, or their commit or time alone speaks for them. */
export type MigrationClaim = 'release' | 'doubtful'

/** How far a task is. `unseen`: it does not stop, or cannot be read any more. */
export type MigrationEnd = MigrationVerdict | 'unseen'

/** Whether others may follow. `open`: until the run has ended. `cut off`: they may, and nobody will tell. */
export type MigrationListing = 'open' | 'complete' | 'cut off'

export type Migrations = {
  readonly claim: MigrationClaim
  /** Of each task; at least one. */
  readonly ends: readonly MigrationEnd[]
  readonly listing: MigrationListing
}

/**
 * What all migrations of a release come to. One that carries its id and failed decides; success takes all of them. Of those
 * that may be another's it makes no difference which are the release's where all ended alike; where they did not, nobody knows.
 */
export function joinMigrations({ claim, ends, listing }: Migrations): MigrationEnd {
  return claim === 'release' ? joinOwn(ends, listing) : joinDoubtful(ends, listing)
}

function joinOwn(ends: readonly MigrationEnd[], listing: MigrationListing): MigrationEnd {
  if (ends.includes('moving')) return 'moving'
  if (ends.includes('failed')) return 'failed'
  if (ends.includes('unseen')) return 'unseen'
  return ofListing[listing] ?? 'succeeded'
}

function joinDoubtful(ends: readonly MigrationEnd[], listing: MigrationListing): MigrationEnd {
  const [first = 'unseen', ...others] = ends
  // Several of which one still runs were waited for long enough by now: it may be another's, and run for ever.
  const isOne = others.length === 0 || (first !== 'moving' && others.every((end) => end === first))
  return ofListing[listing] ?? (isOne ? first : 'unseen')
}

/** What is still to come decides, until nothing more can. */
const ofListing: Readonly<Record<MigrationListing, MigrationEnd | null>> = {
  open: 'moving',
  'cut off': 'unseen',
  complete: null,
}
