import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Pace, testPace } from '../../src/sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { services } from '../../src/sandbox/seed.ts'
import type { Thread } from '../../src/sandbox/slack/entities.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { channel, configText } from '../scenarios/town.ts'
import { type Death, type Supervised, supervise } from './supervisor.ts'

/** The outside world, a bot of its own process in it, and people who press again where nothing answered. */
export type CrashTown = {
  readonly sandbox: Sandbox
  readonly bot: Supervised
  /** Types until it was acknowledged, or a card more shows that it was heard. */
  types(user: string, line: string): Promise<void>
  /** Presses until it was acknowledged, or the card offers it no more. */
  presses(user: string, action: string): Promise<void>
  /** All release cards, the oldest first. */
  cards(): readonly Thread[]
  /** Waits until the newest card shows one of these states. */
  shows(...states: readonly string[]): Promise<Thread>
  /** Waits until the end of every card is told in its thread. */
  isTold(): Promise<unknown>
  /** Revisions that rollouts of prod brought since the start, the oldest first. */
  rolledOut(): readonly string[]
  /** Ends the bot once it has done all that it has to do, and opens what it left. */
  leaves(): Promise<Store>
}

export type TownNeeds = {
  readonly death?: Death
  readonly pace?: Partial<Pace>
  readonly onClose: (close: () => Promise<void>) => void
}

/** How long people wait for what must come, ms. */
const patience = 60_000

/** How long Slack waits for an acknowledgement here, ms: what was cut off is pressed again sooner. */
const ackMs = 1_000

/** As in the other stories, and a deploy waits a moment after its last key. */
const withWait = configText.replace('githubEnvironment: production', '$&\n    wait: 100ms')

export async function openCrashTown({ death, pace, onClose }: TownNeeds): Promise<CrashTown> {
  const sandbox = await startSandbox({ pace: { ...testPace, ...pace }, rates: 'off', ackMs })
  const folder = mkdtempSync(join(tmpdir(), 'twokey-crash-'))
  const config = join(folder, 'twokey.yml')
  const data = join(folder, 'data')
  writeFileSync(config, withWait)
  const env = {
    ...sandbox.env,
    TWOKEY_CONFIG: config,
    TWOKEY_DATA_DIR: data,
    PORT: '0',
    LOG_LEVEL: 'warn',
    NODE_COMPILE_CACHE: join(tmpdir(), 'twokey-crash-cache'),
  }
  const bot = supervise(env, join(folder, 'bot.log'), death ?? null)
  let store: Store | null = null
  onClose(async () => {
    await bot.stop()
    await store?.close()
    await sandbox.close()
    rmSync(folder, { recursive: true })
  })

  const { slack, aws } = sandbox
  const cards = () =>
    slack.workspace.messages(channel).filter(({ metadata }) => metadata?.event_type === 'twokey_release')
  const rollouts = () => aws.world.service(services.prod.cluster, services.prod.service)?.rollouts ?? []
  const before = rollouts().length
  return {
    sandbox,
    bot,
    cards,
    async types(user, line) {
      const shown = cards().length
      await insist(
        () => slack.as(user).types(channel, line),
        () => cards().length > shown,
      )
    },
    async presses(user, action) {
      const ts = cards().at(-1)?.ts ?? ''
      await insist(
        () => slack.as(user).clicks({ channel, ts, actionId: `twokey:${action}` }),
        () =>
          !offers(
            cards().find((card) => card.ts === ts),
            action,
          ),
      )
    },
    shows: (...states) =>
      slack.until(
        () =>
          cards()
            .slice(-1)
            .find((card) => isIn(card, states)),
        { ms: patience },
      ),
    isTold: () =>
      slack.until(() => cards().length > 0 && cards().every((card) => toldKeys(card).some(isEnd)), {
        ms: patience,
      }),
    rolledOut: () =>
      rollouts()
        .slice(0, rollouts().length - before)
        .map(({ target }) => `${target.taskDefinition.family}:${target.taskDefinition.revision}`)
        .reverse(),
    async leaves() {
      for (;;) {
        await bot.stop()
        store = await openSqliteStore({ folder: data })
        const [undone, due] = [await store.undone(), await store.outbox.nextDue()]
        if (undone.length === 0 && due === null) return store
        await store.close()
        store = null
        bot.resume()
        await new Promise((resolve) => setTimeout(resolve, 2_000))
      }
    },
  }
}

/** What a person sees of nothing is an error; then they do it again. */
async function insist(act: () => Promise<{ outcome: string }>, isHeard: () => boolean): Promise<void> {
  const end = Date.now() + patience
  while (!isHeard()) {
    const { outcome } = await act()
    if (outcome === 'acknowledged') return
    if (Date.now() > end) throw new Error(`nothing was acknowledged for ${patience} ms: ${outcome}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function offers(card: Thread | undefined, action: string): boolean {
  return JSON.stringify(card?.blocks ?? []).includes(`"twokey:${action}"`)
}

function isIn(card: Thread, states: readonly string[]): boolean {
  return states.some((state) => card.text.startsWith(`blog-api prod: ${state}`))
}

function isEnd(key: string): boolean {
  return key.startsWith('ended-')
}

/** The keys of the stories in a card's thread, in order. */
export function toldKeys(card: Thread): readonly string[] {
  return card.replies.map(({ metadata }) => String(metadata?.event_payload.key))
}
