import type { Draft } from '../draft.ts'
import type { PersonId } from '../names.ts'
import { lock as precondition } from '../preconditions/lock.ts'
import { isOpen } from '../preconditions/precondition.ts'
import type { Refusal } from '../refusal.ts'
import { locked } from '../refusals/locks.ts'
import type { Release } from '../release.ts'
import type { Lock } from './lock.ts'

/** Refuses deploys during a lock: new requests, and every approval of those that wait for some. Rollbacks pass. @param by who requests or approves it */
export function lockRefusal(
  { subject }: { readonly subject: Pick<Release['subject'], 'kind'> },
  lock: Lock | null,
  by: PersonId,
): Refusal | undefined {
  if (lock === null) return undefined
  return isOpen(precondition.judge({ release: { subject }, context: { lock } }))
    ? undefined
    : locked(lock, by)
}

/** Stores the lock that blocks a waiting deploy, for its card, until it is lifted. */
export function showLock(draft: Draft, lock: Lock | null): void {
  const { subject, lock: shown } = draft.release
  if (subject.kind === 'rollback' || isSameLock(shown, lock)) return
  draft.change({ lock })
  const { service = null, by = null, why = null } = lock ?? shown ?? {}
  draft.record('twokey', lock === null ? 'lock lifted' : 'held by a lock', { service, by, why })
}

function isSameLock(one: Lock | null, other: Lock | null): boolean {
  return (
    one?.since === other?.since &&
    one?.by === other?.by &&
    one?.why === other?.why &&
    one?.until === other?.until &&
    one?.service === other?.service
  )
}

/** Reports that a rollback passes a lock: in the channel, on its card and in the audit. */
export function passLock(draft: Draft, lock: Lock): void {
  const key = `passes-lock-${lock.service ?? ''}-${lock.since}`
  if (draft.release.told.includes(key)) return
  draft.change({ lock })
  draft.record('twokey', 'lock passed', {
    service: lock.service,
    by: lock.by,
    since: lock.since,
    why: lock.why,
  })
  draft.post(key, { tell: 'passes-lock', lock }, 'channel')
}
