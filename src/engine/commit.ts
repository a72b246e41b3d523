import type { Context } from '../release/context.ts'
import { type Decision, decide } from '../release/decide.ts'
import type { OutsideEffect, ThreadPost, Told } from '../release/effects.ts'
import type { Input } from '../release/input.ts'
import type { Place, Time } from '../release/names.ts'
import type { BeyondNotice } from '../release/notice.ts'
import { lockOn } from '../release/policy/lock.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Release } from '../release/release.ts'
import type { Beyond } from '../release/sighting.ts'
import { followedAfterEnd } from '../release/stages/ended.ts'
import { isBeyondDue } from '../release/tracks/beyond.ts'
import { nextLook } from '../release/watch.ts'
import {
  accountsOf,
  currentFreeze,
  currentRules,
  type Settings,
  serviceEnvironmentOf,
} from '../settings/settings.ts'
import { environmentChain, type Transaction } from '../store/store.ts'
import { beyondBookmark, unapprovedBy } from './beyond.ts'
import { stopping, unheard } from './pending-stops.ts'

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
    currentRules: currentRules(settings, release),
    people: accountsOf(settings),
    lock: lockOn(await tx.locks(release.environment), release, now),
    freeze: currentFreeze(settings, release, now),
    stopping: release.stage.at === 'ready' ? stopping(release, await unheard(tx)) : 'nobody',
    nextSentAt: isLookForLate(release, input) ? await tx.nextSent(release) : null,
  }
  const decision = decide(release, input, context)
  const outside = await persist(tx, { before: release, ...decision }, settings, now)
  if ('refused' in decision) return { refused: decision.refused }
  return { release: decision.next, outside, moved: movement(release, decision.next) }
}

function isLookForLate(release: Release, { on }: Input): boolean {
  return on === 'look' && followedAfterEnd(release).includes('late')
}

function movement({ stage: from }: Release, { stage: to }: Release): string | null {
  return from.at === to.at ? null : `${from.at}→${to.at}`
}

/** A decision to be written. `before`: null where this transaction created the release, which is awake by that. */
export type Decided = Pick<Decision, 'next' | 'effects' | 'audit'> & { readonly before: Release | null }

/** What is told at an end, and after it: Slack is shown where the chain ends then. */
const witnessed: ReadonlySet<ThreadPost['tell']> = new Set<ThreadPost['tell']>([
  'ended',
  'run-ended',
  'rolled-out-after-end',
  'rolled-out-late',
  'more-rolled-out-late',
  'given-up',
  'started-again',
  'migration-after-end',
  'explained',
  'settled',
  'acknowledged',
])

/** Writes what was decided with all that follows from it. Gives what is left to be done outside, in order. */
export async function persist(
  tx: Transaction,
  { before, next, effects, audit }: Decided,
  settings: Settings,
  now: Time,
): Promise<readonly OutsideEffect[]> {
  const head = await tx.audit(next.id, audit, now)
  if (before !== null) await tx.save(next, wakeAfter(before, next, settings, now))
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
      case 'announce-beyond':
        await announceBeyond(tx, { release: next, changes: effect.changes, settings }, now)
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
  const release = await tx.releaseForUpdate(id)
  if (release) await decideWithin(tx, { release, input: { on: 'supersede', by }, settings, now })
}

/** In the channel of each service environment that was changed without an approval for it, in its audit chain, and for status. */
async function announceBeyond(
  tx: Transaction,
  {
    release,
    changes,
    settings,
  }: { readonly release: Release; readonly changes: readonly Beyond[]; readonly settings: Settings },
  now: Time,
): Promise<void> {
  for (const change of changes) {
    const place = serviceEnvironmentOf(settings, change)
    const there = changes.filter((other) => isSamePlace(other, change))
    await tx.setBookmark(
      beyondBookmark(change),
      there.map((each) => unapprovedBy(release, each)),
    )
    const chain = environmentChain(change.environment)
    const detail = unapprovedBy(release, change)
    const head = await tx.audit(
      chain,
      [
        {
          actor: 'twokey',
          what: 'changed beyond approval',
          detail: { ...detail, evidence: change.evidence },
        },
      ],
      now,
    )
    const notice: BeyondNotice = {
      notice: 'changed-beyond-approval',
      service: change.service,
      environment: change.environment,
      revision: change.rollout.revision,
      evidence: change.evidence,
      by: {
        release: release.id,
        service: release.service,
        environment: release.environment,
        requester: release.requester,
        run: release.tracks.run && { id: release.tracks.run.id, url: release.tracks.run.url },
      },
      mention: [...new Set([...(place?.policy.approvers ?? []), ...(place?.notify ?? [])])],
    }
    await tx.announce(place?.channel ?? release.channel, { notice, chain, head }, now)
  }
}

function isSamePlace(one: Place, other: Place): boolean {
  return one.service === other.service && one.environment === other.environment
}

/**
 * A step that leads to another is followed at once, unless GitHub asked to wait; so are the end of a run, and what a person
 * asked of a release that moves, or whose run does.
 */
function wakeAfter(before: Release, next: Release, { polling }: Settings, now: Time): Time | null {
  const due = nextLook(next, now, polling)
  const moved =
    before.stage.at !== next.stage.at ||
    (isBeyondDue(next) && !isBeyondDue(before)) ||
    before.cancelAsked !== next.cancelAsked ||
    before.supersededBy !== next.supersededBy
  const { stage } = next
  const looksOutside =
    (stage.at === 'ready' && (stage.notBefore ?? 0) <= now) ||
    stage.at === 'sending' ||
    stage.at === 'underway' ||
    followedAfterEnd(next).some((each) => each !== 'late')
  return due !== null && moved && looksOutside ? now : due
}
