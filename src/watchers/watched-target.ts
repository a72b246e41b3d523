import { z } from 'zod'
import type { Clock } from '../ports/clock.ts'
import type { Outside } from '../ports/outside.ts'
import type { Checkpoint } from '../ports/ports.ts'
import { type Target, type Time, targetName } from '../release/names.ts'
import type { FailingNotice, OutsideNotice } from '../release/notice.ts'
import type { RolloutNews, Watched } from '../release/outside-changes.ts'
import type { ServiceEnvironment } from '../settings/settings.ts'
import { environmentChain, type Store, type Transaction } from '../store/store.ts'

export type WatchDeps = {
  readonly store: Store
  readonly outside: Pick<Outside, 'ecs' | 'github'>
  readonly clock: Clock
  readonly checkpoint: Checkpoint
}

/** A target of twokey.yml. */
export type Place = { readonly serviceEnvironment: ServiceEnvironment; readonly target: Target }

const watchedShape = z.object({
  since: z.number(),
  began: z.number(),
  known: z.record(z.string(), z.enum(['began', 'failed', 'rolled back', 'rollback failed'])),
  failingAt: z.number().nullable(),
})

function bookmarkOf(target: Target): string {
  return `outside:${targetName(target)}`
}

/** Null: twokey has not looked at this target yet. */
export async function watchedOf(store: Pick<Store, 'bookmark'>, target: Target): Promise<Watched | null> {
  return watchedShape.safeParse(await store.bookmark(bookmarkOf(target))).data ?? null
}

/** Stores what is noticed of a target by now. */
export function setWatched(tx: Transaction, target: Target, watched: Watched): Promise<void> {
  return tx.setBookmark(bookmarkOf(target), watched)
}

/** Adds the event to the audit chain of the environment, and announces it in the release channel. */
export async function announce(
  tx: Transaction,
  { environment, channel }: ServiceEnvironment,
  notice: OutsideNotice | FailingNotice,
  at: Time,
): Promise<void> {
  const chain = environmentChain(environment)
  const { notice: _, mention: _mention, target, ...detail } = notice
  const what = notice.notice === 'outside' ? auditedAs[notice.news] : 'tasks keep failing'
  const row = { actor: 'twokey', what, detail: { ...detail, target: targetName(target) } }
  const head = await tx.audit(chain, [row], at)
  await tx.announce(channel, { notice, chain, head }, at)
}

const auditedAs: Readonly<Record<RolloutNews, string>> = {
  began: 'deployed outside twokey',
  failed: 'rollout outside twokey failed',
  'rolled back': 'rolled back outside twokey',
  'rollback failed': 'rollback outside twokey failed',
}
