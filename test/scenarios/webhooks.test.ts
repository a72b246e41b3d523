import { describe, expect, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import { configText, type Harness, type HarnessOptions, people, scenario } from './harness.ts'

/** By polling alone no run at a gate would be seen for an hour. */
const slow = configText.replace('idle: 250ms', 'idle: 1h')

const webhookScenario = scenario.extend<{ config: string; outside: Omit<HarnessOptions, 'config'> }>({
  config: people + slow,
  outside: { actsAs: 'app', gate: 'app', hasWebhook: true },
})

const pollingScenario = webhookScenario.extend<{ config: string }>({
  config: async ({ config: _ }, use) => use(people + configText),
})

const github = ({ sandbox }: Harness) => sandbox.github.world

function push(harness: Harness): void {
  github(harness).push('main', { message: 'Show drafts to their authors', author: 'Ana' })
}

/** The statuses with which the bot answered webhooks. */
const answers = (harness: Harness) =>
  github(harness).hooks.deliveries.flatMap(({ result }) => (result ? [result.statusCode] : []))

describe.concurrent('webhooks of the GitHub App', () => {
  webhookScenario('a push gets its card at once, though polling would take an hour', async ({ harness }) => {
    push(harness)
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
    expect(new Set(answers(harness))).toEqual(new Set([202]))
    expect(harness.cards()).toHaveLength(1)
  })

  webhookScenario('webhooks are answered while GitHub does not answer twokey', async ({ harness }) => {
    const list = 'GET /repos/{owner}/{repo}/actions/runs'
    const { log, faults } = harness.sandbox.github
    const answered = () => log.of(list).filter(({ status }) => status !== undefined).length
    const asked = () => log.of(list).length
    await vi.waitUntil(() => asked() > 0 && answered() === asked(), { timeout: patience })
    faults.queue(list, { kind: 'delay', ms: 9_000 }, { times: 2 })
    const before = answered()
    push(harness)
    await vi.waitUntil(() => answers(harness).length >= 3, { timeout: patience })
    expect(new Set(answers(harness))).toEqual(new Set([202]))
    expect(answered()).toBe(before)
    expect(harness.cards()).toEqual([])
  })

  webhookScenario('repeated and reordered webhooks change nothing', async ({ harness }) => {
    github(harness).hooks.fault('reordered', { times: 1 })
    github(harness).hooks.fault('repeated', { times: 50 })
    push(harness)
    await harness.shows('awaiting approval')
    expect(harness.cards()).toHaveLength(1)
  })

  webhookScenario('forged webhooks are refused and wake nothing', async ({ harness }) => {
    github(harness).hooks.fault('forged', { times: 500 })
    const before = harness.sandbox.github.log.of('GET /repos/{owner}/{repo}/actions/runs').length
    push(harness)
    await vi.waitUntil(() => answers(harness).length >= 2, { timeout: patience })
    expect(new Set(answers(harness))).toEqual(new Set([401]))
    expect(harness.sandbox.github.log.of('GET /repos/{owner}/{repo}/actions/runs').length).toBe(before)
    expect(harness.cards()).toEqual([])
  })

  pollingScenario('what a lost webhook would have said is found by polling', async ({ harness }) => {
    github(harness).hooks.fault('lost', { times: 500 })
    push(harness)
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    expect(await harness.ends()).toBe('succeeded')
    expect(new Set(answers(harness))).toEqual(new Set([502]))
  })
})
