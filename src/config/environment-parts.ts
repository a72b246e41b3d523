import type { z } from 'zod'
import {
  type Environment,
  environmentSchema,
  type GitHubAccess,
  gitHubAccess,
  problemOf,
  unencryptedIn,
  type VariableProblem,
} from './environment.ts'
import type { Variables } from './variables.ts'

type Problems = { readonly problems: readonly VariableProblem[] }

/** Where the HTTP server listens, for commands that need nothing else from the environment. */
export function readAddress(env: Variables): Pick<Environment, 'host' | 'port'> | Problems {
  const read = readPart(environmentSchema.pick({ HOST: true, PORT: true }), env)
  return 'problems' in read ? read : { host: read.found.HOST, port: Number(read.found.PORT) }
}

/** The address of GitHub's API, without a slash at its end, for commands that need nothing else from the environment. */
export function readGitHubApi(env: Variables): { readonly apiUrl: string } | Problems {
  const read = readPart(environmentSchema.pick({ GITHUB_API_URL: true }), env)
  return 'problems' in read ? read : { apiUrl: read.found.GITHUB_API_URL.replace(/\/+$/, '') }
}

/** What a person has of Slack and GitHub; null: nothing is set. */
export type PersonsAccess = {
  readonly github: (GitHubAccess & { readonly apiUrl: string }) | null
  readonly slack: Pick<Environment['slack'], 'botToken' | 'apiUrl'> | null
}

/** The tokens that are set, for a command that runs with a person's own rights. */
export function readPersonsAccess(env: Variables): PersonsAccess | Problems {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value))
  const part = environmentSchema
    .pick({ SLACK_BOT_TOKEN: true, SLACK_API_URL: true, GITHUB_API_URL: true })
    .partial({ SLACK_BOT_TOKEN: true })
  const read = readPart(part, set)
  const unencrypted = unencryptedIn(set)
  if ('problems' in read) return { problems: [...read.problems, ...unencrypted] }
  if (unencrypted.length > 0) return { problems: unencrypted }
  const { SLACK_BOT_TOKEN: botToken, SLACK_API_URL, GITHUB_API_URL } = read.found
  const apiUrl = GITHUB_API_URL.replace(/\/+$/, '')
  const slack = botToken === undefined ? null : { botToken, apiUrl: SLACK_API_URL.replace(/\/*$/, '/') }
  if (set.GITHUB_TOKEN === undefined && set.GITHUB_APP_ID === undefined) return { github: null, slack }
  const access = gitHubAccess(set)
  return 'problems' in access ? access : { github: { ...access.access, apiUrl }, slack }
}

/** An empty variable counts as unset. */
function readPart<Found>(part: z.ZodType<Found>, env: Variables): { readonly found: Found } | Problems {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value))
  const parsed = part.safeParse(set)
  if (parsed.success) return { found: parsed.data }
  const wrong = new Set(parsed.error.issues.map((issue) => String(issue.path[0])))
  return { problems: [...wrong].map((variable) => problemOf(variable, set[variable])) }
}
