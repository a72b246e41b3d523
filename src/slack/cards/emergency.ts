import type { ThreadPost } from '../../release/effects.ts'
import { awaitsAcknowledgement } from '../../release/policy/acknowledgement.ts'
import { effectOf, type Freeze } from '../../release/policy/freeze.ts'
import type { Release } from '../../release/release.ts'
import { outside } from '../escape.ts'
import { anyOf, count, date, mention } from '../mrkdwn.ts'

export const unacknowledged = 'Nobody has acknowledged this emergency yet.'

/** Shows that it is an emergency, why, and who acknowledged it or can. */
export function emergencyLines(release: Release): readonly string[] {
  const { emergency, policy } = release
  if (emergency === null) return []
  const { usual, why, acknowledged } = emergency
  const involved = [...new Set([release.requester, ...release.approvals.map(({ by }) => by)])]
  return [
    `:rotating_light: *EMERGENCY* with ${fewerText(policy.required, usual.required)}. ${reasonText(why)}`,
    ...(awaitsAcknowledgement(release)
      ? [
          `*${unacknowledged}* It needs an acknowledgement by ${anyOf(usual.approvers)}, not by ${anyOf(involved)}.`,
        ]
      : []),
    ...(acknowledged ? [`Acknowledged by ${mention(acknowledged.by)} ${date(acknowledged.at)}.`] : []),
  ]
}

/** `1 approval instead of 2`; an emergency may also need as many as usual. */
export function fewerText(required: number, usual: number): string {
  const approvals = count(required, 'approval')
  return required === usual ? `${approvals}, as usual` : `${approvals} instead of ${usual}`
}

/** The reason that a person gave. */
export function reasonText(why: string): string {
  return `*Why:* ${outside(why, 500)}`
}

/** The freeze that applies to a release, until it is sent. */
export function freezeLines(release: Release): readonly string[] {
  const { freeze, stage } = release
  if (freeze === null || stage.at === 'underway' || stage.at === 'ended') return []
  const effect = effectOf(freeze, { ...release, policy: { required: freeze.usual } })
  return effect === 'none' ? [] : [`:snowflake: ${frozenText({ effect, freeze, usual: freeze.usual })}`]
}

/** `Frozen until …`, or that it has no end. */
export function frozenUntil({ until, isEndless }: Freeze): string {
  return isEndless ? 'Frozen without an end' : `Frozen until ${date(until)}`
}

/** `Frozen until …: 3 approvals instead of 2.` */
export function frozenText({
  effect,
  freeze,
  usual,
}: Pick<Extract<ThreadPost, { tell: 'frozen' }>, 'effect' | 'freeze' | 'usual'>): string {
  const why = freeze.reason === null ? '' : ` (${outside(freeze.reason, 300)})`
  const frozen = `${frozenUntil(freeze)}${why}`
  switch (effect) {
    case 'raised':
      return `${frozen}: ${count(freeze.approvals ?? usual, 'approval')} instead of ${usual}.`
    case 'held':
      return freeze.isEndless ? `${frozen}: deploys are blocked.` : `${frozen}: no deploys until then.`
    case 'passed':
      return `${frozen}. Rollbacks and emergency deploys are exempt.`
  }
}
