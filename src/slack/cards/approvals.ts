import type { ThreadPost } from '../../release/effects.ts'
import { unmarked } from '../../release/foreign.ts'
import { approvalVerdict } from '../../release/policy/approval-round.ts'
import type { Release } from '../../release/release.ts'
import { outside } from '../escape.ts'
import { count, date, duration, mention } from '../mrkdwn.ts'
import { type Mark, stepLine } from './marks.ts'

/** How many approvals are listed. */
const listed = 10

/** Who approved and when, how many approvals are required, and how many clicks did not count. */
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
  return discounted.length === 0
    ? []
    : [`• ${count(discounted.length, 'click')} did not count (see the thread)`]
}

/** The post about the last approval. An older twokey posted each approval. */
export function approvedText({ by, missing, required }: Extract<ThreadPost, { tell: 'approved' }>): string {
  if (missing > 0) return `${mention(by)} approved. ${missingText(missing)}`
  return required === undefined
    ? `${mention(by)} approved. All approvals are in.`
    : `${mention(by)} approved (${required} of ${required}).`
}

/** `2 approvals are missing.` */
export function missingText(missing: number): string {
  return `${count(missing, 'approval')} ${missing === 1 ? 'is' : 'are'} missing.`
}

/** Whose click did not count, and why. The reason may begin with the same name. */
export function discountedText({ by, why }: Extract<ThreadPost, { tell: 'discounted' }>): string {
  const name = `<@${by}>`
  const words = why.startsWith(name) ? why.slice(name.length) : `, ${why}`
  return `Not counted: ${mention(by)}${words.startsWith(',') ? '' : ' '}${outside(unmarked(words), 150)}.`
}
