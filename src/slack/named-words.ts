import { noName, twoEnvironments, twoServices } from './unclear-words.ts'
import type { Named } from './vocabulary.ts'

/** The service and the environment that were named, if any. */
export function firstNames({ services, environments }: Named) {
  return { service: services[0] ?? null, environment: environments[0] ?? null }
}

/** Why two names of a kind are unclear; null if there are none. */
export function severalNames({ services, environments }: Named): string | null {
  if (environments.length > 1) return twoEnvironments
  return services.length > 1 ? twoServices : null
}

/** Why the first word that is no name is unclear; null if all are names. */
export function unknownWord({ rest: [word] }: Named): string | null {
  return word ? noName(word) : null
}
