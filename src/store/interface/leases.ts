import type { Time } from '../../release/names.ts'
import type { Release } from '../../release/release.ts'

/** The right to drive a release for a while. `epoch` fences earlier owners. */
export type Lease = {
  readonly releaseId: string
  readonly owner: string
  readonly epoch: number
  readonly until: Time
}

/** Thrown by a fenced write whose lease another owner has taken. */
export class Fenced extends Error {
  constructor(releaseId: string) {
    super(`the lease of release ${releaseId} is held by another owner`)
    this.name = 'Fenced'
  }
}

/** The release row is the queue: it stores who drives the release until when. */
export interface Leases {
  /** Takes the lease of the release that has been due longest; null: none is due. Clears its wake time. */
  claim(ask: {
    readonly owner: string
    readonly now: Time
    readonly leaseMs: number
  }): Promise<{ readonly release: Release; readonly lease: Lease } | null>
  /** Extends the lease under the same epoch; throws `Fenced`. */
  renew(lease: Lease, until: Time): Promise<Lease>
  /** Releases the lease, and keeps a wake that came meanwhile. Does nothing if another owner has taken it. */
  releaseLease(lease: Lease): Promise<void>
  /** The earliest wake time or end of a lease; null: nothing to wake for. */
  nextWake(): Promise<Time | null>
}
