import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ECS } from '@aws-sdk/client-ecs'
import { type Pace, testPace } from '../../sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts'
import { services } from '../../sandbox/seed.ts'
import type { Thread } from '../../sandbox/slack/entities.ts'
import { copyStore } from '../../src/store/copy.ts'
import { openSqliteStore, storeFile } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { channel, configText } from '../scenarios/harness.ts'
import { type Death, type Supervised, supervise } from './supervisor.ts'

/** The sandbox, the bot as a separate process in it, and people who click again if nothing answered. */
export type CrashHarness = {
  readonly sandbox: Sandbox
  readonly bot: Supervised
  /** Types until the command was acknowledged, or a new card or notice shows that it was received. */
  types(user: string, line: string): Promise<void>
  /**
   * Clicks until the click was acknowledged, the card no longer has the button, or a new card or notice shows that it
   * was received.
   */
  clicks(user: string, action: string): Promise<void>
  /** Like `clicks`, for a button that is shown only to this person. */
  pressesAlone(user: string, action: string): Promise<void>
  /** Submits the open form until it was accepted. */
  submits(user: string, values: Readonly<Record<string, string>>): Promise<void>
  /** Rolls out a revision in prod, outside twokey, and waits until it serves. */
  byHand(revision: string): Promise<void>
  /** Waits until twokey has looked at all services once. */
  watches(): Promise<void>
  /** From now on all tasks of prod exit soon after their start. */
  crashLoops(): Promise<void>
  /** Somebody deletes this card. */
  deletes(card: Thread): void
  /** Keys of the posts in threads of deleted cards, by release. */
  readonly keysOfDeletedCards: ReadonlyMap<unknown, readonly string[]>
  /** Waits until the runs on GitHub were read this many times. */
  looked(times: number): Promise<void>
  /** The bot is down for this many ms: its clock and Slack's advance, the others' stand still. */
  passes(ms: number): Promise<void>
  /** All release cards, oldest first. */
  cards(): readonly Thread[]
  /** The notices that belong to no release, oldest first. */
  notices(): readonly Thread[]
  /** Waits until the newest card shows one of these states. */
  shows(...states: readonly string[]): Promise<Thread>
  /** Waits until the newest card has this button. */
  offers(action: string): Promise<Thread>
  /** Waits until the newest card contains these words. */
  reads(words: RegExp): Promise<Thread>
  /** Waits until the thread of the newest card has this post, this many times. */
  threadPost(kind: string, times?: number): Promise<Thread>
  /** Waits until the newest notice contains these words. */
  noticed(words: RegExp): Promise<Thread>
  /** Waits until requests no longer reach Slack: repeated clicks have been answered. */
  isQuiet(): Promise<void>
  /** Waits until the end of every card is posted in its thread. */
  endIsPosted(): Promise<unknown>
  /** Waits until every command and click that the bot has stored was handled. */
  allHandled(): Promise<void>
  /** Revisions that were rolled out in prod since the start, oldest first. */
  rolledOut(): readonly string[]
  /** Stops the bot once it has nothing left to do, and opens its store. */
  stopAndOpenStore(): Promise<Store>
}

export type HarnessOptions = {
  /** One for each of its processes in turn. */
  readonly deaths?: readonly Death[]
  readonly pace?: Partial<Pace>
  /** Lines of twokey.yml that link Slack accounts to logins on GitHub; by default none are linked. */
  readonly people?: string
  /** How Slack's events reach the bot; by default over sockets. */
  readonly slackMode?: 'socket' | 'http'
  readonly onClose: (close: () => Promise<void>) => void
}

/** How long to wait for an expected event, ms. */
const patience = 120_000

/** How long Slack waits for an acknowledgement here, ms: people click sooner again after a crash. */
const ackMs = 1_000

/** As in the other scenarios, and a deploy waits a moment after its last approval, unless it is an emergency. */
const config = configText.replace(
  'githubEnvironment: production',
  `$&
    wait: 100ms
    emergency: { approvals: { required: 1, approvers: [S0ONCALL] } }`,
)

const listRuns = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'

export async function openCrashHarness({
  deaths = [],
  pace,
  people = '',
  slackMode = 'socket',
  onClose,
}: HarnessOptions): Promise<CrashHarness> {
  let aheadMs = 0
  const now = () => Date.now() + aheadMs
  const sandbox = await startSandbox({ pace: { ...testPace, ...pace }, rates: 'off', ackMs, now })
  const folder = mkdtempSync(join(tmpdir(), 'twokey-crash-'))
  const configPath = join(folder, 'twokey.yml')
  const data = join(folder, 'data')
  writeFileSync(configPath, people + config)
  const { SLACK_APP_TOKEN, ...tokens } = sandbox.env
  const port = slackMode === 'http' ? await freePort() : 0
  const env = () => ({
    ...tokens,
    ...(slackMode === 'http'
      ? { SLACK_SIGNING_SECRET: sandbox.slack.requests.signingSecret }
      : { SLACK_APP_TOKEN: SLACK_APP_TOKEN ?? '' }),
    TWOKEY_CONFIG: configPath,
    TWOKEY_DATA_DIR: data,
    PORT: String(port),
    LOG_LEVEL: 'warn',
    CLOCK_AHEAD_MS: String(aheadMs),
  })
  const bot = supervise({ env, logFile: join(folder, 'bot.log'), deaths })
  if (slackMode === 'http') await setRequestUrl(sandbox, port)
  let store: Store | null = null
  onClose(async () => {
    await bot.stop()
    await store?.close()
    ecs.destroy()
    await sandbox.close()
    rmSync(folder, { recursive: true })
  })

  const { slack, github, aws } = sandbox
  const ecs = new ECS({
    endpoint: aws.url,
    region: aws.env.AWS_REGION,
    credentials: { accessKeyId: aws.env.AWS_ACCESS_KEY_ID, secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY },
  })
  const posts = (type: string) =>
    slack.workspace.messages(channel).filter(({ metadata }) => metadata?.event_type === type)
  const cards = () => posts('twokey_release')
  const notices = () => posts('twokey_notice')
  const newest = (posted: () => readonly Thread[], isSo: (post: Thread) => boolean) =>
    slack.until(() => posted().slice(-1).find(isSo), { ms: patience })
  /** Returns a function that tells whether something was posted after this call. */
  const postsFollow = () => {
    const before = cards().length + notices().length
    return () => cards().length + notices().length > before
  }
  const rollouts = () => aws.world.service(services.prod.cluster, services.prod.service)?.rollouts ?? []
  const before = rollouts().length
  const keysOfDeletedCards = new Map<unknown, readonly string[]>()
  return {
    sandbox,
    bot,
    cards,
    notices,
    async isQuiet() {
      for (let heard = -1; heard !== slack.log.exchanges.length; ) {
        heard = slack.log.exchanges.length
        await pause(2_000)
      }
    },
    types: (user, line) => insist(() => slack.as(user).types(channel, line), postsFollow()),
    async clicks(user, action) {
      const ts = cards().at(-1)?.ts ?? ''
      const isHeard = postsFollow()
      await insist(
        () => slack.as(user).clicks({ channel, ts, actionId: `twokey:${action}` }),
        () => isHeard() || !cards().some((card) => card.ts === ts && isOffered(card, action)),
      )
    },
    async pressesAlone(user, action) {
      const actionId = `twokey:${action}`
      await slack.until(
        (workspace) =>
          workspace.ephemerals(user).some(({ blocks }) => JSON.stringify(blocks).includes(actionId)),
        { ms: patience },
      )
      await insist(() => slack.as(user).clicksEphemeral({ actionId }), postsFollow())
    },
    async submits(user, values) {
      const open = () => slack.workspace.views.open(user).at(-1)
      const { id } = await slack.until(open, { ms: patience })
      await insist(
        () => slack.as(user).submits(id, values),
        () => open()?.id !== id,
      )
    },
    async byHand(taskDefinition) {
      const { cluster, service } = services.prod
      await ecs.updateService({ cluster, service, taskDefinition })
      await aws.until((world) => world.service(cluster, service)?.rollouts[0]?.status === 'SUCCESSFUL')
    },
    async watches() {
      // The second round begins once the first is stored; each environment has a cluster of its own.
      await aws.until(() => aws.log.of('DescribeServices').length > 4)
    },
    async crashLoops() {
      const { cluster, service: name } = services.prod
      const service = aws.world.service(cluster, name)
      const image = service?.deployments[0]?.revision.taskDefinition.containerDefinitions?.[0]?.image
      if (image === undefined) throw new Error('prod runs an image')
      aws.world.rollouts.ofImage(image, { kind: 'exits', code: 1 })
      const { taskArns = [] } = await ecs.listTasks({ cluster, serviceName: name })
      for (const task of taskArns) await ecs.stopTask({ cluster, task })
    },
    keysOfDeletedCards,
    deletes(card) {
      const { ts, metadata } = card
      keysOfDeletedCards.set(metadata?.event_payload.release_id, postKeys(card))
      slack.workspace.remove(slack.workspace.message(channel, ts)!)
    },
    async looked(times) {
      const end = Date.now() + patience
      while (github.log.of(listRuns).length < times && Date.now() < end) await pause(20)
    },
    async passes(ms) {
      await bot.stop()
      aheadMs += ms
      bot.resume()
    },
    shows: (...states) => newest(cards, (card) => isIn(card, states)),
    offers: (action) => newest(cards, (card) => isOffered(card, action)),
    reads: (words) => newest(cards, ({ blocks }) => words.test(JSON.stringify(blocks))),
    threadPost: (kind, times = 1) =>
      newest(cards, (card) => postKeys(card).filter((key) => key.startsWith(kind)).length >= times),
    noticed: (words) => newest(notices, ({ text }) => words.test(text)),
    endIsPosted: () =>
      slack.until(() => cards().length > 0 && cards().every((card) => postKeys(card).some(isEnd)), {
        ms: patience,
      }),
    allHandled: () => untilStored(data, hasHandledAll),
    rolledOut: () =>
      rollouts()
        .slice(0, rollouts().length - before)
        .map(({ target }) => `${target.taskDefinition.family}:${target.taskDefinition.revision}`)
        .reverse(),
    async stopAndOpenStore() {
      for (;;) {
        await untilStored(data, isIdle)
        await bot.stop()
        store = await openSqliteStore({ folder: data })
        if (await isIdle(store)) return store
        await store.close()
        store = null
        bot.resume()
      }
    },
  }
}

/** A port that is free now. The bot keeps it, because Slack knows its address. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Slack takes the address once the bot answers there. */
async function setRequestUrl({ slack }: Sandbox, port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}/slack/events`
  for (const end = Date.now() + patience; ; await pause(100)) {
    try {
      return await slack.requests.setRequestUrl(url)
    } catch (error) {
      if (Date.now() > end) throw error
    }
  }
}

/** Waits until this holds of the store of a running bot: one that is stopped for each look may never finish its work. */
async function untilStored(folder: string, holds: (store: Store) => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + patience; Date.now() < end; await pause(500)) {
    const copy = await copyStore(folder, storeFile)
    const store = await openSqliteStore({ folder: copy.folder })
    const isReached = await holds(store)
    await store.close()
    copy.remove()
    if (isReached) return
  }
  throw new Error(`the bot has not done for ${patience} ms what it has to do`)
}

async function hasHandledAll(store: Store): Promise<boolean> {
  return (await store.pendingItems()).length === 0
}

async function isIdle(store: Store): Promise<boolean> {
  return (await hasHandledAll(store)) && (await store.outbox.nextDue()) === null
}

/** If nothing answers, the person sees an error and tries again. */
async function insist(act: () => Promise<{ outcome: string }>, isHeard: () => boolean): Promise<void> {
  const end = Date.now() + patience
  while (!isHeard()) {
    const { outcome } = await act()
    if (outcome === 'acknowledged') return
    if (Date.now() > end) throw new Error(`nothing was acknowledged for ${patience} ms: ${outcome}`)
    await pause(100)
  }
}

function isOffered({ blocks }: Thread, action: string): boolean {
  return JSON.stringify(blocks).includes(`"twokey:${action}"`)
}

function isIn(card: Thread, states: readonly string[]): boolean {
  return states.some((state) => card.text.startsWith(`blog-api prod: ${state}`))
}

function isEnd(key: string): boolean {
  return key.startsWith('ended-')
}

/** The keys of the posts in a card's thread, in order. */
export function postKeys(card: Thread): readonly string[] {
  return card.replies.map(({ metadata }) => String(metadata?.event_payload.key))
}
