import { type Environment, environmentSchema, problemOf, type VariableProblem } from './environment.ts'
import type { Variables } from './variables.ts'

/** Where the HTTP server listens, for commands that need nothing else from the environment. */
export function readAddress(
  env: Variables,
): Pick<Environment, 'host' | 'port'> | { readonly problems: readonly VariableProblem[] } {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value))
  const parsed = environmentSchema.pick({ HOST: true, PORT: true }).safeParse(set)
  if (parsed.success) return { host: parsed.data.HOST, port: Number(parsed.data.PORT) }
  const wrong = new Set(parsed.error.issues.map((issue) => String(issue.path[0])))
  return { problems: [...wrong].map((variable) => problemOf(variable, set[variable])) }
}
