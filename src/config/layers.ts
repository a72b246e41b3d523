import type { Path } from './problems.ts'
import type { Draft } from './schema.ts'

type DraftEnvironment = NonNullable<NonNullable<Draft['environments']>[string]>
export type DraftServiceEnvironment = NonNullable<
  NonNullable<NonNullable<NonNullable<Draft['services']>[string]>['environments']>[string]
>

/** One service in one environment, as far as the file could be read. */
export type Place = {
  readonly service: string
  readonly environment: string
  /** Of what the service says about the environment. */
  readonly path: Path
  readonly own: DraftServiceEnvironment
  /** What the environment itself says; absent where there is none of this name. */
  readonly common: DraftEnvironment | undefined
}

/** Every service in every environment it names, in the order of the file. */
export function placesOf({ services = {}, environments = {} }: Draft): readonly Place[] {
  return Object.entries(services).flatMap(([service, said]) =>
    Object.entries(said?.environments ?? {}).flatMap(([environment, own]) =>
      own
        ? [
            {
              service,
              environment,
              path: ['services', service, 'environments', environment],
              own,
              common: Object.hasOwn(environments, environment) ? environments[environment] : undefined,
            },
          ]
        : [],
    ),
  )
}
