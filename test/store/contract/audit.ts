import { expect, test } from 'vitest'
import { asked, start, worker } from '../cast.ts'
import { verifyChain } from '../chain.ts'
import type { Given } from '../contract.ts'

export function auditContract(given: Given): void {
  test('each release has a chain of its own, which verifies as it is read', async () => {
    const { store } = given
    await start(store, asked('r1'), asked('r2', { targets: [worker] }))
    await store.transact(async (tx) => {
      await tx.audit('r1', [], 1_000)
      await tx.audit('r1', [{ actor: 'U0ANA', what: 'requested', detail: { b: 2, a: [1, null] } }], 1_000)
      await tx.audit('r2', [{ actor: 'U0ANA', what: 'requested', detail: {} }], 1_000)
    })
    await store.transact((tx) =>
      tx.audit(
        'r1',
        [
          { actor: 'U0BEN', what: 'approved', detail: { gone: undefined, at: new Date(0) } },
          { actor: 'twokey', what: 'stage ready', detail: {} },
        ],
        2_000,
      ),
    )
    const rows = await store.auditOf('r1')
    expect(rows).toMatchObject([
      {
        chain: 'r1',
        seq: 1,
        at: 1_000,
        actor: 'U0ANA',
        what: 'requested',
        detail: { b: 2, a: [1, null] },
      },
      { seq: 2, at: 2_000, actor: 'U0BEN', detail: { at: '1970-01-01T00:00:00.000Z' } },
      { seq: 3, at: 2_000, actor: 'twokey', what: 'stage ready' },
    ])
    expect(verifyChain(rows)).toEqual({ intact: true, head: { seq: 3, hash: rows[2]?.hash } })
    expect(await store.auditOf('r2')).toHaveLength(1)
    expect(await store.auditOf('r3')).toEqual([])
  })

  test('a chain with odd text in it verifies after a restart', async () => {
    await start(given.store, asked('r1'))
    const odd = 'half \ud800, nul \0, 🚀'
    await given.store.transact((tx) =>
      tx.audit('r1', [{ actor: odd, what: odd, detail: { [odd]: odd, __proto__: null, '10': 1e21 } }], 1_000),
    )
    const rows = await (await given.reopen()).auditOf('r1')
    expect(rows[0]?.detail[odd]).toBe(odd)
    expect(verifyChain(rows)).toMatchObject({ intact: true })
  })

  test('what is audited in a transaction that fails never was', async () => {
    const { store } = given
    await start(store, asked('r1'))
    const failing = store.transact(async (tx) => {
      await tx.audit('r1', [{ actor: 'U0ANA', what: 'requested', detail: {} }], 1_000)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await store.auditOf('r1')).toEqual([])
  })
}
