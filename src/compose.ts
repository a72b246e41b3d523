import { createHash, randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import type { AwsSettings } from './aws/accounts/access.ts'
import { connectEcs } from './aws/ecs/connect.ts'
import { queueOf } from './aws/sqs/queue.ts'
import type { Environment } from './config/environment.ts'
import { queuesOf } from './config/queues.ts'
import type { Config } from './config/resolve.ts'
import { settingsOf } from './config/settings.ts'
import { checkSetup } from './doctor/check-setup.ts'
import { checks } from './doctor/checks.ts'
import { deployRoles } from './doctor/deploy-roles.ts'
import { diagnose } from './doctor/diagnosis.ts'
import { gather } from './doctor/gather.ts'
import { problemsFirst } from './doctor/report.ts'
import { approversToAsk } from './engine/direct-messages.ts'
import { startEngine } from './engine/engine.ts'
import { moveCards } from './engine/move-cards.ts'
import { newReleaseId } from './engine/release-id.ts'
import { recordBeginning } from './engine/unreleased.ts'
import { connectGitHub } from './github/github.ts'
import { serveHttp } from './http/server.ts'
import { issuerOf } from './iam/issuer.ts'
import type { DoctorReply } from './messages/reply.ts'
import type { Clock } from './ports/clock.ts'
import type { Outside } from './ports/outside.ts'
import type { Checkpoint } from './ports/ports.ts'
import type { LogPointer } from './release/log-pointer.ts'
import { formSource } from './requests/form-source.ts'
import { startGitHubSignals } from './requests/github-signals.ts'
import { startInboxWorker } from './requests/inbox-worker.ts'
import { mayNotRead } from './requests/readers.ts'
import { startGates } from './requests/waiting-runs.ts'
import type { ProxySettings } from './runtime/proxy.ts'
import { Signals } from './runtime/signals.ts'
import { SetAsides } from './set-aside.ts'
import { deployWorkflowsOf } from './settings/deploy-workflows.ts'
import { rolesOf } from './settings/settings.ts'
import { slackChannels } from './slack/channels.ts'
import { slackPeople } from './slack/identity.ts'
import { startOutbox } from './slack/outbox.ts'
import { connectSlack } from './slack/receivers.ts'
import { slackSetup } from './slack/setup.ts'
import type { Exposure } from './store/modes.ts'
import { openSqliteStore } from './store/sqlite.ts'
import type { OnSetAside } from './store/store.ts'
import { type EventUse, startAwsEvents } from './watchers/aws-events.ts'
import { startExternalRuns } from './watchers/external-runs.ts'
import { startLockExpiry } from './watchers/lock-expiry.ts'
import { startOutsideChanges } from './watchers/outside-changes.ts'
import { startPruner } from './watchers/pruner.ts'
import { type SetupCheck, startSetupCheck } from './watchers/setup-check.ts'

export type BotDeps = {
  readonly environment: Environment
  readonly config: Config
  readonly log: Logger
  /** Settings for AWS; the SDK's defaults apply to those that are absent. */
  readonly aws?: AwsSettings
  /** The proxy to Slack's sockets; absent: none. The caller configures the proxy of all other clients. */
  readonly proxy?: ProxySettings
  /** Called if Slack can never be reached again with these tokens; the process should end. */
  readonly onFatal: (error: Error) => void
  /** Lets tests stop the process at a named point. */
  readonly checkpoint?: Checkpoint
}

/** A running twokey. */
export type Bot = {
  readonly url: string
  /** Checks in the background whether everything that the config names exists and can be used. */
  checkSetup(): void
  stop(): Promise<void>
}

/** Constructs and wires everything; resolves once Slack is connected. If that fails, nothing is left running. */
export async function startBot(deps: BotDeps): Promise<Bot> {
  const running = new AsyncDisposableStack()
  try {
    const { url, setupCheck } = await start(deps, running)
    return { url, checkSetup: () => setupCheck.wake(), stop: () => running.disposeAsync() }
  } catch (error) {
    await running.disposeAsync()
    throw error
  }
}

/** Returns the address of the health checks, and the setup check, which has not begun. @param running collects what is stopped at the end, in reverse order. */
async function start(
  { environment, config, log, aws, proxy, onFatal, checkpoint = () => {} }: BotDeps,
  running: AsyncDisposableStack,
): Promise<{ readonly url: string; readonly setupCheck: SetupCheck }> {
  const clock: Clock = Date.now
  const settings = settingsOf(config, aws?.region)
  const setAsides = new SetAsides(log)
  const awsEvents: Record<EventUse, number> = { woke: 0, nobody: 0, unknown: 0, old: 0 }
  const onSetAside: OnSetAside = (aside) => setAsides.tell(aside)
  const signals = new Signals()

  // The store, and what all parts use.
  const store = await openSqliteStore({
    folder: environment.dataDir,
    onExposed: (exposure) => log.warn(exposure, exposureText(exposure)),
    onSetAside,
    signals,
  })
  running.defer(() => store.close())
  const { slack: access } = environment
  const http = await serveHttp({
    ...environment,
    slackSigningSecret: 'signingSecret' in access ? access.signingSecret : undefined,
    store,
    setAsides,
    awsEvents,
    log,
  })
  running.defer(() => http.close())
  log.info({ url: http.url }, 'listening')

  // The clients of Slack, GitHub and AWS.
  const github = connectGitHub({ ...environment.github, log }, (repository) =>
    deployWorkflowsOf(settings, repository),
  )
  const ecs = connectEcs((ask) => github.commitsAmong(ask), {
    ...aws,
    settleMs: config.polling.settleMs,
  })
  const { botToken, apiUrl } = access
  const arrival = 'appToken' in access ? { appToken: access.appToken } : { onRequest: http.onSlackRequest }
  const slack = await connectSlack({ botToken, apiUrl, ...arrival, proxy, log, onFatal })
  http.readyWhile(() => slack.connected())
  const people = slackPeople({ ...slack, workspaces: config.workspaces })
  const slackReads = slackSetup({ ...slack, workspaces: config.workspaces })
  const outside: Outside = { github, ecs, people, channels: slackChannels(slack.web) }

  // Updates for changes of twokey.yml and AWS while twokey was down.
  await moveCards({ store, settings, channel: config.channel, clock, onSetAside })
  if (aws?.region !== undefined) await store.locate(aws.region)
  await store.adoptRoles(rolesOf(settings))
  await recordBeginning(store, clock())
  await store.transact((tx) => tx.wakeInFlight(clock(), null))

  // The loops.
  const outbox = startOutbox({
    outbox: store.outbox,
    direct: store.direct,
    approversToAsk: (release) => approversToAsk({ store, people, settings }, release),
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
  running.defer(() => outbox.stop())
  const owner = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`
  const engine = startEngine({
    store,
    outside,
    settings,
    clock,
    log,
    owner,
    workspace: slack.workspace,
    checkpoint,
  })
  running.defer(() => engine.stop())
  const lockExpiry = startLockExpiry({ store, settings, clock, log, checkpoint })
  running.defer(() => lockExpiry.stop())
  const pruner = startPruner({ store, clock, log })
  running.defer(() => pruner.stop())
  const externalRuns = startExternalRuns({ store, github, settings, clock, log, checkpoint })
  running.defer(() => externalRuns.stop())
  const outsideChanges = startOutsideChanges({ store, outside, settings, clock, log, checkpoint })
  running.defer(() => outsideChanges.stop())
  const gates = startGates({
    store,
    outside,
    settings,
    clock,
    log,
    newId: newReleaseId,
    checkpoint,
  })
  running.defer(() => gates.stop())
  const gitHubSignals = startGitHubSignals({ store, gates, clock, log })
  running.defer(() => gitHubSignals.stop())
  http.onGitHubSignal((signal) => gitHubSignals.receive(signal))
  const queues = queuesOf(config).map((queue) => queueOf(queue, aws ?? {}))
  for (const queue of queues) {
    const count = (use: EventUse) => {
      awsEvents[use] += 1
    }
    const events = startAwsEvents({
      store,
      queue,
      clock,
      log,
      count,
      onSignal: (signal) => outsideChanges.receive(signal),
    })
    running.defer(() => events.stop())
  }
  const setupCheck = startSetupCheck({
    store,
    config: createHash('sha256').update(JSON.stringify(config)).digest('hex'),
    check: () => checkSetup({ settings, channel: config.channel, github, ecs, queues, slack: slackReads }),
    clock,
    log,
  })
  running.defer(() => setupCheck.stop())
  // Doctor reads the files of a branch once, so each time it begins anew.
  const doctorDeps = () => ({
    settings,
    channel: config.channel,
    github: { ...github, ...github.doctor() },
    aws: ecs.doctor(),
    slack: slackReads,
    issuer: issuerOf(environment.github.apiUrl),
  })
  const doctor = async (only: string | null): Promise<DoctorReply> => {
    const diagnoses = diagnose(checks, await gather({ ...doctorDeps(), only }))
    return { reply: 'doctor', environment: only, ...problemsFirst(diagnoses) }
  }
  const inboxWorker = startInboxWorker({
    store,
    outside,
    forms: slack.forms,
    gates: externalRuns,
    doctor,
    deployRole: deployRoles(doctorDeps),
    settings,
    clock,
    log,
    newId: newReleaseId,
    onSetAside,
    checkpoint,
  })
  running.defer(() => inboxWorker.stop())

  // The signals that wake each loop before its time.
  signals.on('release', () => engine.wake())
  signals.on('outbox', () => outbox.wake())
  signals.on('locks', () => lockExpiry.wake())
  signals.on('inbox', () => inboxWorker.wake())

  // The connection to Slack.
  running.defer(() => slack.stop())
  await slack.start({
    vocabulary: settings,
    source: formSource({
      settings,
      outside: { github, ecs },
      mayNotRead: (who, shown) => mayNotRead({ settings, people }, who, shown),
    }),
    receive: (item) => store.receive(item),
    signals,
    checkpoint,
  })
  log.info({ services: config.services, environments: config.environments }, 'twokey is connected to Slack')
  return { url: http.url, setupCheck }
}

function exposureText({ isMended }: Exposure): string {
  return isMended
    ? 'other users of this machine could reach the data folder until now; its mode is 0700 now'
    : 'other users of this machine can reach the data folder: give twokey a folder of its own, with mode 0700'
}

function readLog({ github, ecs }: Outside, pointer: LogPointer, lines: number): Promise<readonly string[]> {
  return pointer.log === 'job' ? github.jobLog(pointer, lines) : ecs.log(pointer, lines)
}
