import type { Finding } from '../finding.ts'
import type { Judged, Verdict } from '../judged.ts'

const verdicts: Readonly<Record<Finding['state'], Verdict>> = {
  right: 'ok',
  caution: 'warning',
  wrong: 'error',
  unavailable: 'not readable',
}

/** What a check of the setup found. @param otherwise what to do if the finding does not say it */
export function fromFinding({ about, state, says, next }: Finding, otherwise: string): Judged {
  const verdict = verdicts[state]
  return { about, verdict, evidence: says, next: verdict === 'ok' ? null : (next ?? otherwise) }
}
