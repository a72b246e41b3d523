import { foreign } from './foreign.ts'
import type { Time } from './names.ts'
import type { TroubleKind } from './sighting.ts'

/**
 * What GitHub's checks and commit statuses of a commit came to, those of the workflows that deploy left out. `workflow runs`:
 * the token may not read checks, as no fine-grained token may, so the runs of workflows were read in their place.
 */
export type Checks = {
  readonly source: 'checks' | 'workflow runs'
  readonly passed: number
  readonly pending: number
  readonly failed: number
  /** Names of the first that failed: text from outside, to be escaped where it is shown. */
  readonly failing: readonly string[]
  /** Why some of them are not known, without a full stop. Absent: all are. */
  readonly unread?: string
  /** When they were found to have changed since the request, by our clock. Absent: they are as at the request. */
  readonly at?: Time
  /** What those came to that the config requires. Absent: it requires none. */
  readonly required?: RequiredChecks
}

/** What the checks came to that have to pass before a commit is deployed. */
export type RequiredChecks = {
  /** `branch`: GitHub requires them for the branch. `commit`: it names none, so they are all of the commit. */
  readonly by: 'branch' | 'commit'
  readonly passed: number
  /** Not finished, or not reported yet. */
  readonly pending: NamedChecks
  readonly failed: NamedChecks
  /** Why some are not known. Absent: all are. `reason`: without a full stop. */
  readonly unread?: { readonly kind: TroubleKind; readonly reason: string }
  /** GitHub's page about the checks of the commit. Absent: not known. */
  readonly url?: string
}

/** How many checks, and the names of the first: text from outside, to be escaped where it is shown. */
export type NamedChecks = { readonly count: number; readonly names: readonly string[] }

/** `none`: no check was reported, which is not green. `unreadable`: none is known to have failed, but not all are known. */
export type ChecksVerdict = 'green' | 'pending' | 'red' | 'none' | 'unreadable'

/** Whether a commit may be deployed by its required checks. */
export function checksVerdict({ passed, pending, failed, unread }: RequiredChecks): ChecksVerdict {
  if (failed.count > 0) return 'red'
  if (unread !== undefined) return 'unreadable'
  if (pending.count > 0) return 'pending'
  return passed > 0 ? 'green' : 'none'
}

/** `lint, test and 3 more`, the names marked as text from outside. */
export function checkNamesText({ count, names }: NamedChecks): string {
  const more = count - names.length
  return `${names.map(foreign).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
