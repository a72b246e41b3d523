import { type Context, type Decision, decide, type Input } from '../release/decide.ts'
import type { Outside, Told } from '../release/effects.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Release, Time } from '../release/release.ts'
import { nextLook } from '../release/watch.ts'
import type { Transaction } from '../store/store.ts'
import { policyToday, type Settings } from './settings.ts'

type Accepted = Extract<Decision, { next: Release }>

/** What a committed decision leaves to be done: effects outside, in order. */
export type Committed =
  | {
      readonly release: Release
      readonly outside: readonly Outside[]
      /** From one stage to another, as `approval→ready`; null: it stayed where it was. */
      readonly moved: string | null
    }
  | { readonly refused: Refusal }

/** Decides on the row as it is in this transaction, and writes all that follows in it. */
export async function decideWithin(
  tx: Transaction,
  { release, input, settings, now }: { release: Release; input: Input; settings: Settings; now: Time },
): Promise<Committed> {
  const context: Context = {
    now,
    holders: await tx.holders(release.targets, release.id),
    today: policyToday(settings, release),
  }
  const decision = decide(release, input, context)
  await tx.audit(release.id, decision.audit, now)
  if ('refused' in decision) return decision
  return {
    release: decision.next,
    outside: await write(tx, release, decision, settings, now),
    moved: movement(release, decision.next),
  }
}

function movement({ stage: from }: Release, { stage: to }: Release): string | null {
  return from.at === to.at ? null : `${from.at}→${to.at}`
}

async function write(
  tx: Transaction,
  before: Release,
  { next, effects }: Accepted,
  settings: Settings,
  now: Time,
): Promise<readonly Outside[]> {
  await tx.save(next, wakeAfter(before, next, settings, now))
  const told: Told[] = []
  const outside: Outside[] = []
  for (const effect of effects) {
    switch (effect.do) {
      case 'tell':
        told.push(effect)
        break
      case 'take-lanes':
        await tx.takeLanes(next.id)
        break
      case 'supersede':
        await supersede(tx, effect.release, next, settings, now)
        break
      default:
        outside.push(effect)
    }
  }
  await tx.tell(next.id, told, now)
  return outside
}

async function supersede(
  tx: Transaction,
  id: string,
  by: Release,
  settings: Settings,
  now: Time,
): Promise<void> {
  const release = await tx.lock(id)
  if (release) await decideWithin(tx, { release, input: { on: 'supersede', by }, settings, now })
}

/** A step that leads to another is followed at once; so is what a person asked of a release that moves. */
function wakeAfter(before: Release, next: Release, { polling }: Settings, now: Time): Time | null {
  const due = nextLook(next, now, polling)
  const moved =
    before.stage.at !== next.stage.at ||
    before.cancelAsked !== next.cancelAsked ||
    before.supersededBy !== next.supersededBy
  const looksOutside =
    next.stage.at === 'ready' || next.stage.at === 'sending' || next.stage.at === 'underway'
  return due !== null && moved && looksOutside ? now : due
}
