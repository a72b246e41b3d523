import { accountIn } from '../release/names.ts'
import { type DraftServiceEnvironment, serviceEnvironmentEntries } from './layers.ts'
import { type Finding, type Path, pathText } from './problems.ts'
import type { Draft } from './schema.ts'

/** Facts about the process that reads the file. */
export type Surroundings = {
  /** The region of targets that name none; undefined if it is not known. */
  readonly region: string | undefined
}

/** ECS services that are missing, that two service environments share, or that do not determine the migration's cluster. */
export function targetFindings(draft: Draft, surroundings: Surroundings): readonly Finding[] {
  return [...missingTargets(draft), ...sharedTargets(draft, surroundings), ...migrationClusters(draft)]
}

function missingTargets(draft: Draft): readonly Finding[] {
  return serviceEnvironmentEntries(draft).flatMap(({ path, own }) => {
    const single = 'cluster' in own || 'service' in own
    if ('targets' in own) return single ? [bothKinds(path)] : []
    return (['cluster', 'service'] as const)
      .filter((key) => !(key in own))
      .map((key) => ({
        path: [...path, key],
        allowed: `the name of an ECS ${key}`,
        message: 'Set the cluster and the service to update, or list several under `targets`.',
      }))
  })
}

function bothKinds(path: Path): Finding {
  return {
    path: [...path, 'targets'],
    allowed: 'either targets, or cluster and service',
    message: 'Move the service into `targets`, or remove `targets`.',
  }
}

type TargetEntry = {
  readonly path: Path
  readonly cluster: string | undefined
  readonly service: string | undefined
}

function targetsIn(own: DraftServiceEnvironment, path: Path): readonly TargetEntry[] {
  if (!own.targets) return [{ path: [...path, 'service'], cluster: own.cluster, service: own.service }]
  return own.targets.map((target, index) => ({
    path: [...path, 'targets', index],
    cluster: target?.cluster,
    service: target?.service,
  }))
}

type Located = {
  readonly path: Path
  /** Cluster and service. */
  readonly name: string
  /** Absent if the file names none and `AWS_REGION` is not known. */
  readonly region: string | undefined
  /** Of the role; absent: the account that twokey runs in, which is not known here. */
  readonly account: string | undefined
}

/** A target has one lane, so it belongs to one service in one environment. */
function sharedTargets(draft: Draft, surroundings: Surroundings): readonly Finding[] {
  const all = serviceEnvironmentEntries(draft).flatMap(({ path, own, common }): readonly Located[] => {
    const region = own.aws?.region ?? common?.aws?.region ?? surroundings.region
    const roleArn = own.aws?.roleArn ?? common?.aws?.roleArn
    const account = roleArn === undefined ? undefined : accountIn(roleArn)
    return targetsIn(own, path).flatMap((target) =>
      target.cluster && target.service
        ? [{ path: target.path, name: `${target.cluster} ${target.service}`, region, account }]
        : [],
    )
  })
  const byName = Map.groupBy(all, ({ name }) => name)
  return [...byName.values()].flatMap((same) =>
    same.flatMap((target, index) => {
      const first = same.slice(0, index).find((other) => mayBeOne(other, target))
      return first ? [sharedTarget(first, target)] : []
    }),
  )
}

/**
 * Two targets of the same name count as the same, unless both regions are known and differ, or their accounts do. An
 * environment with a role counts as in another account than one without: whether that is so shows in ECS only, where
 * `check --online` looks.
 */
function mayBeOne(one: Located, other: Located): boolean {
  if (one.account !== other.account) return false
  return one.region === undefined || other.region === undefined || one.region === other.region
}

function sharedTarget(first: Located, { path, region }: Located): Finding {
  const known = first.region === region
  const other = pathText(first.path)
  return {
    path,
    allowed: 'an ECS service that nothing else here deploys to',
    message: known
      ? `${other} is the same ECS service in the same cluster.`
      : `${other} has the same cluster and service. One of the two is in ${first.region ?? region}, the other in the region that twokey runs with (AWS_REGION), which may be the same. Write \`aws: { region: … }\` for both.`,
  }
}

function migrationClusters(draft: Draft): readonly Finding[] {
  return serviceEnvironmentEntries(draft).flatMap(({ service, environment, own, ofService, path }) => {
    const migration = { ...ofService.migration, ...own.migration }
    const isOwn = !ofService.migration
    const clusters = new Set(targetsIn(own, path).flatMap(({ cluster }) => cluster ?? []))
    if (!('family' in migration) || 'cluster' in migration || clusters.size < 2) return []
    return [
      {
        path: isOwn ? [...path, 'migration', 'cluster'] : ['services', service, 'migration', 'cluster'],
        allowed: `${[...clusters].join(', ')}, or another cluster`,
        message: `The targets in ${environment} are in several clusters: set the one in which the migration runs.`,
      },
    ]
  })
}
