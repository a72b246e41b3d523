import { effectOf, freezeEnd, freezeReason } from '../policy/freeze.ts'
import type { Refusal } from '../refusal.ts'
import { frozen } from '../refusals/freezes.ts'
import { always, end, type Facts, noLooks, open, type Precondition, type Result } from './precondition.ts'

/**
 * No freeze blocks the release. Rollbacks and emergency deploys are exempt; some freezes allow deploys with more
 * approvals.
 */
export const freeze = {
  name: 'freeze',
  appliesTo: always,
  looks: noLooks,
  judge,
  refusal,
} satisfies Precondition

function judge({ release, context: { freeze: current } }: Facts): Result {
  const effect = effectOf(current, release)
  if (current === null || effect !== 'held') return open(effect === 'none' ? {} : { effect })
  return end(
    'expired',
    `${release.environment} is frozen ${freezeEnd(current)}${freezeReason(current)}; nothing was sent`,
  )
}

/** A run that waits at a gate is there already: a freeze only delays it. */
function refusal({ release, context: { freeze: current, currentRules } }: Facts): Refusal | null {
  if (current === null || release.subject.kind === 'gate') return null
  return frozen(release, current, currentRules?.emergencies ?? 'refused')
}
