/** What a check, a status or a run says of its commit. */
export type CheckVerdict = 'passed' | 'pending' | 'failed'

const passing: ReadonlySet<string> = new Set(['success', 'neutral', 'skipped'])
const failing: ReadonlySet<string> = new Set([
  'failure',
  'timed_out',
  'cancelled',
  'startup_failure',
  'stale',
])

/** A conclusion that twokey does not know counts as neither passed nor failed: approvers look at it. */
export function verdictOf(status: string, conclusion: string | null | undefined): CheckVerdict {
  if (status !== 'completed') return 'pending'
  if (passing.has(conclusion ?? '')) return 'passed'
  return failing.has(conclusion ?? '') ? 'failed' : 'pending'
}

/** The same for the state of a commit status. */
export function verdictOfStatus(state: string): CheckVerdict {
  if (state === 'success') return 'passed'
  return state === 'failure' || state === 'error' ? 'failed' : 'pending'
}
