import { pino } from 'pino'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { gitHubForEach, repository, routes, workflow } from './harness.ts'

const harness = gitHubForEach()

const logged = (level: 'debug' | 'info') => {
  const lines: { readonly msg: string }[] = []
  return { lines, log: pino({ level }, { write: (line) => lines.push(JSON.parse(line)) }) }
}

const look = (log: ReturnType<typeof logged>['log']) => harness.connect({ log }).headTree(harness.head())

test('logs each request at level debug', async () => {
  const { lines, log } = logged('debug')
  await look(log)
  expect(lines.some(({ msg }) => msg.startsWith('GET /repos/'))).toBe(true)
})

test('reads a deprecated route, and logs the deprecation', async () => {
  const { lines, log } = logged('info')
  harness.sandbox.faults.queue(routes.tree, {
    kind: 'answer',
    status: 200,
    body: { sha: harness.tip(), url: harness.tip(), truncated: false, tree: [] },
    headers: { deprecation: 'Sat, 01 Jan 2028 00:00:00 GMT', sunset: 'Sun, 01 Jul 2028 00:00:00 GMT' },
  })
  expect(await look(log)).toMatchObject({ githubTree: null })
  expect(lines.some(({ msg }) => msg.includes('deprecated'))).toBe(true)
})

test('a clock that is set back by an hour delays no call', async () => {
  const github = harness.connect()
  await github.headTree(harness.head())
  const now = Date.now.bind(Date)
  const set = vi.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000)
  onTestFinished(() => set.mockRestore())
  expect(await github.headTree(harness.head())).toMatchObject({ onBranch: true })
})

describe('a call that exceeds its time limit', () => {
  const hanging = { kind: 'delay', ms: 60_000 } as const
  /** Much longer than a call takes that does not hang, also on a busy machine. */
  const callMs = 2_000

  test('a call that exceeds its time limit is passing trouble and is not retried', async () => {
    harness.sandbox.faults.queue(routes.tree, hanging)
    const look = harness.connect({ callMs }).headTree(harness.head())
    await expect(look).rejects.toMatchObject({ kind: 'passing', message: expect.stringContaining('2 s') })
    expect(harness.statuses(routes.tree)).toHaveLength(1)
  })

  test('calls that exceed their time limit do not block others, however many hang', async () => {
    const github = harness.connect({ callMs })
    for (let call = 0; call < 20; call += 1) harness.sandbox.faults.queue(routes.run, hanging)
    const run = () => github.run({ repository, runId: 1, attempt: 1, releaseId: 'r-1a2b' })
    const ends = await Promise.allSettled(Array.from({ length: 20 }, run))
    expect(ends.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 'rejected'))
    expect(await github.headTree(harness.head())).toMatchObject({ onBranch: true })
  })

  test('a call that is still queued at its time limit is held back and never sent', async () => {
    const github = harness.connect({ callMs })
    const may = Promise.withResolvers<boolean>()
    const ask = {
      repository,
      workflow,
      ref: 'main',
      inputs: { environment: 'production' },
      details: 'asked',
      maySend: () => may.promise,
    } as const
    expect(await github.dispatch(ask)).toMatchObject({ to: 'dispatch', answer: 'held back' })
    may.resolve(true)
    expect(await github.headTree(harness.head())).toMatchObject({ onBranch: true })
    expect(harness.statuses(routes.dispatch)).toEqual([])
  })

  test('a call that was sent before its time limit is unclear', async () => {
    harness.sandbox.faults.queue(routes.dispatch, hanging)
    const ask = {
      repository,
      workflow,
      ref: 'main',
      inputs: {},
      details: 'asked',
      maySend: async () => true,
    } as const
    expect(await harness.connect({ callMs }).dispatch(ask)).toMatchObject({ answer: 'unclear' })
    expect(harness.statuses(routes.dispatch)).toHaveLength(1)
  })
})
