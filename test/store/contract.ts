import { afterEach, beforeEach, describe } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { auditContract } from './contract/audit.ts'
import { directContract } from './contract/direct.ts'
import { inboxContract } from './contract/inbox.ts'
import { laneContract } from './contract/lanes.ts'
import { leaseContract } from './contract/leases.ts'
import { lockContract } from './contract/locks.ts'
import { outboxContract } from './contract/outbox.ts'
import { pruneContract } from './contract/prune.ts'
import { releaseContract } from './contract/releases.ts'
import { unreleasedContract } from './contract/unreleased.ts'

/** A store for one test. */
export type Opened = {
  readonly store: Store
  /** Closes the store and opens it again. */
  reopen(): Promise<Store>
  /** Closes the store and deletes everything that it wrote. */
  remove(): Promise<void>
}

/** The store of the current test. */
export type Given = { readonly store: Store; reopen(): Promise<Store> }

/** What every store guarantees, whatever its database. */
export function storeContract(name: string, open: () => Promise<Opened>): void {
  describe(name, () => {
    let opened: Opened
    const given: Given = {
      get store() {
        return opened.store
      },
      reopen: () => opened.reopen(),
    }
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.remove())

    describe('inbox', () => inboxContract(given))
    describe('releases', () => releaseContract(given))
    describe('rollouts outside twokey', () => unreleasedContract(given))
    describe('locks', () => lockContract(given))
    describe('lanes', () => laneContract(given))
    describe('leases and wakes', () => leaseContract(given))
    describe('outbox', () => outboxContract(given))
    describe('direct messages', () => directContract(given))
    describe('audit log', () => auditContract(given))
    describe('pruning', () => pruneContract(given))
  })
}
