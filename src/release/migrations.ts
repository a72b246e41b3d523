import type { MigrationVerdict } from './sighting.ts'

/** What identifies the tasks: all carry the release's id, or only their commit or time matches. */
export type MigrationClaim = 'release' | 'doubtful'

/** The state of a task. `unseen`: it does not stop, or can no longer be read. */
export type MigrationEnd = MigrationVerdict | 'unseen'

/** Whether more tasks may follow. `open`: until the run has ended. `cut off`: they may, but can no longer be listed. */
export type MigrationListing = 'open' | 'complete' | 'cut off'

export type Migrations = {
  readonly claim: MigrationClaim
  /** One per task; at least one. */
  readonly ends: readonly MigrationEnd[]
  readonly listing: MigrationListing
}

/**
 * Joins the migrations of a release. A failed task with the release's id decides; a success needs all tasks to
 * succeed. If some tasks may belong to another release, their result counts only if all ended in the same way;
 * otherwise it is unknown.
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
  // Several tasks of which one still runs were waited for long enough: that one may belong to another release, and
  // run for ever.
  const isOne = others.length === 0 || (first !== 'moving' && others.every((end) => end === first))
  return ofListing[listing] ?? (isOne ? first : 'unseen')
}

/** Tasks that may still follow decide, until none can. */
const ofListing: Readonly<Record<MigrationListing, MigrationEnd | null>> = {
  open: 'moving',
  'cut off': 'unseen',
  complete: null,
}
