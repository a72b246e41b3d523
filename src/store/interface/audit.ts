import type { AuditEntry, AuditHead } from '../../release/effects.ts'
import type { PersonId, Time } from '../../release/names.ts'

/** The audit chain of what happens in an environment and to no release: its locks, and requests that were refused. */
export function environmentChain(environment: string): string {
  return `${ofEnvironment}${environment}`
}

const ofEnvironment = 'environment:'

/** The environment whose chain this is; null: it is no environment's. */
export function environmentOf(chain: string): string | null {
  return chain.startsWith(ofEnvironment) ? chain.slice(ofEnvironment.length) : null
}

/** The audit chain of what names no release and no environment that there is. */
export const strayChain = 'strays'

export type AuditRow = AuditEntry & {
  readonly chain: string
  readonly seq: number
  readonly at: Time
  /** Hash of the row before; of the first, the empty string. */
  readonly prev: string
  /** SHA-256 over `prev` and the row, hex. */
  readonly hash: string
}

/** The audit log: chains of rows that are never changed. */
export interface Audit {
  /** The rows of a chain, the oldest first. */
  auditOf(chain: string): Promise<readonly AuditRow[]>
}

export interface AuditInTransaction {
  /**
   * Adds rows to a chain: a release's id, or what `environmentChain` names. Gives where the chain ends then.
   */
  audit(chain: string, entries: readonly AuditEntry[], at: Time): Promise<AuditHead>
  /** Keeps a person's name for reports. It is in no chain, so it may be corrected and deleted. */
  noteName(person: PersonId, name: string, at: Time): Promise<void>
}
