import { isIP } from 'node:net'
import { z } from 'zod'
import { fileEndpoints } from './aws-files.ts'
import { isReadableOnTheWay } from './plain-http.ts'
import { foundText } from './problems.ts'
import { cut } from './token.ts'
import type { Variables } from './variables.ts'

/** The path of the config file, for commands that need nothing else from the environment. */
export function configPath(variables: Variables): string {
  return variables.TWOKEY_CONFIG || './twokey.yml'
}

/** The store's folder, for commands that need nothing else from the environment. */
export function dataDir(variables: Variables): string {
  return variables.TWOKEY_DATA_DIR || './.twokey'
}

/** The variables that twokey reads from its process. The SDK reads AWS variables itself. */
export type Environment = {
  /** Socket Mode; `apiUrl` ends with a slash. */
  readonly slack: { readonly botToken: string; readonly appToken: string; readonly apiUrl: string }
  /** Token mode; `apiUrl` ends without a slash. */
  readonly github: { readonly token: string; readonly apiUrl: string }
  /** The folder of the SQLite file. */
  readonly dataDir: string
  /** 0 for any free port. */
  readonly port: number
  /** A name or an IP address of this machine; undefined: all interfaces. */
  readonly host: string | undefined
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
}

/**
 * A variable that is wrong, or a setting in the files that the AWS SDK reads. At most five characters of a secret are
 * shown.
 */
export type VariableProblem = {
  readonly variable: string
  readonly found: string
  readonly allowed: string
  readonly message: string
}

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
const secret = (pattern: RegExp, allowed: string) => z.string().regex(pattern).meta({ allowed, secret: true })
const url = z.url({ protocol: /^https?$/ }).meta({ allowed: 'an address beginning with https:// or http://' })
const notYet = z.never().meta({ allowed: 'nothing yet', secret: true })

const variables = {
  SLACK_BOT_TOKEN: secret(/^xoxb-\S+$/, 'a bot token, xoxb-…').describe(
    "The app's bot token: api.slack.com/apps → your app → OAuth & Permissions → Bot User OAuth Token.",
  ),
  SLACK_APP_TOKEN: secret(/^xapp-\S+$/, 'an app-level token, xapp-…').describe(
    'Socket Mode: api.slack.com/apps → your app → Basic Information → App-Level Tokens, with the scope `connections:write`.',
  ),
  SLACK_SIGNING_SECRET: notYet.describe('HTTP mode.').optional(),
  SLACK_API_URL: url.describe("Slack's Web API.").prefault('https://slack.com/api/'),
  GITHUB_TOKEN: secret(/^\S+$/, 'a token of GitHub').describe(
    'The token that dispatches workflows and reads runs: github.com → Settings → Developer settings → Fine-grained tokens, of a machine account.',
  ),
  GITHUB_APP_ID: notYet.describe('App mode.').optional(),
  GITHUB_APP_PRIVATE_KEY: notYet.describe('App mode.').optional(),
  GITHUB_APP_INSTALLATION_ID: notYet.describe('App mode.').optional(),
  GITHUB_WEBHOOK_SECRET: notYet.describe('Turns on `POST /github/webhooks`.').optional(),
  GITHUB_API_URL: url.describe("GitHub's REST API.").prefault('https://api.github.com'),
  DATABASE_URL: notYet.describe('Postgres, for several replicas.').optional(),
  TWOKEY_DATA_DIR: z
    .string()
    .describe('The folder of the SQLite file, on a persistent disk.')
    .meta({ allowed: 'a path' })
    .prefault(dataDir({})),
  TWOKEY_CONFIG: z.string().describe('The config file.').meta({ allowed: 'a path' }).prefault(configPath({})),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .refine((port) => Number(port) <= 65_535)
    .describe('The port of `/healthz`, `/readyz` and `/metrics`; 0 for any free port.')
    .meta({ allowed: 'a whole number from 0 to 65535' })
    .prefault('3000'),
  HOST: z
    .string()
    .refine((host) => isIP(host) > 0 || /^[a-z\d]([a-z\d.-]{0,251}[a-z\d])?$/i.test(host))
    .describe('The address to listen on; 127.0.0.1 allows only this machine.')
    .meta({ allowed: 'an IP address or a host name of this machine', defaultText: 'all interfaces' })
    .optional(),
  TWOKEY_ALLOW_HTTP: z
    .literal('1')
    .describe(
      'Allows `http://` to other machines in `SLACK_API_URL`, `GITHUB_API_URL`, `AWS_ENDPOINT_URL` and `endpoint_url` of AWS’s shared files: tokens and commands are then readable on the network.',
    )
    .meta({ allowed: '1', defaultText: '`http://` to this machine only' })
    .optional(),
  LOG_LEVEL: z
    .enum(levels)
    .describe('The lowest level that is logged. Logs are JSON on stdout, one object per line.')
    .meta({ allowed: levels.join(', ') })
    .prefault('info'),
}

/** The variables that twokey reads; others are ignored. An empty variable counts as unset. */
export const environmentSchema = z.object(variables)

/** Reads the environment of the process and reports all problems together. */
export function readEnvironment(
  env: Variables,
): { readonly environment: Environment } | { readonly problems: readonly VariableProblem[] } {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value))
  const parsed = environmentSchema.safeParse(set)
  const wrong = new Set(parsed.error?.issues.map((issue) => String(issue.path[0])))
  const problems = [...[...wrong].map((variable) => problemOf(variable, set[variable])), ...readable(set)]
  if (!parsed.success || problems.length > 0) return { problems }
  const found = parsed.data
  return {
    environment: {
      slack: {
        botToken: found.SLACK_BOT_TOKEN,
        appToken: found.SLACK_APP_TOKEN,
        apiUrl: found.SLACK_API_URL.replace(/\/*$/, '/'),
      },
      github: { token: found.GITHUB_TOKEN, apiUrl: found.GITHUB_API_URL.replace(/\/+$/, '') },
      dataDir: found.TWOKEY_DATA_DIR,
      port: Number(found.PORT),
      host: found.HOST,
      logLevel: found.LOG_LEVEL,
    },
  }
}

type Address = { readonly said: string; readonly address: string }

/**
 * The addresses to which commands and credentials are sent, including those of single AWS services
 * (`AWS_ENDPOINT_URL_ECS`).
 */
function addressesIn(set: Variables): readonly Address[] {
  return Object.entries(set).flatMap(([said, address = '']) =>
    /^(?:SLACK_API_URL|GITHUB_API_URL|AWS_ENDPOINT_URL.*)$/.test(said) ? [{ said, address }] : [],
  )
}

function addressesInFiles(set: Variables): readonly Address[] {
  return fileEndpoints(set).map(({ file, section, address }) => ({
    said: `endpoint_url in ${section} of ${file}`,
    address,
  }))
}

function readable(set: Variables): readonly VariableProblem[] {
  if (set.TWOKEY_ALLOW_HTTP === '1') return []
  return [...addressesIn(set), ...addressesInFiles(set)].flatMap(({ said, address }) => {
    if (!isReadableOnTheWay(address)) return []
    return [
      {
        variable: said,
        found: foundText(address),
        allowed:
          'an address beginning with https://, or with http:// on this machine (127.0.0.1, ::1, localhost)',
        message:
          'Others on the network could read and change what is sent there. Use https://. If you accept that, as between containers of one host, set `TWOKEY_ALLOW_HTTP=1`.',
      },
    ]
  })
}

function problemOf(variable: string, value: string | undefined): VariableProblem {
  const schema = variables[variable as keyof typeof variables]
  const field = z.toJSONSchema(schema, { io: 'input' })
  const isSecret = field.secret === true && value !== undefined
  const meaning = field.description ?? ''
  return {
    variable,
    found: foundText(isSecret ? cut(value) : value),
    allowed: String(field.allowed),
    message: field.not
      ? `\`${variable}\` is not supported yet (${meaning.replace(/\.$/, '')}). Unset it.`
      : meaning,
  }
}

/** Formats problems for a terminal, one block each. */
export function formatVariableProblems(problems: readonly VariableProblem[]): string {
  return problems
    .map(
      ({ variable, found, allowed, message }) =>
        `${variable}  ${found === foundText(undefined) ? 'is not set' : `found ${found}`}; allowed: ${allowed}\n    ${message}`,
    )
    .join('\n')
}
