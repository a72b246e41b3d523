import { connectEcs } from '../aws/ecs/connect.ts'
import { queueOf } from '../aws/sqs/queue.ts'
import { queuesOf } from '../config/queues.ts'
import { settingsOf } from '../config/settings.ts'
import type { Variables } from '../config/variables.ts'
import { checkEcs, checkGitHub, checkQueues, checkSlack } from '../doctor/check-setup.ts'
import { type Finding, formatFindings, isProblem } from '../doctor/finding.ts'
import { connectGitHub } from '../github/github.ts'
import { openLog } from '../log.ts'
import { Trouble } from '../ports/ports.ts'
import { type SlackTokens, slackTokens } from '../slack/self.ts'
import { slackSetup } from '../slack/setup.ts'
import { count } from './count.ts'
import { readSettings } from './settings.ts'

/**
 * `twokey check --online`: looks at the live Slack, GitHub and AWS, and prints one line for each thing that the config
 * names. Needs no store, and may run beside a bot.
 */
export async function checkOnline(variables: Variables, file?: string): Promise<0 | 1 | 2> {
  const read = await readSettings(variables, file)
  if (read === null) return 2
  const { environment, config, aws } = read
  const settings = settingsOf(config, aws.region)
  const log = openLog('silent')
  const github = connectGitHub({ ...environment.github, log })
  const ecs = connectEcs((ask) => github.commitsAmong(ask), aws)
  const slack = slackTokens({ ...environment.slack, log })
  const found = await Promise.all([
    checkTokens(slack, { settings, channel: config.channel, workspaces: config.workspaces }),
    checkGitHub({ settings, github }),
    checkEcs({ settings, ecs }),
    checkQueues(queuesOf(config).map((queue) => queueOf(queue, aws))),
  ])
  const findings = found.flat()
  console.log(formatFindings(findings))
  const bad = findings.filter(isProblem).length
  console.log(bad === 0 ? '\nNo problems found.' : `\n${count(bad, 'problem')}, ${findings.length - bad} OK.`)
  return bad === 0 ? 0 : 1
}

type SlackAsk = Pick<Parameters<typeof checkSlack>[0], 'settings' | 'channel'> & {
  readonly workspaces: readonly string[]
}

/** The tokens; what the config names in Slack only if the bot token is valid. */
async function checkTokens(
  slack: SlackTokens,
  { workspaces, ...ask }: SlackAsk,
): Promise<readonly Finding[]> {
  const { app } = slack
  const [self, opened] = await Promise.all([attempt(() => slack.bot()), app && attempt(app)])
  const appToken =
    opened === null ? [] : [tokenFinding('SLACK_APP_TOKEN', opened, () => 'Socket Mode can be used')]
  const botToken = tokenFinding(
    'SLACK_BOT_TOKEN',
    self,
    ({ name, workspace }) => `as ${name ?? 'a bot'}${workspace ? ` in ${workspace}` : ''}`,
  )
  if (self instanceof Trouble) return [botToken, ...appToken]
  const inSlack = await checkSlack({ ...ask, slack: slackSetup({ ...self, web: slack.web, workspaces }) })
  return [botToken, ...appToken, ...inSlack]
}

async function attempt<T>(ask: () => Promise<T>): Promise<T | Trouble> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Trouble) return error
    throw error
  }
}

function tokenFinding<T>(about: string, read: T | Trouble, says: (value: T) => string): Finding {
  if (!(read instanceof Trouble)) return { about, state: 'right', says: says(read), next: null }
  const state = read.kind === 'terminal' ? 'wrong' : 'unavailable'
  return { about, state, says: read.message, next: null }
}
