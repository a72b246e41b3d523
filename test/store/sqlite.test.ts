import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { storeContract } from './contract.ts'

storeContract('the store on SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-store-'))
  let store = await openSqliteStore({ folder })
  return {
    get store() {
      return store
    },
    async reopen() {
      await store.close()
      store = await openSqliteStore({ folder })
      return store
    },
    async remove() {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
})
