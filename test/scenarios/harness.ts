import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ECS } from '@aws-sdk/client-ecs'
import { pino } from 'pino'
import { test } from 'vitest'
import { testPace } from '../../sandbox/pace.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts'
import { slack as seed, services } from '../../sandbox/seed.ts'
import type { Message, Thread } from '../../sandbox/slack/entities.ts'
import { type Bot, startBot } from '../../src/compose.ts'
import type { Environment } from '../../src/config/environment.ts'
import { parseConfig } from '../../src/config/load.ts'
import { straysSent } from './sent.ts'

export const channel = seed.channel.id
export const dispatchRoute = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches'

export const rerunRoute = 'POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs'

/** What webhooks of GitHub are signed with. */
export const webhookSecret = 'It’s a Secret to Everybody'

/** The config of the scenarios: two approvals for prod, one for its rollbacks, none for dev. */
export const configText = `
slack: { channel: ${channel} }
defaults: { environment: prod, service: blog-api }
polling: { active: 100ms, idle: 250ms, settle: 1s }
environments:
  dev: { branch: develop, approvals: { required: 0 } }
  prod:
    branch: main
    githubEnvironment: production
    approvals: { required: 2, approvers: [S0DEPLOYERS, U0APPROVER] }
    rollback: { approvals: { required: 1 } }
    notify: [S0ONCALL]
services:
  blog-api:
    repository: myorg/blog-api
    workflow: deploy.yml
    containers: [api]
    migration: { family: blog-api-migrate }
    environments:
      dev: { cluster: blog-cluster-dev, service: blog-api }
      prod: { cluster: blog-cluster-prod, service: blog-api }
`

/** The GitHub logins of Ana, Ben and Chloe, for the beginning of a config. */
export const people = `people:
  - { slack: [U0ANA], github: ana }
  - { slack: [U0BEN], github: ben }
  - { slack: [U0CHLOE], github: chloe }
`

/** Everything that a scenario needs: the outside systems, the bot, and people. */
export type Harness = {
  readonly sandbox: Sandbox
  /** The directory of the store. */
  readonly folder: string
  /** A client for changes that another person makes in the same AWS account. */
  readonly ecs: ECS
  /** A person types a command; resolves with what they saw of it. */
  types(user: string, line: string): ReturnType<ReturnType<Sandbox['slack']['as']>['types']>
  /** A person types a command; resolves with the next answer to them alone. */
  answerTo(user: string, line: string): Promise<string>
  /** Ana requests a deploy, Ben and Chloe approve. */
  approved(line?: string): Promise<void>
  /** A person clicks a button of the newest card, or of the given one. */
  clicks(user: string, action: string, card?: Thread): Promise<unknown>
  /** All release cards, oldest first. */
  cards(): readonly Thread[]
  /** Waits until the newest card shows this state; returns the card. */
  shows(state: string): Promise<Thread>
  /** Waits until the newest card has ended; returns its state. */
  ends(): Promise<string>
  /** Waits until the newest card's thread has a post with these words. */
  threadPost(words: RegExp): Promise<Message>
  /** Waits until this person alone was shown these words. */
  ephemeral(user: string, words: RegExp): Promise<string>
  dispatches(): number
  /** The revision that prod runs. */
  serving(): string
  /** Where the bot listens; another address after each start. */
  url(): string
  /** Stops the bot and starts it again on the same store. @param edited the text of twokey.yml from then on */
  restarts(edited?: string): Promise<void>
  close(): Promise<void>
}

export type HarnessOptions = Pick<SandboxOptions, 'app' | 'gate'> & {
  /** As whom the bot acts on GitHub; by default with a token. */
  readonly actsAs?: 'token' | 'app'
  /** How Slack's events reach the bot; by default over sockets. */
  readonly slackMode?: 'socket' | 'http'
  /** Whether the App's webhook leads to the bot. */
  readonly hasWebhook?: boolean
  /** The text of twokey.yml. */
  readonly config?: string
}

/** The states in which a card ends. */
const ends: readonly string[] = [
  'succeeded',
  'failed',
  'rolled back',
  'rollback failed',
  'unchanged',
  'rejected',
  'cancelled',
  'expired',
  'superseded',
  'stopped',
  'unknown',
]

function accessTo(github: Sandbox['github'], actsAs: 'token' | 'app'): Environment['github'] {
  const { GITHUB_API_URL: apiUrl, GITHUB_TOKEN: token } = github.env
  if (actsAs === 'token') return { token, apiUrl }
  const { GITHUB_APP_ID: id, GITHUB_APP_PRIVATE_KEY: privateKey } = github.appEnv()
  return { app: { appId: Number(id), privateKey }, apiUrl }
}

export async function openHarness({
  config = configText,
  actsAs = 'token',
  hasWebhook = false,
  slackMode = 'socket',
  ...outside
}: HarnessOptions = {}): Promise<Harness> {
  const sandbox = await startSandbox({ pace: testPace, rates: 'off', ...outside })
  const folder = mkdtempSync(join(tmpdir(), 'twokey-scenarios-'))
  const { slack, aws, github } = sandbox
  // Every harness has the same credentials; only the address of AWS differs.
  Object.assign(process.env, aws.env)
  let text = config
  const start = async (): Promise<Bot> => {
    const loaded = parseConfig(text)
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
    const started = await startBot({
      environment: {
        slack: {
          botToken: sandbox.slack.env.SLACK_BOT_TOKEN,
          ...(slackMode === 'socket'
            ? { appToken: sandbox.slack.env.SLACK_APP_TOKEN }
            : { signingSecret: sandbox.slack.requests.signingSecret }),
          apiUrl: sandbox.slack.env.SLACK_API_URL,
        },
        github: accessTo(sandbox.github, actsAs),
        gitHubWebhookSecret: hasWebhook ? webhookSecret : undefined,
        dataDir: folder,
        port: 0,
        host: '127.0.0.1',
        logLevel: 'silent',
      },
      config: loaded.config,
      aws: { endpoint: aws.url, region: aws.env.AWS_REGION },
      log: pino({ level: process.env.LOG_LEVEL ?? 'silent' }),
      onFatal: (error) => {
        throw error
      },
    })
    const url = `${started.url}/github/webhooks`
    if (slackMode === 'http') await slack.requests.setRequestUrl(`${started.url}/slack/events`)
    if (hasWebhook) github.world.hooks.setAppHook({ url, secret: webhookSecret })
    return started
  }
  let bot = await start()
  const { env } = aws
  const ecs = new ECS({
    endpoint: aws.url,
    region: env.AWS_REGION,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
  })
  const cards = () =>
    slack.workspace.messages(channel).filter(({ metadata }) => metadata?.event_type === 'twokey_release')
  const types: Harness['types'] = (user, line) => slack.as(user).types(channel, line)
  const clicks: Harness['clicks'] = async (user, action, card = cards().at(-1)) => {
    if (!card) throw new Error('there is no card to press on')
    return slack.as(user).clicks({ channel, ts: card.ts, actionId: `twokey:${action}` })
  }
  const shows: Harness['shows'] = (state) =>
    slack.until(() => {
      const card = cards().at(-1)
      return card && stateOf(card).startsWith(state) ? card : undefined
    })
  const shown = (user: string) => slack.workspace.ephemerals(user)
  return {
    sandbox,
    folder,
    ecs,
    cards,
    types,
    clicks,
    shows,
    async answerTo(user, line) {
      const before = shown(user).length
      await types(user, line)
      const { text, blocks } = await slack.until(() => shown(user)[before])
      return `${text} ${JSON.stringify(blocks)}`
    },
    async approved(line = '/deploy prod') {
      await types('U0ANA', line)
      await shows('awaiting approval')
      await clicks('U0BEN', 'approve')
      await clicks('U0CHLOE', 'approve')
    },
    ends: () =>
      slack.until(() => {
        const card = cards().at(-1)
        const state = card && stateOf(card).split('\n')[0]
        return ends.find((end) => end === state)
      }),
    threadPost: (words) =>
      slack.until(() =>
        cards()
          .at(-1)
          ?.replies.find(({ text, blocks }) => words.test(`${text} ${JSON.stringify(blocks)}`)),
      ),
    ephemeral: (user, words) =>
      slack.until((workspace) =>
        workspace
          .ephemerals(user)
          .map(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`)
          .findLast((all) => words.test(all)),
      ),
    dispatches: () => github.log.of(dispatchRoute).length,
    serving() {
      const service = aws.world.service(services.prod.cluster, services.prod.service)
      return service ? `${service.taskDefinition.family}:${service.taskDefinition.revision}` : 'nothing'
    },
    url: () => bot.url,
    async restarts(edited = text) {
      await bot.stop()
      text = edited
      bot = await start()
    },
    async close() {
      ecs.destroy()
      await bot.stop()
      await sandbox.close()
      rmSync(folder, { recursive: true })
      const strays = straysSent(slack.log.exchanges)
      if (strays.length > 0) throw new Error(`Slack was sent markup that is none: ${strays.join(' | ')}`)
    },
  }
}

/** The state on a card: what follows `service environment: `. */
export function stateOf(card: Thread): string {
  return card.text.slice(card.text.indexOf(': ') + 2)
}

/** A scenario with its own harness. It also fails if a request broke the rules of the sandbox's GitHub. */
export const scenario = test.extend<{
  config: string
  outside: Omit<HarnessOptions, 'config'>
  harness: Harness
}>({
  config: configText,
  outside: {},
  harness: async ({ config, outside }, use) => {
    const harness = await openHarness({ config, ...outside })
    await use(harness)
    const { violations } = harness.sandbox.github.world
    await harness.close()
    if (violations.length > 0) throw new Error(violations.join('\n'))
  },
})

/** A scenario in which twokey waits a minute before it gives up what it cannot read, longer than the errors here last. */
export const patientScenario = scenario.extend<{ config: string }>({
  config: configText.replace('settle: 1s', 'settle: 1m'),
})
