import { approvalVerdict } from '../../release/policy/approval-round.ts'
import type { Release } from '../../release/release.ts'
import { outside, sentence } from '../escape.ts'
import { date, duration, mention } from '../mrkdwn.ts'
import { type Mark, stepLine } from './marks.ts'

/** How many approvals, and how many clicks that did not count, are listed. */
const listed = 10

/** Who approved and when, how many approvals are missing, who may give them until when, and whose clicks did not count. */
export function approvalLines(release: Release): readonly string[] {
  const { policy, stage, emergency } = release
  if (policy.required === 0)
    return [`:white_check_mark: No approvals required${emergency === null ? '' : ' in an emergency'}`]
  const { counted, missing } = approvalVerdict(release)
  const given = counted.slice(0, listed).map(({ by, at }) => `${mention(by)} ${date(at)}`)
  const last = counted.at(-1)
  const keys = stepLine({
    mark: markOf(stage.at, missing),
    name: 'Approvals',
    word: `${counted.length} of ${policy.required}`,
    known: [
      given.join(', '),
      missing === 0 && last ? `took ${duration(last.at - release.requestedAt)}` : null,
    ],
  })
  return [keys, ...(stage.at === 'approval' ? [...voidedLines(release), ...discountedLines(release)] : [])]
}

function markOf(at: Release['stage']['at'], missing: number): Mark {
  if (missing === 0) return 'done'
  return at === 'ended' ? 'stopped' : 'under way'
}

function voidedLines({ voided }: Release): readonly string[] {
  return voided === null ? [] : [`:warning: Requested again: ${outside(voided, 300)}`]
}

function discountedLines({ discounted }: Release): readonly string[] {
  return discounted.slice(-listed).map(({ by, why }) => {
    const isNamed = why.startsWith(`<@${by}>`)
    return `• Not counted: ${isNamed ? '' : `${mention(by)}, `}${sentence(why, 150)}`
  })
}
