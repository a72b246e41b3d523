import { createPrivateKey } from 'node:crypto'
import { isIP } from 'node:net'
import { z } from 'zod'
import { fileEndpoints } from './aws-files.ts'
import { configPath, dataDir } from './paths.ts'
import { isUnencrypted } from './plain-http.ts'
import { foundText } from './problems.ts'
import { cut } from './token.ts'
import type { Variables } from './variables.ts'

/** The variables that twokey reads from its process. The SDK reads AWS variables itself. */
export type Environment = {
  /** Socket Mode or HTTP mode; `apiUrl` ends with a slash. */
  readonly slack: SlackAccess & { readonly botToken: string; readonly apiUrl: string }
  /** Token mode or App mode; `apiUrl` ends without a slash. */
  readonly github: GitHubAccess & { readonly apiUrl: string }
  /** Undefined: no webhooks. */
  readonly gitHubWebhookSecret: string | undefined
  /** The folder of the SQLite file. */
  readonly dataDir: string
  /** 0 for any free port. */
  readonly port: number
  /** A name or an IP address of this machine; undefined: all interfaces. */
  readonly host: string | undefined
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
}

/** How events of Slack arrive: over sockets that twokey opens, or as signed requests to its server. */
export type SlackAccess = { readonly appToken: string } | { readonly signingSecret: string }

/** As whom twokey acts on GitHub: by a token, or as a GitHub App. */
export type GitHubAccess =
  | { readonly token: string }
  | {
      readonly app: { readonly appId: number; readonly privateKey: string; readonly installationId?: number }
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
const url = z.url({ protocol: /^https?$/ }).meta({ allowed: 'a URL that starts with https:// or http://' })
const wholeNumber = z
  .string()
  .regex(/^[1-9]\d{0,15}$/)
  .meta({ allowed: 'a whole number' })
const notYet = z.never().meta({ allowed: 'nothing yet', secret: true })

const variables = {
  SLACK_BOT_TOKEN: secret(/^xoxb-\S+$/, 'a bot token, xoxb-…').describe(
    "The app's bot token: api.slack.com/apps → your app → OAuth & Permissions → Bot User OAuth Token.",
  ),
  SLACK_APP_TOKEN: secret(/^xapp-\S+$/, 'an app-level token, xapp-…')
    .describe(
      'Socket Mode: api.slack.com/apps → your app → Basic Information → App-Level Tokens, with the scope `connections:write`. Set this or `SLACK_SIGNING_SECRET`.',
    )
    .optional(),
  SLACK_SIGNING_SECRET: secret(/^\S+$/, 'the signing secret of the app')
    .describe(
      'HTTP mode, `POST /slack/events` on `PORT`: api.slack.com/apps → your app → Basic Information → App Credentials → Signing Secret. Set this or `SLACK_APP_TOKEN`.',
    )
    .optional(),
  SLACK_API_URL: url.describe("Slack's Web API.").prefault('https://slack.com/api/'),
  GITHUB_TOKEN: secret(/^\S+$/, 'a token of GitHub')
    .describe(
      'Token mode: the token that dispatches workflows and reads runs: github.com → Settings → Developer settings → Fine-grained tokens, of a machine account. Set this, or the two of App mode.',
    )
    .optional(),
  GITHUB_APP_ID: wholeNumber
    .describe(
      'App mode: the number of the GitHub App: Settings → Developer settings → GitHub Apps → your app → App ID.',
    )
    .optional(),
  GITHUB_APP_PRIVATE_KEY: z
    .string()
    .transform(privateKeyIn)
    .refine((key) => key !== null)
    .meta({
      allowed: 'a PEM private key (line breaks may be written as `\\n`), or its base64 encoding',
      secret: true,
    })
    .describe(
      'App mode: a private key of the App. Generate one in the settings of the App, under Private keys.',
    )
    .optional(),
  GITHUB_APP_INSTALLATION_ID: wholeNumber
    .describe('App mode: the installation to act as. Unset: that of each repository is looked up.')
    .optional(),
  GITHUB_WEBHOOK_SECRET: z
    .string()
    .describe(
      'Turns on `POST /github/webhooks` on `PORT`: the secret of the webhook, as set on the App, or on each repository.',
    )
    .meta({ allowed: 'the secret of the webhook', defaultText: 'no webhooks', secret: true })
    .optional(),
  GITHUB_API_URL: url.describe("GitHub's REST API.").prefault('https://api.github.com'),
  DATABASE_URL: notYet.describe('Postgres, for several replicas.').optional(),
  TWOKEY_DATA_DIR: z
    .string()
    .describe('The folder of the SQLite file, on a persistent disk.')
    .meta({ allowed: 'a path' })
    .prefault(dataDir({})),
  TWOKEY_CONFIG: z.string().describe('The config file.').meta({ allowed: 'a path' }).prefault(configPath({})),
  TWOKEY_CONFIG_CONTENT: z
    .string()
    .describe('Instead of the file, its content: for containers without one.')
    .meta({ allowed: 'the YAML of the config file', defaultText: 'the file of `TWOKEY_CONFIG`' })
    .optional(),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .refine((port) => Number(port) <= 65_535)
    .describe(
      'The port of `/healthz`, `/readyz`, `/metrics`, `POST /slack/events` and `POST /github/webhooks`; 0 for any free port.',
    )
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
  const problems = [
    ...[...wrong].map((variable) => problemOf(variable, set[variable])),
    ...unencryptedIn(set),
  ]
  const slack = slackAccess(set)
  if ('problems' in slack) problems.push(...slack.problems)
  const access = gitHubAccess(set)
  if ('problems' in access) problems.push(...access.problems.filter(({ variable }) => !wrong.has(variable)))
  if (!parsed.success || 'problems' in slack || 'problems' in access || problems.length > 0)
    return { problems }
  const found = parsed.data
  return {
    environment: {
      slack: {
        botToken: found.SLACK_BOT_TOKEN,
        ...slack.access,
        apiUrl: found.SLACK_API_URL.replace(/\/*$/, '/'),
      },
      github: { ...access.access, apiUrl: found.GITHUB_API_URL.replace(/\/+$/, '') },
      gitHubWebhookSecret: found.GITHUB_WEBHOOK_SECRET,
      dataDir: found.TWOKEY_DATA_DIR,
      port: Number(found.PORT),
      host: found.HOST,
      logLevel: found.LOG_LEVEL,
    },
  }
}

/** Socket Mode or HTTP mode, never both. */
function slackAccess(
  set: Variables,
): { readonly access: SlackAccess } | { readonly problems: readonly VariableProblem[] } {
  const { SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret } = set
  if (appToken !== undefined && signingSecret !== undefined) {
    const message =
      'Socket Mode and HTTP mode are mutually exclusive. Unset `SLACK_APP_TOKEN` or `SLACK_SIGNING_SECRET`.'
    const allowed = 'either an app-level token or a signing secret'
    return { problems: [{ variable: 'SLACK_APP_TOKEN', found: foundText(cut(appToken)), allowed, message }] }
  }
  if (appToken !== undefined) return { access: { appToken } }
  if (signingSecret !== undefined) return { access: { signingSecret } }
  return { problems: [problemOf('SLACK_APP_TOKEN', undefined)] }
}

/** Token mode or App mode, never both. */
export function gitHubAccess(
  set: Variables,
): { readonly access: GitHubAccess } | { readonly problems: readonly VariableProblem[] } {
  const { GITHUB_TOKEN: token, GITHUB_APP_ID: id, GITHUB_APP_PRIVATE_KEY: key } = set
  const installation = set.GITHUB_APP_INSTALLATION_ID
  const inApp = [id, key, installation].some((value) => value !== undefined)
  if (token !== undefined && inApp)
    return {
      problems: [
        {
          variable: 'GITHUB_TOKEN',
          found: foundText(cut(token)),
          allowed: 'either a token or a GitHub App',
          message:
            'Token mode and App mode are mutually exclusive. Unset `GITHUB_TOKEN`, or the variables `GITHUB_APP_…`.',
        },
      ],
    }
  if (token !== undefined) return { access: { token } }
  if (!inApp) return { problems: [problemOf('GITHUB_TOKEN', undefined)] }
  const privateKey = key === undefined ? null : privateKeyIn(key)
  if (id === undefined || privateKey === null)
    return {
      problems: [
        ...(id === undefined ? [problemOf('GITHUB_APP_ID', undefined)] : []),
        ...(privateKey === null ? [problemOf('GITHUB_APP_PRIVATE_KEY', key)] : []),
      ],
    }
  return {
    access: {
      app: {
        appId: Number(id),
        privateKey,
        ...(installation !== undefined && { installationId: Number(installation) }),
      },
    },
  }
}

/**
 * A private key, however a secret store or a shell hands it on: PEM, with `\\n` as text, or in base64. Null: it is none.
 * GitHub's keys are PKCS #1; both forms are accepted.
 */
function privateKeyIn(text: string): string | null {
  const lines = text.replaceAll('\\n', '\n').trim()
  const pem = lines.startsWith('-----BEGIN') ? lines : Buffer.from(lines, 'base64').toString().trim()
  try {
    createPrivateKey(pem)
    return pem
  } catch {
    return null
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

/** Addresses without encryption that are not of this machine, unless `TWOKEY_ALLOW_HTTP` allows them. */
export function unencryptedIn(set: Variables): readonly VariableProblem[] {
  if (set.TWOKEY_ALLOW_HTTP === '1') return []
  return [...addressesIn(set), ...addressesInFiles(set)].flatMap(({ said, address }) => {
    if (!isUnencrypted(address)) return []
    return [
      {
        variable: said,
        found: foundText(address),
        allowed:
          'a URL that starts with https://, or with http:// on this machine (127.0.0.1, ::1, localhost)',
        message:
          'Others on the network could read and change what is sent there. Use https://. If you accept that, as between containers of one host, set `TWOKEY_ALLOW_HTTP=1`.',
      },
    ]
  })
}

/** What is wrong with a variable; a secret is cut. */
export function problemOf(variable: string, value: string | undefined): VariableProblem {
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
