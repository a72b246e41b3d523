import type { Told } from '../release/effects.ts'
import { lockOn } from '../release/lock.ts'
import type { Time } from '../release/names.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Release } from '../release/release.ts'
import { type Request, type RequestContext, request } from '../release/request.ts'
import { headline } from '../release/state.ts'
import { nextLook } from '../release/watch.ts'
import { currentFreeze, type Settings } from '../settings/settings.ts'
import type { Transaction } from '../store/store.ts'

export type Placed = { readonly release: Release; readonly headline: string } | { readonly refused: Refusal }

/** Checks the lanes and starts the release in one transaction. */
export async function place(
  tx: Transaction,
  { request: asked, settings, now }: { request: Request; settings: Settings; now: Time },
): Promise<Placed> {
  const ground: RequestContext = {
    holders: await tx.holders(asked.targets),
    lock: lockOn(await tx.locks(asked.environment), asked, now),
    freeze: currentFreeze(settings, asked, now),
  }
  const requested = request(asked, ground, now)
  if ('refused' in requested) return requested
  const { release, effects, audit } = requested
  await tx.create(release, requested.place)
  await tx.audit(release.id, audit, now)
  const told = effects.filter((effect): effect is { do: 'tell' } & Told => effect.do === 'tell')
  await tx.tell(release.id, told, now)
  const due = nextLook(release, now, settings.polling)
  await tx.save(release, release.stage.at === 'ready' ? now : due)
  return { release, headline: headline(release) }
}
