import { foreign } from '../foreign.ts'
import { moment } from '../moment.ts'
import type { PersonId, ServiceEnvironmentName, Time } from '../names.ts'

/** A deploy lock of an environment, or of one service in it. It blocks deploys; rollbacks stay possible. */
export type Lock = {
  readonly environment: string
  /** Null: the whole environment. */
  readonly service: string | null
  readonly by: PersonId
  /** A person's words, to be escaped where they are shown. */
  readonly why: string
  readonly since: Time
  /** When the lock expires; null: it stays until somebody lifts it. */
  readonly until: Time | null
}

/** What a lock blocks. */
export type Locked = Pick<Lock, 'environment' | 'service'>

/** The lock that applies to a service environment now; that of the whole environment comes first. Null: none. */
export function lockOn(
  locks: readonly Lock[],
  serviceEnvironment: ServiceEnvironmentName,
  now: Time,
): Lock | null {
  return locksOn(locks, serviceEnvironment, now)[0] ?? null
}

/** All locks that apply to a service environment now, that of the whole environment first. */
export function locksOn(
  locks: readonly Lock[],
  { environment, service }: ServiceEnvironmentName,
  now: Time,
): readonly Lock[] {
  const holding = locks.filter((lock) => lock.environment === environment && !isExpired(lock, now))
  return [
    ...holding.filter((lock) => lock.service === null),
    ...holding.filter((lock) => lock.service === service),
  ]
}

/** Whether the lock has expired. */
export function isExpired({ until }: Lock, now: Time): boolean {
  return until !== null && now >= until
}

/** The lock of exactly this scope, expired or not; null: none. */
export function lockOf(locks: readonly Lock[], { environment, service }: Locked): Lock | null {
  return locks.find((lock) => lock.environment === environment && lock.service === service) ?? null
}

/** `prod`, or `blog-api in prod`. */
export function lockedName({ environment, service }: Locked): string {
  return service === null ? environment : `${service} in ${environment}`
}

/** The scope as a command names it: `prod`, or `prod blog-api`. */
export function lockScopeArgs({ environment, service }: Locked): string {
  return service === null ? environment : `${environment} ${service}`
}

/** `locked by <@U…> (since …, until …)`. */
export function heldBy({ by, since, until }: Lock): string {
  return `locked by <@${by}> (since ${moment(since)}${until === null ? '' : `, until ${moment(until)}`})`
}

/** What a lock without an end means, and the command that adds one, as plain text with the command in backticks. */
export function noEndTime(locked: Locked): string {
  return `No end time: it stays until someone removes it. \`/deploy lock ${foreign(lockScopeArgs(locked))} for 2h <reason>\` adds one.`
}
