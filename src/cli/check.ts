import { configOrigin } from '../config/origin.ts'
import { placeholdersIn, placeholderWarning } from '../config/placeholders.ts'
import { formatProblems, problemCount } from '../config/problems.ts'
import type { Variables } from '../config/variables.ts'
import { count } from './count.ts'

/** `twokey check`: prints all problems of the config file at once, and warns of values that were copied from the example. */
export function check(variables: Variables, typed?: string): 0 | 2 {
  const origin = configOrigin(variables, typed)
  const file = origin.name
  const loaded = origin.load({ region: variables.AWS_REGION || undefined })
  if ('problems' in loaded) {
    console.error(formatProblems(file, loaded.problems))
    console.error(problemCount(loaded.problems))
    return 2
  }
  const { services, environments, serviceEnvironments } = loaded.config
  console.log(
    `${file} is valid: ${count(services.length, 'service')}, ${count(environments.length, 'environment')}, ${count(serviceEnvironments.length, 'service environment')}.`,
  )
  const copied = placeholdersIn(origin.text())
  if (copied.length > 0) console.error(placeholderWarning(file, copied))
  return 0
}
