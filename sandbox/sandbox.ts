import { type AwsSandbox, startAws } from './aws/server.ts'
import { type GitHubSandbox, startGitHub } from './github/github.ts'
import type { Pace } from './pace.ts'
import { type SlackOptions, type SlackSandbox, startSlack } from './slack/slack.ts'

/** Slack, GitHub and AWS on local addresses. GitHub's workflows deploy to this AWS. */
export type Sandbox = {
  readonly slack: SlackSandbox
  readonly github: GitHubSandbox
  readonly aws: AwsSandbox
  /** The environment that a bot needs to reach them. */
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

export type SandboxOptions = {
  readonly pace: Pace
  /** `off`: Slack and AWS do not limit requests. Default `real`. */
  readonly rates?: 'real' | 'off'
  /**
   * `app`: jobs that deploy to `production` wait for the bot's App, whose custom rule is enabled, and `env` has the key of
   * the App in place of a token. Default: no gate.
   */
  readonly gate?: 'app'
  /** How long Slack waits for an acknowledgement, ms. */
  readonly ackMs?: number
  /** The Slack app as installed, if it differs from the default. */
  readonly app?: SlackOptions['app']
  /** Slack's clock, ms since the epoch. */
  readonly now?: SlackOptions['now']
}

/** Starts all three on free ports of 127.0.0.1. */
export async function startSandbox({
  pace,
  rates = 'real',
  gate,
  ackMs,
  app,
  now,
}: SandboxOptions): Promise<Sandbox> {
  const aws = await startAws({ pace, rates })
  const github = await startGitHub({ pace, aws: aws.env })
  if (gate === 'app') github.world.gates.enableRule()
  const slack = await startSlack({ rates, ackMs, app, now })
  return {
    slack,
    github,
    aws,
    env: { ...slack.env, ...(gate === 'app' ? github.appEnv() : github.env), ...aws.env },
    async close() {
      await Promise.all([slack.close(), github.close(), aws.close()])
    },
  }
}
