import type { Time } from './names.ts'

/** A migration that ran after the revision of a rollback was deployed. `at`: when its last task began, by AWS's clock. */
export type CrossedMigration = {
  readonly release: string
  readonly run: { readonly id: number; readonly number?: number; readonly url: string } | null
  readonly at: Time
  /** `perhaps`: a task failed or still runs, so it may have been applied in part, or it is not clear which task was the release's. */
  readonly applied: 'yes' | 'perhaps'
}

/**
 * The migrations that a rollback goes back across. The schema keeps what they changed. `last`: newest first. `more`: how many
 * others. `isComplete`: whether the releases of twokey reach back to the revision.
 */
export type CrossedMigrations = {
  readonly last: readonly CrossedMigration[]
  readonly more: number
  readonly isComplete: boolean
}
