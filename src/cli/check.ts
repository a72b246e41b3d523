import { readFileSync } from 'node:fs'
import { configPath } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import { placeholdersIn, placeholderWarning } from '../config/placeholders.ts'
import { formatProblems, problemCount } from '../config/problems.ts'
import type { Variables } from '../config/variables.ts'
import { count } from './count.ts'

/** `twokey check`: prints all problems of the config file at once, and warns of values that were copied from the example. */
export function check(variables: Variables, file = configPath(variables)): 0 | 2 {
  const loaded = loadConfig(file, { region: variables.AWS_REGION || undefined })
  if ('problems' in loaded) {
    console.error(formatProblems(file, loaded.problems))
    console.error(problemCount(loaded.problems))
    return 2
  }
  const { services, environments, serviceEnvironments } = loaded.config
  console.log(
    `${file} is valid: ${count(services.length, 'service')}, ${count(environments.length, 'environment')}, ${count(serviceEnvironments.length, 'service environment')}.`,
  )
  const copied = placeholdersIn(readFileSync(file, 'utf8'))
  if (copied.length > 0) console.error(placeholderWarning(file, copied))
  return 0
}
