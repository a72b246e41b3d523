import type { ThreadPost } from '../../release/effects.ts'
import { unmarked } from '../../release/foreign.ts'
import type { Approval } from '../../release/policy/approval.ts'
import { approvalVerdict } from '../../release/policy/approval-round.ts'
import { pauseVerdict } from '../../release/policy/pause-round.ts'
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
  const last = counted.at(-1)
  const toContinue = continueLines(release)
  const keys = stepLine({
    mark: markOf(stage.at, missing),
    name: toContinue.length === 0 ? 'Approvals' : `Approvals to ${purpose[release.subject.kind]}`,
    word: `${counted.length} of ${policy.required}`,
    known: [
      givenText(counted),
      missing === 0 && last ? `took ${duration(last.at - release.requestedAt)}` : null,
    ],
  })
  return [
    keys,
    ...toContinue,
    ...(stage.at === 'approval' ? [...voidedLines(release), ...discountedLines(release)] : []),
  ]
}

const purpose: Readonly<Record<Release['subject']['kind'], string>> = {
  deploy: 'deploy',
  gate: 'deploy',
  rerun: 're-run',
  rollback: 'roll back',
}

/** The approvals of a paused rollout, which are other ones. */
function continueLines(release: Release): readonly string[] {
  const { pause, stage } = release
  if (!pause || pause.policy.required === 0 || stage.at !== 'underway') return []
  const { counted, missing } = pauseVerdict(release, pause)
  return [
    stepLine({
      mark: markOf(stage.at, missing),
      name: 'Approvals to continue',
      word: `${counted.length} of ${pause.policy.required}`,
      known: [givenText(counted)],
    }),
  ]
}

function givenText(counted: readonly Approval[]): string {
  return counted
    .slice(0, listed)
    .map(({ by, at }) => `${mention(by)} ${date(at)}`)
    .join(', ')
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
