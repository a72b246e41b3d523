import type { Time } from '../release/names.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Release } from '../release/release.ts'
import { type Request, type RequestContext, request } from '../release/request.ts'
import { headline } from '../release/state.ts'
import { currentRules, type Settings } from '../settings/settings.ts'
import type { Transaction } from '../store/store.ts'
import { blocksOn } from './blocks.ts'
import { persist } from './commit.ts'

export type Created = { readonly release: Release; readonly headline: string } | { readonly refused: Refusal }

/** Checks the lanes and creates the release in one transaction. */
export async function createRelease(
  tx: Transaction,
  { request: requestedRelease, settings, now }: { request: Request; settings: Settings; now: Time },
): Promise<Created> {
  const context: RequestContext = {
    holders: await tx.holders(requestedRelease.targets),
    ...(await blocksOn(tx, requestedRelease, { settings, now })),
    currentRules: currentRules(settings, requestedRelease),
  }
  const requested = request(requestedRelease, context, now)
  if ('refused' in requested) return requested
  const { release, effects, audit } = requested
  await tx.create(release, requested.place)
  await persist(tx, { before: null, next: release, effects, audit }, settings, now)
  return { release, headline: headline(release) }
}
