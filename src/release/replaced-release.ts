import type { Release } from './release.ts'
import type { ReplacedRelease } from './replacement.ts'
import { stateOf } from './state.ts'

/** The releases that a rollback would replace if these hold its lanes at its request. */
export function replacedReleasesOf(holders: readonly Release[]): readonly ReplacedRelease[] {
  return holders.map((holder) => ({
    release: holder.id,
    requester: holder.requester,
    state: stateOf(holder),
    ...(holder.subject.kind !== 'rollback' && { commit: holder.subject.commit.sha }),
    ...migrationOf(holder),
  }))
}

/** The worst of its tasks: one that failed may have left the database half migrated. */
function migrationOf({ tracks }: Release): Pick<ReplacedRelease, 'migration'> {
  const verdicts = tracks.migration.tasks.map(({ verdict }) => verdict)
  const migration = (['failed', 'moving', 'succeeded'] as const).find((each) => verdicts.includes(each))
  return migration === undefined ? {} : { migration }
}
