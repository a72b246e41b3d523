import { type Context, type Decision, decide, type Input } from '../release/decide.ts'
import type { AuditHead, OutsideEffect, Story, Told } from '../release/effects.ts'
import { lockOn } from '../release/lock.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Release, Time } from '../release/release.ts'
import { nextLook } from '../release/watch.ts'
import type { Transaction } from '../store/store.ts'
import { accountsOf, freezeToday, type Settings, today } from './settings.ts'
import { stopping } from './unheard.ts'

/** What a committed decision leaves to be done: effects outside, in order. */
export type Committed =
  | {
      readonly release: Release
      readonly outside: readonly OutsideEffect[]
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
    today: today(settings, release),
    people: accountsOf(settings),
    lock: lockOn(await tx.locks(release.environment), release, now),
    freeze: freezeToday(settings, release, now),
    stopping: release.stage.at === 'ready' ? stopping(release, await tx.undone()) : 'nobody',
  }
  const decision = decide(release, input, context)
  const head = await tx.audit(release.id, decision.audit, now)
  const outside = await write(tx, { before: release, decision, head }, settings, now)
  if ('refused' in decision) return { refused: decision.refused }
  return { release: decision.next, outside, moved: movement(release, decision.next) }
}

function movement({ stage: from }: Release, { stage: to }: Release): string | null {
  return from.at === to.at ? null : `${from.at}→${to.at}`
}

/** A decision to be written, and where the audit chain ends with it. */
type Written = { readonly before: Release; readonly decision: Decision; readonly head: AuditHead }

/** What is told at an end, and after it: Slack is shown where the chain ends then. */
const witnessed: ReadonlySet<Story['tell']> = new Set<Story['tell']>([
  'ended',
  'explained',
  'settled',
  'acknowledged',
])

async function write(
  tx: Transaction,
  { before, decision: { next, effects }, head }: Written,
  settings: Settings,
  now: Time,
): Promise<readonly OutsideEffect[]> {
  await tx.save(next, wakeAfter(before, next, settings, now))
  const told: Told[] = []
  const outside: OutsideEffect[] = []
  for (const effect of effects) {
    switch (effect.do) {
      case 'tell':
        told.push(witnessed.has(effect.story.tell) ? { ...effect, head } : effect)
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
