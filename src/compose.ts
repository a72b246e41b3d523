import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import type { Environment } from './config/environment.ts'
import type { Config } from './config/resolve.ts'
import type { AwsSettings } from './ecs/client.ts'
import { connectEcs } from './ecs/connect.ts'
import { startEngine } from './engine/engine.ts'
import { moveCards } from './engine/move-cards.ts'
import { newReleaseId } from './engine/release-id.ts'
import { noteBeginning } from './engine/unreleased.ts'
import { connectGitHub } from './github/github.ts'
import { type Health, serveHealth } from './health.ts'
import type { Clock } from './ports/clock.ts'
import type { Outside } from './ports/outside.ts'
import type { Checkpoint } from './ports/ports.ts'
import type { Policy } from './release/approval.ts'
import type { LogPointer } from './release/look.ts'
import { formSource } from './requests/form-source.ts'
import { startInboxWorker } from './requests/inbox-worker.ts'
import { mayNotRead } from './requests/readers.ts'
import { SetAsides } from './set-aside.ts'
import type { Settings } from './settings/settings.ts'
import { slackChannels } from './slack/channels.ts'
import { slackPeople } from './slack/identity.ts'
import { startOutbox } from './slack/outbox.ts'
import { connectSlack } from './slack/receivers.ts'
import type { Exposure } from './store/modes.ts'
import { openSqliteStore } from './store/sqlite.ts'
import type { OnSetAside } from './store/store.ts'
import { startExternalRuns } from './watchers/external-runs.ts'
import { startLockExpiry } from './watchers/lock-expiry.ts'
import { startPruner } from './watchers/pruner.ts'

export type BotDeps = {
  readonly environment: Environment
  readonly config: Config
  readonly log: Logger
  /** Where AWS is; what is left out is read as the SDK does. */
  readonly aws?: AwsSettings
  /** Called where Slack can never be reached again with these tokens; the process should end. */
  readonly onFatal: (error: Error) => void
  /** Where tests stop it. */
  readonly checkpoint?: Checkpoint
}

/** A running twokey. */
export type Bot = { readonly url: string; stop(): Promise<void> }

/** Constructs and wires everything; resolves once Slack is connected. Where that fails, nothing is left running. */
export async function startBot({
  environment,
  config,
  log,
  aws,
  onFatal,
  checkpoint = () => {},
}: BotDeps): Promise<Bot> {
  const clock: Clock = Date.now
  const settings = settingsOf(config, aws?.region)
  const setAsides = new SetAsides(log)
  const onSetAside: OnSetAside = (aside) => setAsides.tell(aside)
  const store = await openSqliteStore({
    folder: environment.dataDir,
    onExposed: (exposure) => log.warn(exposure, exposureWords(exposure)),
    onSetAside,
  })
  const github = connectGitHub({ ...environment.github, log })
  const ecs = connectEcs((ask) => github.commitsAmong(ask), aws)
  let connected = () => false
  const health: Health = await serveHealth({
    ...environment,
    store,
    setAsides,
    connected: () => connected(),
    log,
  })
  log.info({ url: health.url }, 'listening: /healthz, /readyz, /metrics')
  const slack = await connectSlack({
    ...environment.slack,
    vocabulary: settings,
    source: formSource({
      settings,
      outside: { github, ecs },
      mayNotRead: (who, shown) => mayNotRead({ settings, people }, who, shown),
    }),
    receive: (item) => store.receive(item),
    poke: () => inboxWorker.poke(),
    log,
    onFatal,
    checkpoint,
  }).catch(async (error) => {
    await health.close()
    await store.close()
    throw error
  })
  connected = () => slack.connected()

  const people = slackPeople({ ...slack, workspaces: config.workspaces })
  const channels = slackChannels(slack.web)
  const outside: Outside = { github, ecs, people, channels }
  await moveCards({ store, settings, channel: config.channel, clock, onSetAside })
  const outbox = startOutbox({
    outbox: store.outbox,
    web: slack.web,
    edits: slack.edits,
    slackTime: slack.slackTime,
    workspace: slack.workspace,
    readLog: (pointer, lines) => readLog(outside, pointer, lines),
    clock,
    log,
    onSetAside,
    checkpoint,
  })
  const onCommitted = () => {
    outbox.poke()
    engine.poke()
    lockExpiry.poke()
  }
  const owner = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`
  const region = aws?.region
  if (region !== undefined) await store.locate(region)
  await noteBeginning(store, clock())
  // twokey.yml may have been edited while nothing ran: what awaits something is looked at once.
  await store.transact((tx) => tx.wakeInFlight(clock(), null))
  const engine = startEngine({ store, outside, settings, clock, log, owner, onCommitted, checkpoint })
  const lockExpiry = startLockExpiry({
    store,
    settings,
    clock,
    log,
    onCommitted: () => outbox.poke(),
    checkpoint,
  })
  const pruner = startPruner({ store, clock, log })
  const externalRuns = startExternalRuns({ store, github, settings, clock, log, onCommitted, checkpoint })
  const { forms } = slack
  const inboxWorker = startInboxWorker({
    store,
    outside,
    forms,
    gates: externalRuns,
    settings,
    clock,
    log,
    newId: newReleaseId,
    onCommitted,
    onSetAside,
    checkpoint,
  })
  const bot: Bot = {
    url: health.url,
    async stop() {
      await slack.stop()
      await inboxWorker.stop()
      await externalRuns.stop()
      await pruner.stop()
      await lockExpiry.stop()
      await engine.stop()
      await outbox.stop()
      await health.close()
      await store.close()
    },
  }
  try {
    await slack.start()
  } catch (error) {
    await bot.stop()
    throw error
  }
  log.info({ services: config.services, environments: config.environments }, 'twokey is connected to Slack')
  return bot
}

function exposureWords({ isMended }: Exposure): string {
  return isMended
    ? 'other users of this machine could reach the data folder until now; its mode is 0700 now'
    : 'other users of this machine can reach the data folder: give twokey a folder of its own, with mode 0700'
}

/**
 * The config with the joined people in every policy, as the core counts them, and with a region in every service environment, so
 * that a target has one name however the file says it.
 */
function settingsOf(config: Config, region: string | undefined): Settings {
  return {
    ...config,
    serviceEnvironments: config.serviceEnvironments.map((place) => {
      const common = { people: config.people, externalChannels: externalChannels(place) }
      return {
        ...(region !== undefined && { region }),
        ...place,
        policy: { ...place.policy, ...common },
        rollback: { ...place.rollback, policy: { ...place.rollback.policy, ...common } },
        emergency: place.emergency && {
          ...place.emergency,
          policy: { ...place.emergency.policy, ...common },
        },
      }
    }),
  }
}

/** An environment is protected as soon as a deploy or a rollback of it needs an approval. */
function externalChannels({
  externalChannels,
  policy,
  rollback,
}: Config['serviceEnvironments'][number]): Policy['externalChannels'] {
  const isProtected = policy.required > 0 || rollback.policy.required > 0
  return isProtected && !externalChannels ? 'refused' : 'allowed'
}

function readLog({ github, ecs }: Outside, pointer: LogPointer, lines: number): Promise<readonly string[]> {
  return pointer.log === 'job' ? github.jobLog(pointer, lines) : ecs.log(pointer, lines)
}
