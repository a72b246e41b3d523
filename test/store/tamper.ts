import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { AuditEntry, AuditHead } from '../../src/release/effects.ts'
import { chained, noRows } from '../../src/store/audit.ts'
import { openSqliteStore, storeFile } from '../../src/store/sqlite.ts'
import { environmentChain } from '../../src/store/store.ts'
import { requestedDeploy, start, story, worker } from './fixtures.ts'

export const prod = environmentChain('prod')

const rows = (...whats: readonly string[]): AuditEntry[] =>
  whats.map((what, index) => ({ actor: index % 2 === 0 ? 'U0ANA' : 'U0BEN', what, detail: { index } }))

/** A store with three chains; the end of r1 was posted to Slack. Returns the head of each chain. */
export async function storeWithChains(folder: string): Promise<Readonly<Record<string, AuditHead>>> {
  const store = await openSqliteStore({ folder })
  await start(
    store,
    requestedDeploy('r1'),
    requestedDeploy('r2', { service: 'blog-worker', targets: [worker] }),
  )
  const heads = await store.transact(async (tx) => {
    const r1 = await tx.audit('r1', rows('requested', 'approved', 'dispatch marked', 'ended'), 1_000)
    await tx.addPosts('r1', [{ ...story('ended'), head: r1 }], 1_000)
    return {
      r1,
      r2: await tx.audit('r2', rows('requested', 'approved', 'withdrew'), 2_000),
      [prod]: await tx.audit(prod, rows('locked', 'unlocked'), 1_500),
    }
  })
  await store.close()
  return heads
}

/** Changes a closed store's file as somebody with access to the disk could: the triggers are removed, then restored. */
export function tamper(folder: string, work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(join(folder, storeFile), { enableForeignKeyConstraints: false })
  const triggers = database.prepare("select name, sql from sqlite_master where type = 'trigger'").all()
  for (const { name } of triggers) database.exec(`drop trigger ${name}`)
  work(database)
  for (const { sql } of triggers) database.exec(String(sql))
  database.close()
}

/** Rewrites a chain with another beginning and valid hashes. Returns its head. */
export function forge(database: DatabaseSync, chain: string): AuditHead {
  const rows = database.prepare('select * from audit where chain = ? order by seq').all(chain)
  database.prepare('delete from audit where chain = ?').run(chain)
  let head = noRows
  for (const [index, row] of rows.entries()) {
    const { at, actor, what, detail } = row as { at: number; actor: string; what: string; detail: string }
    const entry = { actor: index === 0 ? 'U0EVE' : actor, what, detail: JSON.parse(detail) }
    const [forged] = chained(head, { chain, at, entries: [entry] })
    if (!forged) throw new Error('nothing was forged')
    insert(database, { ...forged, detail: JSON.stringify(forged.detail) })
    head = { seq: forged.seq, hash: forged.hash }
  }
  return head
}

export function insert(database: DatabaseSync, row: Readonly<Record<string, string | number>>): void {
  const columns = ['chain', 'seq', 'at', 'actor', 'what', 'detail', 'prev', 'hash']
  const sql = `insert into audit (${columns.join()}) values (${columns.map(() => '?').join()})`
  database.prepare(sql).run(...columns.map((column) => row[column] ?? null))
}
