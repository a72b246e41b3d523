import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { item, moved, requestedDeploy, story } from './fixtures.ts'

/** Writes into the store of a folder until it is killed, and prints what was written: `item <id>`, `release <id>`. */
const store = await openSqliteStore({ folder: process.argv[2] ?? '' })
for (;;) {
  const id = randomUUID()
  await store.receive(item(id))
  writeSync(1, `item ${id}\n`)
  await store.transact(async (tx) => {
    const release = requestedDeploy(id, { targets: [{ cluster: 'prod', service: id }] })
    await tx.finish(id, 1_000)
    await tx.create(release, 'current')
    await tx.addPosts(id, [story('one')], 1_000)
    await tx.audit(id, [{ actor: 'U0ANA', what: 'requested', detail: {} }], 1_000)
    await tx.save(moved(release, 2_000), 2_000)
  })
  writeSync(1, `release ${id}\n`)
}
