import { connectEcs } from '../aws/ecs/connect.ts'
import { formatVariableProblems } from '../config/environment.ts'
import { type PersonsAccess, readPersonsAccess } from '../config/environment-parts.ts'
import type { Config } from '../config/resolve.ts'
import { settingsOf } from '../config/settings.ts'
import type { Variables } from '../config/variables.ts'
import { checks } from '../doctor/checks.ts'
import { diagnose } from '../doctor/diagnosis.ts'
import { type DoctorDeps, gather } from '../doctor/gather.ts'
import { doctorReport } from '../doctor/report.ts'
import { connectGitHub } from '../github/github.ts'
import { openLog } from '../log.ts'
import { Trouble } from '../ports/ports.ts'
import { useProxy } from '../runtime/proxy.ts'
import { slackTokens } from '../slack/self.ts'
import { slackSetup } from '../slack/setup.ts'
import { configFor, issuerFor } from './iam-options.ts'
import { refused } from './refused.ts'
import { missingRegion } from './settings.ts'

/** Options of `twokey doctor`. */
export type DoctorOptions = { readonly json?: true }

/**
 * `twokey doctor`: looks for faults in the live setup with the rights of the person who runs it, and prints what to do about
 * each. Needs no token: what it cannot read is a warning. Exit status 1 if it finds an error.
 */
export async function doctor(
  variables: Variables,
  environment: string | undefined,
  options: DoctorOptions,
): Promise<0 | 1 | 2> {
  const proxy = useProxy(variables)
  const read = await configFor(variables)
  if (read === null) return 2
  const { config, name, aws } = read
  const access = readPersonsAccess(variables)
  if ('problems' in access) return refused(formatVariableProblems(access.problems))
  const without = missingRegion(name, config, aws)
  if (without !== null) return refused(without)
  if (environment !== undefined && !config.environments.includes(environment))
    return refused(
      `${environment}: there is no such environment. Allowed: ${config.environments.join(', ')}.`,
    )
  const issuer = issuerFor(variables, undefined)
  if ('wrong' in issuer) return refused(issuer.wrong)
  const settings = settingsOf(config, aws.region)
  const log = openLog('silent')
  const github = gitHubBy(access, log)
  const region = aws.region === undefined ? {} : { region: aws.region }
  const ecs = connectEcs(async () => new Map(), { ...region, ...(proxy && { proxy }) })
  const seen = await gather({
    settings,
    only: environment ?? null,
    channel: config.channel,
    github,
    aws: ecs.doctor(),
    slack: slackBy(access, config, log),
    issuer: issuer.issuer,
  })
  const diagnoses = diagnose(checks, seen)
  console.log(options.json ? JSON.stringify(diagnoses, null, 2) : doctorReport(diagnoses))
  return diagnoses.some(({ verdict }) => verdict === 'error') ? 1 : 0
}

type Log = ReturnType<typeof openLog>

function gitHubBy({ github }: PersonsAccess, log: Log): DoctorDeps['github'] {
  if (github === null)
    return later(() => missing('GITHUB_TOKEN is not set: run `export GITHUB_TOKEN=$(gh auth token)`'))
  const connected = connectGitHub({ ...github, log })
  return { ...connected, ...connected.doctor() }
}

function slackBy({ slack }: PersonsAccess, { workspaces }: Config, log: Log): DoctorDeps['slack'] {
  return later(async () => {
    if (slack === null) return missing('SLACK_BOT_TOKEN is not set')
    const tokens = slackTokens({ ...slack, log })
    return slackSetup({ ...(await tokens.bot()), web: tokens.web, workspaces })
  })
}

async function missing(why: string): Promise<never> {
  throw new Trouble('terminal', why)
}

type Methods = Readonly<Record<string, (...args: unknown[]) => unknown>>

/** A port that is connected once one of its methods is called; each then throws what the connection threw. */
function later<Port extends object>(connect: () => Promise<Port>): Port {
  let connected: Promise<Port> | null = null
  return new Proxy({} as Port, {
    get:
      (_, name) =>
      async (...args: unknown[]) => {
        connected ??= connect()
        return ((await connected) as Methods)[String(name)]!(...args)
      },
  })
}
