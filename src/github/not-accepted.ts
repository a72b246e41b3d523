import type { Time } from '../release/names.ts'
import type { Posted } from './client.ts'
import { explain, limitEnd } from './trouble.ts'

/** What the answer proves. `refused` and `limited`: nothing was started. `held back`: it was not sent. */
export type NotAccepted =
  | { readonly answer: 'refused' | 'held back' | 'unclear'; readonly reason: string }
  | { readonly answer: 'limited'; readonly until: Time; readonly reason: string }

/**
 * Statuses which mean that GitHub started nothing. For a re-run, 403 is also its answer if the run is in progress or cannot
 * be run again. Source: cli/cli#9221, metabase/metabase#70916.
 */
const refusalStatuses = [401, 403, 404, 422]

/** Interprets the failure of a request that starts a run. Anything that proves nothing is `unclear`. */
export function notAccepted(posted: Exclude<Posted, { failure: null }>): NotAccepted {
  if (posted.failure === 'unanswered') return unanswered(posted)
  const reason = explain(posted)
  const until = limitEnd(posted)
  if (until !== null) return { answer: 'limited', until, reason }
  return { answer: refusalStatuses.includes(posted.status) ? 'refused' : 'unclear', reason }
}

function unanswered({ sent, reason }: Extract<Posted, { failure: 'unanswered' }>): NotAccepted {
  switch (sent) {
    case 'never':
      return { answer: 'refused', reason: `nothing was sent to GitHub: ${reason}` }
    case 'held back':
      return { answer: 'held back', reason }
    case 'perhaps':
      return { answer: 'unclear', reason: `the connection broke: ${reason}` }
  }
}
