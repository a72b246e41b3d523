import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import { type SlackOptions, type SlackSandbox, startSlack } from '../../sandbox/slack/slack.ts'
import type { FormSource } from '../../src/messages/form.ts'
import type { InboxItem } from '../../src/messages/intent.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { ReleasePost } from '../../src/release/effects.ts'
import type { Release } from '../../src/release/release.ts'
import { type Clients, slackClients } from '../../src/slack/clients.ts'
import type { SlackDeps, SlackInput } from '../../src/slack/deps.ts'
import { slackLogger } from '../../src/slack/log.ts'
import { type OutboxDeps, type RunningOutbox, startOutbox } from '../../src/slack/outbox.ts'
import { connectSlack, type Slack } from '../../src/slack/receivers.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'

export const channel = 'C0DEPLOYS'
export const log = pino({ level: 'silent' })

/** A store in its own directory, which is removed after the test. */
export async function openStore(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-slack-'))
  const store = await openSqliteStore({ folder })
  onTestFinished(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return store
}

export async function openSlack(options: SlackOptions = {}): Promise<SlackSandbox> {
  const slack = await startSlack(options)
  onTestFinished(() => slack.close())
  return slack
}

export type OutboxHarness = {
  readonly slack: SlackSandbox
  readonly store: Store
  readonly clients: Clients
  /** Starts the loop, as often as there would be processes. */
  start(differs?: Partial<OutboxDeps>): RunningOutbox
  /** Stores the current release with its posts. */
  save(release: Release, told?: readonly ReleasePost[]): Promise<void>
  /** Waits until nothing is being sent to Slack or stored. */
  idle(): Promise<void>
}

/** The outbox with the real clients, the sandbox's Slack and a store. */
export async function openOutbox(
  options: SlackOptions = {},
  clock: Clock = Date.now,
): Promise<OutboxHarness> {
  const [slack, store] = [await openSlack(options), await openStore()]
  const clients = slackClients({
    botToken: slack.env.SLACK_BOT_TOKEN,
    apiUrl: slack.env.SLACK_API_URL,
    logger: slackLogger(log),
    clock,
  })
  const known = new Set<string>()
  const running: RunningOutbox[] = []
  return {
    slack,
    store,
    clients,
    start(differs = {}) {
      const outbox = startOutbox({
        ...clients,
        outbox: store.outbox,
        direct: store.direct,
        approversToAsk: async () => [],
        readLog: async () => [],
        clock,
        log,
        onSetAside: () => {},
        ...differs,
      })
      running.push(outbox)
      onTestFinished(() => outbox.stop())
      return outbox
    },
    async idle() {
      await Promise.all(running.map((outbox) => outbox.idle()))
    },
    save: (release, told = []) =>
      store.transact(async (tx) => {
        if (known.has(release.id)) await tx.save(release, null)
        else await tx.create(release, 'current')
        known.add(release.id)
        await tx.addPosts(release.id, told, Date.now())
      }),
  }
}

/** The cards in the channel. */
export function cardsOf({ workspace }: SlackSandbox) {
  return workspace.messages(channel).filter(({ metadata }) => metadata?.event_type === 'twokey_release')
}

/** A source for which no form exists. */
export const noForms: FormSource = {
  formFor: () => null,
  mayNotRead: async () => null,
  deployForm: (chosen) => ({
    form: 'deploy',
    services: ['blog-api', 'shop'],
    environments: ['dev', 'prod'],
    ...chosen,
    branch: 'main',
    serving: { seen: 'open' },
  }),
  serving: async () => ({ seen: 'no', why: 'nobody looks' }),
  commits: async () => [],
}

export type ListenerHarness = {
  readonly slack: SlackSandbox
  readonly bot: Slack
  /** The stored requests, in order. */
  readonly items: readonly InboxItem[]
  /** The events, in order: `received`, `inbox changed`. */
  readonly happened: readonly string[]
}

/** Bolt with its two connections, the sandbox's Slack, and an inbox. */
export async function openListener(differs: Partial<SlackDeps & SlackInput> = {}): Promise<ListenerHarness> {
  const slack = await openSlack()
  const items: InboxItem[] = []
  const happened: string[] = []
  const bot = await connectSlack({
    botToken: slack.env.SLACK_BOT_TOKEN,
    appToken: slack.env.SLACK_APP_TOKEN,
    apiUrl: slack.env.SLACK_API_URL,
    log,
    onFatal: (error) => happened.push(`fatal ${error.message}`),
    ...differs,
  })
  onTestFinished(() => bot.stop())
  await bot.start({
    vocabulary: { services: ['blog-api', 'shop'], environments: ['dev', 'prod'] },
    source: noForms,
    receive: async (item) => {
      const isNew = items.every(({ id }) => id !== item.id)
      items.push(item)
      happened.push('received')
      return isNew ? 'new' : 'seen'
    },
    signals: { changed: (what) => happened.push(`${what} changed`) },
    ...differs,
  })
  return { slack, bot, items, happened }
}

/** Waits until the condition holds. */
export async function until(isSo: () => boolean, ms = patience): Promise<void> {
  const end = Date.now() + ms
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`not so after ${ms} ms: ${isSo}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
