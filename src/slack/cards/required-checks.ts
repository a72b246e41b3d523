import { checksVerdict, type NamedChecks } from '../../release/checks.ts'
import { isRed } from '../../release/policy/checks-rule.ts'
import type { Release } from '../../release/release.ts'
import { outside } from '../escape.ts'
import { count, link } from '../mrkdwn.ts'

/** What the checks mean for a release that requires them, until it is sent. What it waits for at last is said elsewhere. */
export function checksLines(release: Release): readonly string[] {
  const { stage, checksRule, redCommit, facts } = release
  if (stage.at === 'underway' || stage.at === 'ended' || stage.at === 'sending') return []
  if (redCommit) return [`:warning: ${redCommitText(release, redCommit)}`]
  const required = facts?.checks?.required
  if (!checksRule || required === undefined || stage.at === 'ready') return []
  const page = required.url === undefined ? '' : ` (${link(required.url, 'checks')})`
  switch (checksVerdict(required)) {
    case 'green':
    case 'red':
      return []
    case 'pending':
      return [
        `:hourglass_flowing_sand: Required checks are pending: ${namesText(required.pending)}${page}. twokey does not deploy until they pass.`,
      ]
    case 'none':
      return [
        `:grey_question: No checks were reported for this commit${page}. twokey does not deploy until required checks pass.`,
      ]
    case 'unreadable':
      return [
        `:grey_question: Required checks could not be read (${outside(required.unread?.reason ?? '', 150)}). twokey does not deploy until they pass.`,
      ]
  }
}

/** A commit whose checks failed; the number of approvals stays when they pass later. */
function redCommitText({ policy, facts }: Release, { usual }: NonNullable<Release['redCommit']>): string {
  const { required } = facts?.checks ?? {}
  const page = required?.url === undefined ? '' : ` (${link(required.url, 'checks')})`
  const failed =
    isRed(facts?.checks) && required
      ? `*Required checks failed:* ${namesText(required.failed)}${page}.`
      : `*Required checks failed earlier*${page}.`
  const approvals = count(policy.required, 'approval')
  return `${failed} ${policy.required > usual ? `Needs ${approvals} instead of ${usual}.` : `Needs ${approvals}.`}`
}

function namesText({ count: all, names }: NamedChecks): string {
  const more = all - names.length
  return `${names.map((name) => outside(name, 60)).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
