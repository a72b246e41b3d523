import type { z } from 'zod'
import { type Environment, environmentSchema, problemOf, type VariableProblem } from './environment.ts'
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

/** An empty variable counts as unset. */
function readPart<Found>(part: z.ZodType<Found>, env: Variables): { readonly found: Found } | Problems {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value))
  const parsed = part.safeParse(set)
  if (parsed.success) return { found: parsed.data }
  const wrong = new Set(parsed.error.issues.map((issue) => String(issue.path[0])))
  return { problems: [...wrong].map((variable) => problemOf(variable, set[variable])) }
}
