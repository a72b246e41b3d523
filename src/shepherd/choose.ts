import { type Refusal, refuse } from '../release/refusal.ts'
import type { ServiceEnvironment, Settings } from './settings.ts'

export type Chosen = { readonly place: ServiceEnvironment } | { readonly refused: Refusal }

/** The service that was meant: the one named, the only one there, or the configured default. */
export function chooseForDeploy(settings: Settings, service: string | null, environment: string): Chosen {
  const here = settings.serviceEnvironments.filter((place) => place.environment === environment)
  if (!settings.environments.includes(environment)) return unknownEnvironment(settings, environment)
  const meant = service ?? (here.length === 1 ? here[0]!.service : settings.defaults.service)
  if (here.length === 0)
    return refuse('service_unknown', `No service ships to ${environment}.`, 'Ask whoever keeps twokey.yml.')
  if (meant === undefined)
    return refuse(
      'several_services',
      `${environment} has several services.`,
      `Name one: ${here
        .map((place) => `\`/deploy ${environment} ${place.service}\``)
        .slice(0, 10)
        .join(', ')}.`,
    )
  return find(settings, meant, environment)
}

/** The environment that was meant: the one named, the only one of the service, or the configured default. */
export function chooseForRollback(settings: Settings, service: string, environment: string | null): Chosen {
  if (!settings.services.includes(service)) return unknownService(settings, service)
  const there = settings.serviceEnvironments.filter((place) => place.service === service)
  const meant =
    environment ?? settings.defaults.environment ?? (there.length === 1 ? there[0]!.environment : undefined)
  if (meant === undefined)
    return refuse(
      'several_environments',
      `${service} runs in several environments, and twokey.yml names no default one.`,
      `Name one: ${there.map((place) => `\`/rollback ${service} ${place.environment}\``).join(', ')}.`,
    )
  return find(settings, service, meant)
}

function find(settings: Settings, service: string, environment: string): Chosen {
  if (!settings.services.includes(service)) return unknownService(settings, service)
  if (!settings.environments.includes(environment)) return unknownEnvironment(settings, environment)
  const place = settings.serviceEnvironments.find(
    (each) => each.service === service && each.environment === environment,
  )
  if (place) return { place }
  const there = settings.serviceEnvironments
    .filter((each) => each.service === service)
    .map((each) => each.environment)
  return refuse(
    'environment_unknown',
    `${service} does not ship to ${environment}.`,
    `It ships to ${there.join(', ')}.`,
  )
}

function unknownService(settings: Settings, service: string): Chosen {
  return refuse(
    'service_unknown',
    `There is no service ${service}.`,
    `Services: ${settings.services.slice(0, 20).join(', ')}.`,
  )
}

function unknownEnvironment(settings: Settings, environment: string): Chosen {
  return refuse(
    'environment_unknown',
    `There is no environment ${environment}.`,
    `Environments: ${settings.environments.join(', ')}.`,
  )
}
