import { moment } from '../moment.ts'
import type { PersonId, Time } from '../names.ts'
import { heldBy, type Lock, type Locked, lockedName, lockScopeArgs } from '../policy/lock.ts'
import type { Refusal } from '../refusal.ts'
import { commands, refuse } from './refuse.ts'

/** A deploy is requested or approved while a lock blocks it. @param by who requests or approves it */
export function locked(lock: Lock, by: PersonId): Refusal {
  const unlock = `\`/deploy unlock ${lockScopeArgs(lock)}\``
  const refusal = refuse(
    'locked',
    `${lockedName(lock)} is ${heldBy(lock)}: deploys are blocked.`,
    by === lock.by
      ? `You locked it: ${unlock} removes the lock. Rollbacks are still possible.`
      : `Ask <@${lock.by}>, or an approver, to type ${unlock}. Rollbacks are still possible.`,
  )
  return { ...refusal, said: lock.why }
}

/** The caller's own lock, or one with the same effect, exists already. */
export function lockedAlready(lock: Lock): Refusal {
  const refusal = refuse(
    'locked',
    `There is nothing to do: ${lockedName(lock)} is ${heldBy(lock)}.`,
    `\`/deploy unlock ${lockScopeArgs(lock)}\` unlocks it.`,
  )
  return { ...refusal, said: lock.why }
}

/**
 * Somebody else holds the lock.
 * @param mayTake whether the caller may take it over, or why not if they tried
 */
export function lockedByAnother(
  lock: Lock,
  mayTake: 'an approver may' | 'you may' | { readonly not: string },
): Refusal {
  const take = `\`/deploy lock ${lockScopeArgs(lock)} --take <reason>\``
  const mayNot = typeof mayTake === 'object' ? ` You may not take it over: ${mayTake.not}.` : ''
  const refusal = refuse(
    'locked',
    `${lockedName(lock)} is ${heldBy(lock)}.${mayNot}`,
    mayTake === 'you may'
      ? `Ask <@${lock.by}>, or take it over: ${take}.`
      : `Ask <@${lock.by}>; an approver may take it over with ${take}.`,
  )
  return { ...refusal, said: lock.why }
}

/** Nothing is locked under that name. @param others what is locked in the environment instead */
export function notLocked(wish: Locked, others: readonly Locked[]): Refusal {
  return refuse(
    'not_locked',
    `${lockedName(wish)} is not locked.`,
    others.length > 0
      ? `To unlock what is locked there: ${commands(others.map((lock) => `/deploy unlock ${lockScopeArgs(lock)}`))}.`
      : '`/deploy status` shows what is locked.',
  )
}

/** The lock would end in the past, or in more than 90 days. */
export function lockTime(wish: Locked, until: Time, why: 'over' | 'too far'): Refusal {
  return refuse(
    'lock_time',
    `Nothing was locked: it would end ${moment(until)}, and that is ${why === 'over' ? 'in the past' : 'more than 90 days from now'}.`,
    `Use another time: \`/deploy lock ${lockScopeArgs(wish)} for 2h <reason>\`. Without a time, the lock stays until somebody removes it.`,
  )
}
