import type { Told } from '../release/effects.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Release, Time } from '../release/release.ts'
import { type Request, request } from '../release/request.ts'
import { headline } from '../release/state.ts'
import { nextLook } from '../release/watch.ts'
import type { Transaction } from '../store/store.ts'
import type { Settings } from './settings.ts'

export type Placed = { readonly release: Release; readonly headline: string } | { readonly refused: Refusal }

/** Checks the lanes and starts the release in one transaction. */
export async function place(
  tx: Transaction,
  { request: asked, settings, now }: { request: Request; settings: Settings; now: Time },
): Promise<Placed> {
  const requested = request(asked, await tx.holders(asked.targets), now)
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
