import { type DefaultRegion, defaultRegion } from '../aws/ecs/region.ts'
import { formatVariableProblems } from '../config/environment.ts'
import { readGitHubApi } from '../config/environment-parts.ts'
import { configOrigin } from '../config/origin.ts'
import { formatProblems, problemCount } from '../config/problems.ts'
import type { Config } from '../config/resolve.ts'
import type { Variables } from '../config/variables.ts'
import type { Values } from '../iam/fill.ts'
import { issuerOf } from '../iam/issuer.ts'
import type { Value } from '../iam/values.ts'

/** What is wrong with the options, one sentence. */
export type Wrong = { readonly wrong: string }

/** The config, what people call it, and the region that twokey runs with. */
export type ConfigRead = { readonly config: Config; readonly name: string; readonly aws: DefaultRegion }

/** Reads the config. Prints all of its problems, and returns null if there is one. */
export async function configFor(variables: Variables): Promise<ConfigRead | null> {
  const origin = configOrigin(variables)
  const aws = await defaultRegion()
  const loaded = origin.load(aws)
  if ('config' in loaded) return { config: loaded.config, name: origin.name, aws }
  console.error(formatProblems(origin.name, loaded.problems))
  console.error(problemCount(loaded.problems))
  return null
}

/** The issuer of the tokens of jobs: as given, else that of GITHUB_API_URL. */
export function issuerFor(
  variables: Variables,
  given: string | undefined,
): { readonly issuer: string } | Wrong {
  if (given !== undefined) return { issuer: given.replace(/^https:\/\//, '') }
  const api = readGitHubApi(variables)
  return 'problems' in api
    ? { wrong: `${formatVariableProblems(api.problems)}\nCorrect it, or name the issuer with --issuer.` }
    : { issuer: issuerOf(api.apiUrl) }
}

/** The values of `--set NAME=VALUE`, of which commas separate several entries. */
export function valuesIn(
  set: readonly string[],
  known: readonly Value[],
): { readonly values: Values } | Wrong {
  const values = new Map<string, readonly string[]>()
  for (const each of set) {
    const [name = '', ...rest] = each.split('=')
    const value = known.find((one) => one.name === name)
    if (!value) return { wrong: `--set ${each}: Allowed names: ${known.map((one) => one.name).join(', ')}.` }
    const entries = rest.join('=').split(',')
    if (entries.length > 1 && value.isSingle)
      return { wrong: `--set ${each}: one value is expected: ${value.what} (${value.example}).` }
    const bad = entries.find((entry) => !value.pattern.test(entry))
    if (bad !== undefined)
      return { wrong: `--set ${name}: \`${bad}\` is not valid: ${value.what} (${value.example}).` }
    values.set(name, entries)
  }
  return { values }
}
