import type { Context } from '../context.ts'
import { effectOf, type Frozen, freezeEnd, freezeReason } from '../policy/freeze.ts'
import { always, end, noLooks, open, type Precondition, type Result } from './precondition.ts'

/**
 * No freeze blocks the release. Rollbacks and emergency deploys are exempt; some freezes allow deploys with more
 * approvals.
 */
export const freeze = { name: 'freeze', appliesTo: always, looks: noLooks, judge } satisfies Precondition

function judge({
  release,
  context: { freeze: current },
}: {
  readonly release: Frozen & { readonly environment: string }
  readonly context: Pick<Context, 'freeze'>
}): Result {
  const effect = effectOf(current, release)
  if (current === null || effect !== 'held') return open(effect === 'none' ? {} : { effect })
  return end(
    'expired',
    `${release.environment} is frozen ${freezeEnd(current)}${freezeReason(current)}; nothing was sent`,
  )
}
