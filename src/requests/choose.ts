import type { Refusal } from '../release/refusal.ts'
import {
  environmentUnknown,
  environmentUnknownToService,
  serviceUnknown,
  serviceUnknownForDeploy,
  severalEnvironments,
  severalServices,
} from '../release/refusals/asking.ts'
import { type ServiceEnvironment, type Settings, serviceEnvironmentOf } from '../settings/settings.ts'

export type Chosen = { readonly serviceEnvironment: ServiceEnvironment } | { readonly refused: Refusal }

/** The requested service: the named one, the only one there, or the configured default. */
export function chooseForDeploy(settings: Settings, service: string | null, environment: string): Chosen {
  const here = settings.serviceEnvironments.filter(
    (serviceEnvironment) => serviceEnvironment.environment === environment,
  )
  if (!settings.environments.includes(environment)) return unknownEnvironment(settings, environment)
  const meant = service ?? (here.length === 1 ? here[0]!.service : settings.defaults.service)
  if (here.length === 0) return { refused: serviceUnknownForDeploy(environment) }
  if (meant === undefined)
    return {
      refused: severalServices(
        environment,
        here.map((serviceEnvironment) => serviceEnvironment.service),
      ),
    }
  return find(settings, meant, environment)
}

/** The requested environment: the named one, the only one of the service, or the configured default. */
export function chooseForRollback(settings: Settings, service: string, environment: string | null): Chosen {
  if (!settings.services.includes(service)) return unknownService(settings, service)
  const there = settings.serviceEnvironments.filter(
    (serviceEnvironment) => serviceEnvironment.service === service,
  )
  const meant =
    environment ?? settings.defaults.environment ?? (there.length === 1 ? there[0]!.environment : undefined)
  if (meant === undefined)
    return {
      refused: severalEnvironments(
        service,
        there.map((serviceEnvironment) => serviceEnvironment.environment),
      ),
    }
  return find(settings, service, meant)
}

function find(settings: Settings, service: string, environment: string): Chosen {
  if (!settings.services.includes(service)) return unknownService(settings, service)
  if (!settings.environments.includes(environment)) return unknownEnvironment(settings, environment)
  const serviceEnvironment = serviceEnvironmentOf(settings, { service, environment })
  if (serviceEnvironment) return { serviceEnvironment }
  const there = settings.serviceEnvironments
    .filter((each) => each.service === service)
    .map((each) => each.environment)
  return { refused: environmentUnknownToService({ service, environment }, there) }
}

function unknownService(settings: Settings, service: string): Chosen {
  return { refused: serviceUnknown(service, settings.services) }
}

function unknownEnvironment(settings: Settings, environment: string): Chosen {
  return { refused: environmentUnknown(environment, settings.environments) }
}
