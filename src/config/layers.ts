import type { Path } from './problems.ts'
import type { Draft } from './schema.ts'

type DraftEnvironment = NonNullable<NonNullable<Draft['environments']>[string]>
type DraftService = NonNullable<NonNullable<Draft['services']>[string]>
export type DraftServiceEnvironment = NonNullable<NonNullable<DraftService['environments']>[string]>

/** One service in one environment, as far as the file could be read. */
export type ServiceEnvironmentEntry = {
  readonly service: string
  readonly environment: string
  /** The path of the service's entry for the environment. */
  readonly path: Path
  readonly own: DraftServiceEnvironment
  /** The service's settings for all of its environments. */
  readonly ofService: DraftService
  /** The environment's own settings; absent if there is no environment of this name. */
  readonly common: DraftEnvironment | undefined
}

/** Every service in every environment it names, in the order of the file. */
export function serviceEnvironmentEntries({
  services = {},
  environments = {},
}: Draft): readonly ServiceEnvironmentEntry[] {
  return Object.entries(services).flatMap(([service, ofService]) =>
    Object.entries(ofService?.environments ?? {}).flatMap(([environment, own]) =>
      own
        ? [
            {
              service,
              environment,
              path: ['services', service, 'environments', environment],
              own,
              ofService: ofService ?? {},
              common: Object.hasOwn(environments, environment) ? environments[environment] : undefined,
            },
          ]
        : [],
    ),
  )
}

/**
 * The field's value in the service environment, else in the service; undefined if it has a mistake, which is reported
 * elsewhere.
 */
export function settingOf<Key extends keyof DraftService & keyof DraftServiceEnvironment>(
  { own, ofService }: Pick<ServiceEnvironmentEntry, 'own' | 'ofService'>,
  key: Key,
): DraftService[Key] | DraftServiceEnvironment[Key] {
  return key in own ? own[key] : ofService[key]
}
