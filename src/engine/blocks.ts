import type { Context } from '../release/context.ts'
import type { ServiceEnvironmentName, Time } from '../release/names.ts'
import type { Freeze } from '../release/policy/freeze.ts'
import { lockOn } from '../release/policy/lock.ts'
import type { Release } from '../release/release.ts'
import { currentFreeze, type Settings, sharingGate } from '../settings/settings.ts'
import type { Transaction } from '../store/store.ts'

/**
 * The lock and the freeze that apply to a release now. A gate that several service environments share is opened for all of
 * them, so those of each count: the first lock, and the strictest freeze.
 */
export async function blocksOn(
  tx: Pick<Transaction, 'locks'>,
  release: ServiceEnvironmentName & Pick<Release, 'subject'>,
  { settings, now }: { readonly settings: Settings; readonly now: Time },
): Promise<Pick<Context, 'lock' | 'freeze'>> {
  const places = [release, ...sharingGate(settings, release)]
  const locks = await Promise.all(
    places.map(async (place) => lockOn(await tx.locks(place.environment), place, now)),
  )
  return {
    lock: locks.find((lock) => lock !== null) ?? null,
    freeze: places.map((place) => currentFreeze(settings, place, now)).reduce(stricter),
  }
}

function stricter(one: Freeze | null, other: Freeze | null): Freeze | null {
  if (one === null || other === null) return one ?? other
  return strength(other) > strength(one) ? other : one
}

/** How many approvals it takes; no number may suffice. */
function strength({ approvals }: Freeze): number {
  return approvals ?? Number.POSITIVE_INFINITY
}
