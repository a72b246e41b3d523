import { describe, expect, test } from 'vitest'
import { perform } from '../../src/engine/perform.ts'
import type { Outside } from '../../src/ports/outside.ts'
import type { Ecs, GitHub } from '../../src/ports/ports.ts'
import type { Lease } from '../../src/store/store.ts'
import { sending, sendingBack } from '../release/driver.ts'

type Dispatch = Parameters<GitHub['dispatch']>[0]

describe('a process that was paused', () => {
  const lease: Lease = { releaseId: 'r1', owner: 'here', epoch: 1, until: 15_000 }

  const isWanted = async () => true

  /** The requests that GitHub receives for a marked dispatch, if the client checks at this time whether it may send. */
  async function leaves(at: number): Promise<boolean> {
    const [effect] = sending().effectsOf('dispatch')
    if (!effect) throw new Error('nothing was marked')
    const sent: boolean[] = []
    const github = {
      dispatch: async ({ maySend }: Dispatch) => {
        sent.push(await maySend())
        return { to: 'dispatch', answer: 'accepted' } as const
      },
    } as Pick<GitHub, 'dispatch'> as GitHub
    await perform(effect, { github } as Outside, { lease: () => lease, clock: () => at, isWanted })
    return sent[0]!
  }

  test('a paused process sends while its lease is valid', async () => {
    expect(await leaves(14_999)).toBe(true)
  })

  /** The requests that ECS receives for a marked rollback. */
  async function updates(at: number): Promise<readonly string[]> {
    const [effect] = sendingBack().effectsOf('update')
    if (!effect) throw new Error('nothing was marked')
    const told: string[] = []
    const ecs = {
      update: async ({ revision, target, maySend }) => {
        if (await maySend()) told.push(revision.name)
        return { to: 'update', target, answer: 'accepted', deploymentId: 'ecs-svc/1' }
      },
    } as Pick<Ecs, 'update'> as Ecs
    await perform(effect, { ecs } as Outside, { lease: () => lease, clock: () => at, isWanted })
    return told
  }

  test('a paused process updates a service while its lease is valid, and not after its end', async () => {
    expect(await updates(14_999)).toEqual(['blog-api:41'])
    expect(await updates(15_000)).toEqual([])
  })

  test('a paused process sends nothing after its last moment, even with a valid lease', async () => {
    const [dispatch] = sending().effectsOf('dispatch')
    const [update] = sendingBack().effectsOf('update')
    for (const effect of [dispatch, update]) {
      if (!effect) throw new Error('nothing was marked')
      const asked: boolean[] = []
      const note = async ({ maySend }: { maySend: () => Promise<boolean> }) =>
        void asked.push(await maySend())
      const outside = { github: { dispatch: note }, ecs: { update: note } } as unknown as Outside
      for (const at of [effect.sendBy, effect.sendBy + 1])
        await perform(effect, outside, {
          lease: () => ({ ...lease, until: Number.POSITIVE_INFINITY }),
          clock: () => at,
          isWanted,
        })
      expect(asked).toEqual([true, false])
    }
  })

  test('a paused process sends nothing that was stopped while it waited', async () => {
    const [dispatch] = sending().effectsOf('dispatch')
    const [update] = sendingBack().effectsOf('update')
    for (const effect of [dispatch, update]) {
      if (!effect) throw new Error('nothing was marked')
      const asked: boolean[] = []
      const note = async ({ maySend }: { maySend: () => Promise<boolean> }) =>
        void asked.push(await maySend(), await maySend())
      const outside = { github: { dispatch: note }, ecs: { update: note } } as unknown as Outside
      let isStopped = false
      await perform(effect, outside, {
        lease: () => ({ ...lease, until: Number.POSITIVE_INFINITY }),
        clock: () => effect.sendBy,
        isWanted: async () => {
          const isWantedNow = !isStopped
          isStopped = true
          return isWantedNow
        },
      })
      expect(asked).toEqual([true, false])
    }
  })

  test('a paused process sends nothing after its lease, because another owner may search for it', async () => {
    expect(await leaves(15_000)).toBe(false)
  })
})
