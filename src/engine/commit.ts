import type { Context } from '../release/context.ts'
import { type Decision, decide } from '../release/decide.ts'
import type { OutsideEffect, ReleasePost, ThreadPost } from '../release/effects.ts'
import type { Input } from '../release/input.ts'
import type { ServiceEnvironmentName, Time } from '../release/names.ts'
import { nextLook } from '../release/next-look.ts'
import type { BeyondNotice } from '../release/notice.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Release } from '../release/release.ts'
import type { Beyond } from '../release/sighting.ts'
import { followedAfterEnd } from '../release/stages/ended.ts'
import { isBeyondDue } from '../release/tracks/beyond.ts'
import type { RunTrack } from '../release/tracks.ts'
import { accountsOf, currentRules, type Settings, serviceEnvironmentOf } from '../settings/settings.ts'
import { environmentChain, type Transaction } from '../store/store.ts'
import { beyondBookmark, unapprovedBy } from './beyond.ts'
import { blocksOn } from './blocks.ts'
import { writeDirectMessages } from './direct-messages.ts'
import { hasPendingStop, pendingRequests } from './pending-stops.ts'

/** A committed decision, with the effects outside that are still to be performed, in order. */
export type Committed =
  | {
      readonly release: Release
      readonly outside: readonly OutsideEffect[]
      /** The change of stage, such as `approval→ready`; null: the stage is the same. */
      readonly moved: string | null
    }
  | { readonly refused: Refusal }

/** Decides on the row as this transaction reads it, and writes all that follows. */
export async function decideWithin(
  tx: Transaction,
  { release, input, settings, now }: { release: Release; input: Input; settings: Settings; now: Time },
): Promise<Committed> {
  const context: Context = {
    now,
    holders: await tx.holders(release.targets, release.id),
    currentRules: currentRules(settings, release),
    people: accountsOf(settings),
    ...(await blocksOn(tx, release, { settings, now })),
    hasPendingStop: sendsOnApproval(release) && hasPendingStop(release, await pendingRequests(tx)),
    hasCard: needsCard(release) && (await tx.card(release.id)) !== null,
    nextSentAt: isLookForLate(release, input) ? await tx.nextSent(release) : null,
  }
  const decision = decide(release, input, context)
  const outside = await persist(tx, { before: release, ...decision }, settings, now)
  if ('refused' in decision) return { refused: decision.refused }
  return { release: decision.next, outside, moved: stageChange(release, decision.next) }
}

/** Whether the next look may send what people approved, which a stored click that stops it comes before. */
function sendsOnApproval({ stage, pause }: Release): boolean {
  return stage.at === 'ready' || pause !== undefined
}

/** A release that is ready needs its card. A report at a gate links to it. */
function needsCard({ stage, subject }: Release): boolean {
  return stage.at === 'ready' || (subject.kind === 'gate' && stage.at !== 'ended')
}

function isLookForLate(release: Release, { on }: Input): boolean {
  return on === 'look' && followedAfterEnd(release).includes('late')
}

function stageChange({ stage: from }: Release, { stage: to }: Release): string | null {
  return from.at === to.at ? null : `${from.at}→${to.at}`
}

/** A decision to be written. `before` is null if this transaction created the release, which makes it due. */
export type Decided = Pick<Decision, 'next' | 'effects' | 'audit'> & { readonly before: Release | null }

/** Posts at an end and after it. They carry the head of the audit chain, so that Slack shows where the chain ended. */
const withAuditHead: ReadonlySet<ThreadPost['tell']> = new Set<ThreadPost['tell']>([
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

/**
 * Writes a decision and all that follows from it. Returns the effects that are still to be performed outside, in
 * order.
 */
export async function persist(
  tx: Transaction,
  { before, next, effects, audit }: Decided,
  settings: Settings,
  now: Time,
): Promise<readonly OutsideEffect[]> {
  const head = await tx.audit(next.id, audit, now)
  if (before !== null) await tx.save(next, wakeAfter(before, next, settings, now))
  const posts: ReleasePost[] = []
  const outside: OutsideEffect[] = []
  for (const effect of effects) {
    switch (effect.do) {
      case 'tell':
        posts.push(withAuditHead.has(effect.story.tell) ? { ...effect, head } : effect)
        break
      case 'hold-lanes':
        await tx.holdLanes(next, effect.beside)
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
  await tx.addPosts(next.id, posts, now)
  await writeDirectMessages(tx, { release: next, posts, settings }, now)
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

/** What a notice needs to link a run. */
function linkedRun({ id, url, seen }: RunTrack): BeyondNotice['by']['run'] {
  return { id, ...(seen?.number !== undefined && { number: seen.number }), url }
}

/**
 * Announces each changed service environment in its channel, adds the change to its audit chain, and stores it for
 * status.
 */
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
    const serviceEnvironment = serviceEnvironmentOf(settings, change)
    const sameEnvironment = changes.filter((other) => isSameServiceEnvironment(other, change))
    await tx.setBookmark(
      beyondBookmark(change),
      sameEnvironment.map((each) => unapprovedBy(release, each)),
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
        run: release.tracks.run && linkedRun(release.tracks.run),
      },
      mention: [
        ...new Set([...(serviceEnvironment?.policy.approvers ?? []), ...(serviceEnvironment?.notify ?? [])]),
      ],
    }
    await tx.announce(serviceEnvironment?.channel ?? release.channel, { notice, chain, head }, now)
  }
}

function isSameServiceEnvironment(one: ServiceEnvironmentName, other: ServiceEnvironmentName): boolean {
  return one.service === other.service && one.environment === other.environment
}

/**
 * When to look next. A release that changed its stage is due at once unless GitHub asked to wait. So is one whose run
 * has ended, and one that a person cancelled or replaced while it or its run is in progress.
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
