import type { Time } from '../../release/names.ts'
import type { Release } from '../../release/release.ts'

/** The right to drive a release for a while. `epoch` fences whoever held it before. */
export type Lease = {
  readonly releaseId: string
  readonly owner: string
  readonly epoch: number
  readonly until: Time
}

/** Said by a fenced write whose lease was taken by another owner. */
export class Fenced extends Error {
  constructor(releaseId: string) {
    super(`the lease of release ${releaseId} is held by another owner`)
    this.name = 'Fenced'
  }
}

/** The release row is the queue: who drives which release until when. */
export interface Leases {
  /** Takes the lease of the release that is due longest; null: none is due. Parks its wake time. */
  claim(ask: {
    readonly owner: string
    readonly now: Time
    readonly leaseMs: number
  }): Promise<{ readonly release: Release; readonly lease: Lease } | null>
  /** Longer, under the same epoch; throws `Fenced`. */
  renew(lease: Lease, until: Time): Promise<Lease>
  /** Gives the lease back; a wake that came meanwhile stands. Does nothing where it was taken. */
  releaseLease(lease: Lease): Promise<void>
  /** The earliest wake time or end of a lease; null: nothing to wake for. */
  nextWake(): Promise<Time | null>
}
