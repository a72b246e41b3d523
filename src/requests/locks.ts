import { everything } from '../messages/form.ts'
import type { InboxItem, LockAsked } from '../messages/intent.ts'
import type { Reply } from '../messages/reply.ts'
import type { People } from '../ports/ports.ts'
import type { Clicker } from '../release/context.ts'
import type { AuditEntry } from '../release/effects.ts'
import { moment } from '../release/moment.ts'
import type { Time } from '../release/names.ts'
import type { LockNotice } from '../release/notice.ts'
import type { Eligibility } from '../release/policy/approval.ts'
import { type Lock, type Locked, lockedName, lockScopeArgs, noEndTime } from '../release/policy/lock.ts'
import {
  firstReview,
  type LockActor,
  type LockContext,
  type LockRequest,
  liftLock,
  setLock,
} from '../release/policy/locking.ts'
import { isKnownNot, withoutStopping } from '../release/policy/may-not-stop.ts'
import type { Refusal } from '../release/refusal.ts'
import { noServiceInEnvironment, serviceUnknownThere } from '../release/refusals/asking.ts'
import type { Release } from '../release/release.ts'
import {
  accountsOf,
  lockedServiceEnvironments,
  policiesOf,
  type ServiceEnvironment,
  type Settings,
  serviceEnvironmentOf,
} from '../settings/settings.ts'
import { environmentChain, type Transaction } from '../store/store.ts'
import { announceLock, endExpired } from '../watchers/lock-expiry.ts'
import { type AnswerDeps, completeInTransaction, completeWithRefusal } from './complete.ts'
import { answerReaders } from './readers.ts'
import { resolveTime } from './resolve-time.ts'

/** Sets the requested lock, or refuses it. */
export async function lock(deps: AnswerDeps, item: InboxItem, asked: LockAsked): Promise<void> {
  const serviceEnvironments = serviceEnvironmentsIn(deps.settings, asked)
  if ('refused' in serviceEnvironments)
    return answerReaders(deps, item, everything, () =>
      completeWithRefusal(deps, item, serviceEnvironments.refused),
    )
  const { people } = deps.outside
  const meant = await resolveTime(asked.until, { people, asker: item.from.user, now: deps.clock() })
  if ('refused' in meant) return completeWithRefusal(deps, item, meant.refused)
  const { environment, service, reason, as } = asked
  const by = await lockActorOf(people, item, serviceEnvironments.serviceEnvironments)
  const wish: LockRequest = { environment, service, why: reason, until: meant.until, by, as }
  const held = by.asks.eligible
    ? []
    : await releasesDelayed(deps, item, serviceEnvironments.serviceEnvironments)
  await deps.checkpoint('before lock committed')
  await completeInTransaction(deps, item, async (tx, now) => {
    const ground = await lockContextOf(tx, deps.settings, environment, now)
    const verdict = setLock(wish, ground)
    // A click on a card is audited for its release too.
    if (item.asked.ask === 'action') await tx.audit(item.asked.releaseId, verdict.audit, now)
    if ('refused' in verdict) {
      await tx.audit(environmentChain(environment), verdict.audit, now)
      await stopDelaying(tx, held)
      return refusalOf(verdict.refused, asked, verdict.mayTake)
    }
    await tx.setLock(verdict.lock, firstReview(verdict.lock, now))
    await announceAndShow(tx, deps.settings, verdict, now)
    return answered(serviceEnvironments.serviceEnvironments, item, lockedWithEnd(verdict.lock))
  })
  await deps.checkpoint('lock committed')
}

/** A release about to be sent, and whether the person who locks is one of its approvers. */
type Held = { readonly release: Release; readonly by: Clicker }

/**
 * Releases that the stored request delays meanwhile. Being refused by one service's policy does not stop the person
 * from locking or rejecting another's.
 */
async function releasesDelayed(
  { store, settings, outside: { people } }: AnswerDeps,
  { from }: InboxItem,
  serviceEnvironments: readonly ServiceEnvironment[],
): Promise<readonly Held[]> {
  const held: Held[] = []
  for (const release of await store.inFlight()) {
    const serviceEnvironment = serviceEnvironmentOf(settings, release)
    if (
      !serviceEnvironment ||
      !serviceEnvironments.includes(serviceEnvironment) ||
      release.stage.at !== 'ready'
    )
      continue
    if (!isKnownNot(await people.requester(from, serviceEnvironment.requesters))) continue
    const lists = policiesOf(settings, release).map(({ approvers }) => approvers)
    held.push({ release, by: { id: from.user, standing: await people.standing(from, lists) } })
  }
  return held
}

/** Stores that a person who may neither lock nor stop a release does not delay its dispatch again. */
async function stopDelaying(tx: Transaction, held: readonly Held[]): Promise<void> {
  for (const { release, by } of held) {
    const now = await tx.releaseForUpdate(release.id)
    if (now?.stage.at === 'ready' && now.round === release.round)
      await tx.save(withoutStopping(now, by), null)
  }
}

/** Lifts the requested lock, or refuses. The refusal says who locked it and why, so only readers may see it. */
export function unlock(deps: AnswerDeps, item: InboxItem, asked: Locked): Promise<void> {
  const serviceEnvironments = serviceEnvironmentsIn(deps.settings, asked)
  return 'refused' in serviceEnvironments
    ? answerReaders(deps, item, everything, () =>
        completeWithRefusal(deps, item, serviceEnvironments.refused),
      )
    : answerReaders(deps, item, asked, () =>
        lift(deps, item, { asked, serviceEnvironments: serviceEnvironments.serviceEnvironments }),
      )
}

async function lift(
  deps: AnswerDeps,
  item: InboxItem,
  {
    asked,
    serviceEnvironments,
  }: { readonly asked: Locked; readonly serviceEnvironments: readonly ServiceEnvironment[] },
): Promise<void> {
  const by = await lockActorOf(deps.outside.people, item, serviceEnvironments)
  await deps.checkpoint('before unlock committed')
  await completeInTransaction(deps, item, async (tx, now) => {
    const ground = await lockContextOf(tx, deps.settings, asked.environment, now)
    const verdict = liftLock({ ...asked, by }, ground)
    if ('refused' in verdict) {
      await tx.audit(environmentChain(asked.environment), verdict.audit, now)
      return { reply: 'refusal', refusal: verdict.refused }
    }
    await tx.liftLock(verdict.lifted)
    await announceAndShow(tx, deps.settings, verdict, now)
    return answered(serviceEnvironments, item, `${lockedName(asked)} is unlocked.`)
  })
  await deps.checkpoint('unlock committed')
}

/** The service environments that a lock would block. */
function serviceEnvironmentsIn(
  settings: Settings,
  asked: Locked,
): { readonly serviceEnvironments: readonly ServiceEnvironment[] } | { readonly refused: Refusal } {
  const { environment, service } = asked
  const serviceEnvironments = lockedServiceEnvironments(settings, asked)
  if (serviceEnvironments.length > 0) return { serviceEnvironments }
  const here = lockedServiceEnvironments(settings, { environment, service: null })
  if (here.length === 0) return { refused: noServiceInEnvironment(environment, settings.environments) }
  const services = here.map((serviceEnvironment) => serviceEnvironment.service)
  return { refused: serviceUnknownThere({ service: service ?? 'No service', environment }, services) }
}

/**
 * The person's rights in all of these service environments. If none of them names approvers, those who may request
 * releases count as approvers.
 */
async function lockActorOf(
  people: People,
  { from }: InboxItem,
  serviceEnvironments: readonly ServiceEnvironment[],
): Promise<LockActor> {
  const asks = await mayAsk(people, from, serviceEnvironments)
  const lists = serviceEnvironments.map(({ policy }) => policy.approvers).filter((list) => list.length > 0)
  const approves = lists.length === 0 ? asks : await people.standing(from, lists)
  return { id: from.user, asks, approves }
}

async function mayAsk(
  people: People,
  from: InboxItem['from'],
  serviceEnvironments: readonly ServiceEnvironment[],
): Promise<Eligibility> {
  const standings = await Promise.all(
    serviceEnvironments.map(({ requesters }) => people.requester(from, requesters)),
  )
  const [first] = standings
  if (!first) throw new Error('a lock is of one place at least')
  return standings.find(({ eligible }) => !eligible) ?? first
}

/** The locks that apply there now. Expired ones end first, with a notice. */
async function lockContextOf(
  tx: Transaction,
  settings: Settings,
  environment: string,
  now: Time,
): Promise<LockContext> {
  const locks = await tx.locks(environment)
  const ended = await endExpired(tx, settings, locks, now)
  return { locks: locks.filter((each) => !ended.includes(each)), people: accountsOf(settings), now }
}

/** Posts in the channel, and updates the cards of releases that wait there. */
async function announceAndShow(
  tx: Transaction,
  settings: Settings,
  { audit, notice }: { readonly audit: readonly AuditEntry[]; readonly notice: LockNotice },
  now: Time,
): Promise<void> {
  const head = await tx.audit(environmentChain(notice.lock.environment), audit, now)
  await announceLock(tx, settings, { notice, head }, now)
  await tx.wakeInFlight(now, notice.lock.environment)
}

/** A notice in the same channel is the answer to the person. */
function answered(
  serviceEnvironments: readonly ServiceEnvironment[],
  { from }: InboxItem,
  sentence: string,
): Reply | null {
  return serviceEnvironments.some(({ channel }) => channel === from.channel)
    ? null
    : { reply: 'done', sentence }
}

function refusalOf(refusal: Refusal, asked: LockAsked, mayTake: Lock | null): Reply {
  if (mayTake === null) return { reply: 'refusal', refusal }
  const { by, since } = mayTake
  return { reply: 'refusal', refusal, takeOver: { ...asked, as: { hold: 'take', shown: { by, since } } } }
}

/** Says that it is locked, how to unlock it, and how to add an end if there is none. */
function lockedWithEnd(lock: Lock): string {
  const words = lockScopeArgs(lock)
  const end = lock.until === null ? '' : ` until ${moment(lock.until)}`
  const endless = lock.until === null ? ` ${noEndTime(lock)}` : ''
  return `${lockedName(lock)} is locked${end}. \`/deploy unlock ${words}\` unlocks it.${endless}`
}
