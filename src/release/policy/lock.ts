import { moment } from '../moment.ts'
import type { PersonId, Place, Time } from '../names.ts'

/** A person holds an environment, or one service of it: no deploy goes there; a rollback passes. */
export type Lock = {
  readonly environment: string
  /** Null: the whole environment. */
  readonly service: string | null
  readonly by: PersonId
  /** A person's words, to be escaped where they are shown. */
  readonly why: string
  readonly since: Time
  /** It ends by itself then; null: held until somebody lifts it. */
  readonly until: Time | null
}

/** What a lock is of. */
export type Locked = Pick<Lock, 'environment' | 'service'>

/** The lock that holds a place now; that of the whole environment before that of the service. Null: none. */
export function lockOn(locks: readonly Lock[], place: Place, now: Time): Lock | null {
  return locksOn(locks, place, now)[0] ?? null
}

/** Those that hold a place now, that of the whole environment first. */
export function locksOn(locks: readonly Lock[], { environment, service }: Place, now: Time): readonly Lock[] {
  const holding = locks.filter((lock) => lock.environment === environment && !isOver(lock, now))
  return [
    ...holding.filter((lock) => lock.service === null),
    ...holding.filter((lock) => lock.service === service),
  ]
}

/** Whether its time is over. */
export function isOver({ until }: Lock, now: Time): boolean {
  return until !== null && now >= until
}

/** The lock of exactly this, whether its time is over or not; null: none. */
export function lockOf(locks: readonly Lock[], { environment, service }: Locked): Lock | null {
  return locks.find((lock) => lock.environment === environment && lock.service === service) ?? null
}

/** `prod`, or `blog-api in prod`. */
export function lockedName({ environment, service }: Locked): string {
  return service === null ? environment : `${service} in ${environment}`
}

/** As a command names it: `prod`, or `prod blog-api`. */
export function lockedWords({ environment, service }: Locked): string {
  return service === null ? environment : `${environment} ${service}`
}

/** `locked by <@U…> (since …, until …)`. */
export function heldBy({ by, since, until }: Lock): string {
  return `locked by <@${by}> (since ${moment(since)}${until === null ? '' : `, until ${moment(until)}`})`
}

/** What a lock without an end means, and the command that gives it one: plain words, with the command in backticks. */
export function noEndTime(locked: Locked): string {
  return `No end time: it holds until someone unlocks it. \`/deploy lock ${lockedWords(locked)} for 2h <reason>\` adds one.`
}
