import { checkNamesText, type NamedChecks, type RequiredChecks } from '../checks.ts'
import type { ServiceEnvironmentName } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import { refuse } from './refuse.ts'

type Known = { readonly failed: NamedChecks; readonly url?: string }

/** Required checks of the commit failed, and twokey.yml deploys no such commit. */
export function checksFailed(
  { service, environment }: ServiceEnvironmentName,
  commit: string,
  { failed, url }: Known,
): Refusal {
  const short = commit.slice(0, 7)
  const refusal = refuse(
    'checks_failed',
    `${environment} requires passed checks, and those of ${short} failed: ${checkNamesText(failed)}.`,
    `Run them again on GitHub if they failed by accident, or push a commit that passes; then request it again: \`/deploy ${environment} ${service} ${short}\`.`,
  )
  return withLink(refusal, url)
}

/** Whether the required checks of the commit passed cannot be determined. */
export function checksUnreadable(
  { environment }: ServiceEnvironmentName,
  commit: string,
  { reason, url }: { readonly reason: string } & Pick<RequiredChecks, 'url'>,
): Refusal {
  const refusal = refuse(
    'checks_unreadable',
    `${environment} requires passed checks, and those of ${commit.slice(0, 7)} could not be read: ${reason}.`,
    'Grant twokey read access to Checks and Commit statuses: use a GitHub App, or a classic token. Or ask a maintainer of twokey.yml to remove `checks: required`.',
  )
  return withLink(refusal, url)
}

/** Failed checks need more approvals than there are approvers. */
export function becauseRed(refusal: Refusal, commit: string): Refusal {
  const why = `The required checks of ${commit.slice(0, 7)} failed, which requires this many.`
  return { ...refusal, sentence: `${refusal.sentence} ${why}` }
}

function withLink(refusal: Refusal, url: string | undefined): Refusal {
  return url === undefined ? refusal : { ...refusal, link: { url, text: 'The checks on GitHub' } }
}
