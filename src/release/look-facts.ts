import type { LookName } from './look.ts'

/** Properties of a look, whatever it asks. */
type LookFacts = {
  /** For people: the beginning of the sentence `… could not be read`. */
  readonly words: string
  /**
   * Looks whose answers must be fresh: where not all looks are made at once, they are made after all others, the services
   * first. Absent: the look is made first, and may be as old as the slowest of those takes.
   */
  readonly fresh?: 'services' | 'people'
  /** A failure does not delay the dispatch. */
  readonly optional?: true
  /** After how many failures twokey gives up. Absent: after a time, see `unavailability.ts`. */
  readonly tries?: number
  /** `late`: after the same time whether or not the trouble may pass by itself. Absent: sooner if it does not. */
  readonly givesUp?: 'late'
}

/** The order is that in which a card lists failed looks. */
export const lookFacts: { readonly [Name in LookName]: LookFacts } = {
  people: { words: 'Whether the approvers may still approve', fresh: 'people' },
  requester: { words: 'Whether the requester may still request it', fresh: 'people' },
  channel: { words: 'Whether the release channel is shared with other organizations', fresh: 'people' },
  tip: { words: 'The branch' },
  order: { words: 'Whether the commit succeeded in the environments that come first' },
  before: { words: 'The service before the release', fresh: 'services' },
  tasksBefore: { words: 'The tasks before the migration', optional: true },
  rollbackTarget: { words: 'The revision to go back to' },
  checks: { words: 'What CI made of the commit', optional: true },
  changesNow: { words: 'What the commit would change now' },
  // Nothing is lost meanwhile: the run waits at its gate.
  gate: { words: 'The gate on GitHub', givesUp: 'late' },
  failedRun: { words: 'Whether the run can be run again' },
  findAttempt: { words: 'The new attempt of the run' },
  findRun: { words: 'The run' },
  run: { words: 'The run' },
  laterAttempt: { words: 'Whether the run was started again' },
  headTree: { words: 'The workflow that the run uses' },
  migration: { words: 'The migration' },
  rollouts: { words: 'The rollout' },
  // Limited, because each try reads up to 32 MiB, and a person can settle the question too.
  runLog: { words: 'The log of the run', tries: 4 },
  beyond: { words: 'What else the run changed' },
  otherRuns: { words: 'Which other runs were in progress', optional: true },
}

/** All looks, in that order. */
export const lookNames = Object.keys(lookFacts) as readonly LookName[]
