import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { startGitHubSignals } from '../../src/requests/github-signals.ts'
import type { Store } from '../../src/store/store.ts'

const log = pino({ level: 'silent' })

/** Two releases of run 7, and none of any other. */
function opened() {
  const woken: string[] = []
  const looked: unknown[] = []
  const tx = {
    releasesOfRun: async (runId: number) => (runId === 7 ? [{ id: 'r-1' }, { id: 'r-2' }] : []),
    wake: async (id: string, at: number) => woken.push(`${id} at ${at}`),
  }
  const store = {
    transact: (work: (each: typeof tx) => Promise<unknown>) => work(tx),
  } as unknown as Pick<Store, 'transact'>
  const gates = { look: (...asked: unknown[]) => void looked.push(asked) }
  const signals = startGitHubSignals({ store, gates, clock: () => 42, log })
  onTestFinished(() => signals.stop())
  return { woken, looked, signals }
}

const repository = 'myorg/blog-api'

test('a webhook about a run wakes its releases, and has the gates of its repository looked at', async () => {
  const { woken, looked, signals } = opened()
  signals.receive({ repository, runId: 7, isUrgent: true })
  expect(looked).toEqual([[repository, { isUrgent: true }]])
  await expect.poll(() => woken).toEqual(['r-1 at 42', 'r-2 at 42'])
})

test('many webhooks about one run wake its releases once a second', async () => {
  const { woken, signals } = opened()
  for (let n = 0; n < 100; n += 1) signals.receive({ repository, runId: 7, isUrgent: false })
  await expect.poll(() => woken.length).toBe(2)
  signals.receive({ repository, runId: 7, isUrgent: false })
  expect(woken).toHaveLength(2)
  await expect.poll(() => woken.length, { timeout: 5_000 }).toBe(4)
})

test('a webhook without a run, or about an unknown one, wakes no release', async () => {
  const { woken, signals } = opened()
  signals.receive({ repository, runId: null, isUrgent: true })
  signals.receive({ repository, runId: 8, isUrgent: true })
  signals.receive({ repository, runId: 7, isUrgent: true })
  await expect.poll(() => woken.length).toBe(2)
})
