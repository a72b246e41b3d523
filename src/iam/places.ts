import { accountIn, locationOf } from '../release/names.ts'
import { type ServiceEnvironment, targetsOf } from '../settings/settings.ts'
import { type Cluster, type Place, placeOf } from './arns.ts'
import { distinct, type Text } from './text.ts'

/** One text for each account and region of these service environments. */
export function placesOf(
  serviceEnvironments: readonly ServiceEnvironment[],
  each: (place: Place) => Text,
): readonly Text[] {
  return distinct(serviceEnvironments.map((location) => each(placeOf(location))))
}

/** The clusters of the services, each once. */
export function clustersOf(serviceEnvironments: readonly ServiceEnvironment[]): readonly Cluster[] {
  return distinctClusters(serviceEnvironments.flatMap(targetsOf))
}

/** The clusters of the migrations, each once. */
export function migrationClusters(serviceEnvironments: readonly ServiceEnvironment[]): readonly Cluster[] {
  return distinctClusters(
    serviceEnvironments.flatMap(({ migration, ...location }) =>
      migration ? [{ cluster: migration.cluster, ...locationOf(location) }] : [],
    ),
  )
}

/** The clusters, each once whatever role leads to its account. */
export function distinctClusters(clusters: readonly Cluster[]): readonly Cluster[] {
  const byName = new Map(
    clusters.map((each) => [
      JSON.stringify([each.roleArn && accountIn(each.roleArn), each.region, each.cluster]),
      each,
    ]),
  )
  return [...byName.values()]
}
