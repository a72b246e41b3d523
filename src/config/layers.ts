import type { Path } from './problems.ts'
import type { Draft } from './schema.ts'

type DraftEnvironment = NonNullable<NonNullable<Draft['environments']>[string]>
type DraftService = NonNullable<NonNullable<Draft['services']>[string]>
export type DraftServiceEnvironment = NonNullable<NonNullable<DraftService['environments']>[string]>

/** One service in one environment, as far as the file could be read. */
export type Place = {
  readonly service: string
  readonly environment: string
  /** Of what the service says about the environment. */
  readonly path: Path
  readonly own: DraftServiceEnvironment
  /** What the service says for all of its environments. */
  readonly ofService: DraftService
  /** What the environment itself says; absent where there is none of this name. */
  readonly common: DraftEnvironment | undefined
}

/** Every service in every environment it names, in the order of the file. */
export function placesOf({ services = {}, environments = {} }: Draft): readonly Place[] {
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

/** A field as the service environment says it, else the service; undefined where that is a mistake reported elsewhere. */
export function said<Key extends keyof DraftService & keyof DraftServiceEnvironment>(
  { own, ofService }: Pick<Place, 'own' | 'ofService'>,
  key: Key,
): DraftService[Key] | DraftServiceEnvironment[Key] {
  return key in own ? own[key] : ofService[key]
}
