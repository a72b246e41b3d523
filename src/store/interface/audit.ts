import type { AuditEntry, AuditHead } from '../../release/effects.ts'
import type { PersonId, Time } from '../../release/names.ts'

/** The audit chain of an environment, for events that belong to no release: its locks, and refused requests. */
export function environmentChain(environment: string): string {
  return `${ofEnvironment}${environment}`
}

const ofEnvironment = 'environment:'

/** The environment of a chain; null: the chain is not an environment's. */
export function environmentOf(chain: string): string | null {
  return chain.startsWith(ofEnvironment) ? chain.slice(ofEnvironment.length) : null
}

/** The audit chain of events that belong to no release and no existing environment. */
export const strayChain = 'strays'

export type AuditRow = AuditEntry & {
  readonly chain: string
  readonly seq: number
  readonly at: Time
  /** Hash of the previous row; the empty string for the first. */
  readonly prev: string
  /** SHA-256 over `prev` and the row, hex. */
  readonly hash: string
}

/** The audit log: chains of rows that are never changed. */
export interface Audit {
  /** The rows of a chain, oldest first. */
  auditOf(chain: string): Promise<readonly AuditRow[]>
}

export interface AuditInTransaction {
  /** Adds rows to a chain: a release's id, or what `environmentChain` names. Returns the new head of the chain. */
  audit(chain: string, entries: readonly AuditEntry[], at: Time): Promise<AuditHead>
  /** Keeps a person's name for reports. It is in no chain, so it may be corrected and deleted. */
  noteName(person: PersonId, name: string, at: Time): Promise<void>
}
