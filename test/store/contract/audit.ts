import { expect, test } from 'vitest'
import type { AuditHead } from '../../../src/release/effects.ts'
import { strayChain } from '../../../src/store/store.ts'
import { verifyChain } from '../chain.ts'
import type { Given } from '../contract.ts'
import { requestedDeploy, start, story, worker } from '../fixtures.ts'

export function auditContract(given: Given): void {
  test('the next post with an audit head also shows the head of the stray chain, once', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    const stray = () =>
      store.transact((tx) =>
        tx.audit(strayChain, [{ actor: 'U0EVE', what: 'cancel refused', detail: {} }], 1_000),
      )
    const head = { seq: 1, hash: 'f'.repeat(64) }
    const lock = { environment: 'prod', service: null, by: 'U0ANA', why: 'Release', since: 1, until: null }
    const announce = () =>
      store.transact((tx) =>
        tx.announce('C0SHIP', { notice: { notice: 'locked', lock }, chain: 'environment:prod', head }, 1_000),
      )
    const tell = (key: string, ...heads: readonly AuditHead[]) =>
      store.transact((tx) =>
        tx.addPosts('r1', [{ ...story(key), ...(heads[0] && { head: heads[0] }) }], 1_000),
      )
    await announce()
    const first = await stray()
    await tell('no end')
    await announce()
    await announce()
    await stray()
    const third = await stray()
    await tell('end', head)
    await tell('end', head)
    await announce()
    await store.outbox.cardSent('r1', { ts: '1.1', version: 9, shown: 'all' })
    const posts = await store.outbox.duePosts(1_000, 9)
    const shown = posts.map(({ what }) => {
      if (what.kind === 'reply' || what.kind === 'direct') throw new Error('nobody was written to')
      return what.kind === 'notice' ? what.announced.also : what.post.also
    })
    const ofStrays = (end: AuditHead) => ({ chain: strayChain, head: end })
    expect(shown).toEqual([undefined, ofStrays(first), undefined, undefined, undefined, ofStrays(third)])
  })

  test('each release has its own chain, which verifies as it is read', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'), requestedDeploy('r2', { targets: [worker] }))
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

  test('a chain with unusual text verifies after a restart', async () => {
    await start(given.store, requestedDeploy('r1'))
    const odd = 'half \ud800, nul \0, 🚀'
    await given.store.transact((tx) =>
      tx.audit('r1', [{ actor: odd, what: odd, detail: { [odd]: odd, __proto__: null, '10': 1e21 } }], 1_000),
    )
    const rows = await (await given.reopen()).auditOf('r1')
    expect(rows[0]?.detail[odd]).toBe(odd)
    expect(verifyChain(rows)).toMatchObject({ intact: true })
  })

  test('a failed transaction writes no audit rows', async () => {
    const { store } = given
    await start(store, requestedDeploy('r1'))
    const failing = store.transact(async (tx) => {
      await tx.audit('r1', [{ actor: 'U0ANA', what: 'requested', detail: {} }], 1_000)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await store.auditOf('r1')).toEqual([])
  })
}
