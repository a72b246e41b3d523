import { expect, test } from 'vitest'
import type { Lock } from '../../src/release/policy/lock.ts'
import { openAuditReader } from '../../src/store/audit-reader.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { environmentChain } from '../../src/store/store.ts'
import { ownFolder } from './folder.ts'

const lock: Lock = { environment: 'dev', service: null, by: 'U0ANA', why: 'Release', since: 1, until: null }

/** A store whose two chains have this many rows in total, all at the same time, and as many posts with a head. */
async function logOf(rows: number): Promise<string> {
  const folder = ownFolder()
  const store = await openSqliteStore({ folder })
  await store.transact(async (tx) => {
    const ofDev = Math.floor(rows / 3)
    for (const [environment, count] of [
      ['dev', ofDev],
      ['prod', rows - ofDev],
    ] as const) {
      const chain = environmentChain(environment)
      const entries = Array.from({ length: count }, () => ({ actor: 'U0ANA', what: 'locked', detail: {} }))
      const head = await tx.audit(chain, entries, 1_000)
      const notice = { notice: 'locked', lock } as const
      for (let seq = 1; seq <= count; seq += 1)
        await tx.announce('C0', { notice, chain, head: { ...head, seq } }, 1_000)
    }
  })
  await store.close()
  return folder
}

test.each([499, 500, 501, 1_000, 1_203])(
  'reads each of %i rows once and in order, across pages',
  async (rows) => {
    const reader = await openAuditReader({ folder: await logOf(rows) })
    try {
      const ofDev = Math.floor(rows / 3)
      const written = [
        ...Array.from({ length: ofDev }, (_, index) => `environment:dev ${index + 1}`),
        ...Array.from({ length: rows - ofDev }, (_, index) => `environment:prod ${index + 1}`),
      ]
      const named = async (found: AsyncIterable<{ readonly chain: string; readonly seq: number }>) => {
        const names: string[] = []
        for await (const { chain, seq } of found) names.push(`${chain} ${seq}`)
        return names
      }
      expect(await named(reader.chains())).toEqual(written)
      expect(await named(reader.byTime({}))).toEqual(written)
      expect(await named(reader.toldHeads())).toEqual(written)
    } finally {
      await reader.close()
    }
  },
)
