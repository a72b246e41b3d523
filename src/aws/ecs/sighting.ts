import type { Deployment, Service, ServiceDeployment } from '@aws-sdk/client-ecs'
import { Trouble } from '../../ports/ports.ts'
import type { CommitSource } from '../../release/commit-source.ts'
import { controllerOf } from '../../release/controller.ts'
import { type Target, targetName } from '../../release/names.ts'
import type { RolloutSighting, RolloutVerdict, TargetSighting } from '../../release/sighting.ts'
import type { CodeDeploySight } from '../codedeploy/sighting.ts'
import { Cache } from './cache.ts'
import type { Commits } from './commit.ts'
import { listingOf } from './listing.ts'
import { isByCodeDeploy, primaryOf } from './primary.ts'
import type { Reads } from './reads.ts'
import type { Around, RolloutSights } from './rollout-sighting.ts'
import { isDenied } from './trouble.ts'
import { deploymentIdOf, lastPart } from './words.ts'

type SightAsk = {
  readonly target: Target
  readonly source: CommitSource
  /** The approved commit, which identifies the release's rollout. */
  readonly approved: string | null
  /** Whether to read the images that the containers of rollouts run. */
  readonly images: 'wanted' | 'unwanted'
  /** Rollouts created since, ms. */
  readonly since: number
  /**
   * Once known, only this rollout is followed: a service deployment's ARN, or `ecs-svc/…` if the ARN could not be
   * determined, or `d-…` of CodeDeploy.
   */
  readonly arn: string | null
}

/** Looks at a target; null if the service does not exist. */
export type Sight = (asked: SightAsk) => Promise<TargetSighting | null>

/** `deployment`: the followed rollout by its ARN, or why ECS does not show it. Absent: it is not followed by an ARN. */
type TargetRead = { readonly service: Service | undefined; readonly deployment?: ServiceDeployment | Trouble }

/** `shown`: the followed rollout as JSON. `at`: when the service was read, ms of this process. */
type LastRead = { readonly service: Service; readonly shown: string; readonly at: number }

/** How long a service is not read again while its followed rollout does not change, ms. */
const unchangedForMs = 30_000

/** How long MISSING counts as a temporary failure after the service was seen, ms. */
const missingForMs = 120_000

/** Looks at the targets of one region. */
export function sightOf({
  reads,
  commits,
  sights,
  codeDeploySight,
}: {
  readonly reads: Reads
  readonly commits: Commits
  readonly sights: RolloutSights
  readonly codeDeploySight: CodeDeploySight
}): Sight {
  const { listed, listedNow } = listingOf(reads)
  const lastSeen = new Cache<number>()
  /** Maps `ecs-svc/…` to the service deployment's ARN, once that was listed. */
  const listedAs = new Cache<string>()

  /** What was last read of a target whose rollout is followed. */
  const lastReads = new Cache<LastRead>()

  /**
   * Reads the service. If its rollout is followed, that is read first: as long as it does not change, no other deployment
   * began, which would end it, and the service is read only now and then.
   */
  async function readTarget(target: Target, arn: string | null): Promise<TargetRead> {
    if (arn === null || arn.startsWith('ecs-svc/') || isOfCodeDeploy(arn))
      return { service: await reads.service(target) }
    const deployment = await describedOrWhy(arn)
    if (deployment instanceof Trouble) return { service: await reads.service(target), deployment }
    const name = targetName(target)
    const last = lastReads.get(name)
    const now = performance.now()
    const shown = JSON.stringify(deployment)
    if (last?.shown === shown && now - last.at < unchangedForMs) return { service: last.service, deployment }
    const service = await reads.service(target)
    if (service) lastReads.set(name, { service, shown, at: now })
    else lastReads.forget(name)
    return { service, deployment }
  }

  async function described(arn: string): Promise<ServiceDeployment> {
    const deployment = await reads.deployment(arn)
    if (!deployment) throw new Trouble('passing', `ECS does not list the rollout ${lastPart(arn)}`)
    return deployment
  }

  /** A rollout that ECS does not show, or may not be read, fails the look only once the service was read. */
  async function describedOrWhy(arn: string): Promise<ServiceDeployment | Trouble> {
    const deployment = await reads.deployment(arn).catch((error: unknown) => {
      if (error instanceof Trouble && isDenied(error)) return error
      throw error
    })
    return deployment ?? new Trouble('passing', `ECS does not list the rollout ${lastPart(arn)}`)
  }

  function entriesSince(since: number, { deployments = [] }: Service): readonly string[] {
    return deployments
      .filter(({ id = '', createdAt, updatedAt }) => reads.beginning(id, createdAt, updatedAt) >= since)
      .flatMap(({ id }) => id ?? [])
  }

  async function found(since: number, around: Around): Promise<readonly RolloutSighting[]> {
    const briefs = (await listed({ ...around, since })) ?? []
    const arns = briefs.flatMap(({ serviceDeploymentArn }) => serviceDeploymentArn ?? [])
    const entries = entriesSince(since, around.service)
    const byEntries = () => Promise.all(entries.map((id) => sights.ofEntry(id, around)))
    if (arns.length === 0) return byEntries()
    const listedIds = briefs.map(({ targetServiceRevisionArn = '' }) =>
      deploymentIdOf(targetServiceRevisionArn),
    )
    const unlisted = entries.filter((id) => !listedIds.includes(id))
    return allowed(
      () =>
        Promise.all([
          ...arns.map(async (arn) =>
            sights.ofDeployment({ arn, deployment: await described(arn), others: briefs }, around),
          ),
          ...unlisted.map((id) => ofUnlisted(id, around)),
        ]),
      byEntries,
    )
  }

  /**
   * The list lags behind `deployments[]`. Without the rollout that it lacks, an earlier one would look like the only
   * one.
   */
  async function ofUnlisted(id: string, around: Around): Promise<RolloutSighting> {
    const rollout = await sights.ofEntry(id, around)
    if (rollout.verdict === 'unknown') throw new Trouble('passing', `ECS does not list the rollout ${id} yet`)
    return rollout
  }

  /** Whether the whole rollout took place after the service was read, which so shows an outdated revision as serving. */
  function isNewerThan(
    { deployments = [] }: Service,
    { deploymentId, createdAt: began, verdict }: RolloutSighting,
  ): boolean {
    if (verdict !== 'succeeded' || deployments.some(({ id }) => id === deploymentId)) return false
    return deployments.every(
      ({ id = '', createdAt, updatedAt }) => reads.beginning(id, createdAt, updatedAt) < began,
    )
  }

  async function followed(
    arn: string,
    { deployment, since }: Pick<TargetRead, 'deployment'> & { readonly since: number },
    around: Around,
  ): Promise<RolloutSighting> {
    if (deployment instanceof Trouble) throw deployment
    const byArn = async (known: string) => {
      const shown = deployment ?? (await described(known))
      return sights.ofDeployment({ arn, deployment: shown, others: await othersOf(shown, around) }, around)
    }
    if (!arn.startsWith('ecs-svc/')) return byArn(arn)
    const known = await listedArn(arn, since, around)
    const byEntry = () => sights.ofEntry(arn, around)
    return known === undefined ? byEntry() : allowed(() => byArn(known), byEntry)
  }

  async function listedArn(id: string, since: number, around: Around): Promise<string | undefined> {
    const known = listedAs.get(id)
    if (known !== undefined) return known
    const brief = (await listed({ ...around, since }))?.find(
      ({ targetServiceRevisionArn }) =>
        targetServiceRevisionArn && deploymentIdOf(targetServiceRevisionArn) === id,
    )
    if (brief?.serviceDeploymentArn) listedAs.set(id, brief.serviceDeploymentArn)
    return brief?.serviceDeploymentArn
  }

  /**
   * Other deployments matter only to a stopped one, which may have been stopped after the service was read. If they may
   * not be listed, or the list lags, the newest is in `deployments[]`.
   */
  async function othersOf({ status, createdAt }: ServiceDeployment, around: Around) {
    if (status !== 'STOPPED' || createdAt === undefined) return []
    const since = createdAt.getTime()
    return [...((await listedNow({ ...around, since })) ?? []), ...(around.service.deployments ?? [])]
  }

  return async ({ target, source, approved, images, since, arn }) => {
    const name = targetName(target)
    const { service, deployment } = await readTarget(target, arn)
    const now = Date.now()
    if (service === undefined && now - (lastSeen.get(name) ?? 0) < missingForMs)
      throw new Trouble('passing', `ECS no longer finds ${name}`)
    if (service === undefined || service.status === 'INACTIVE') return null
    lastSeen.set(name, now)
    const around: Around = { target, source, approved, images, service }
    if (arn === null ? isByCodeDeploy(service) : isOfCodeDeploy(arn))
      return codeDeploySight({ ...around, since, id: arn }, sights)
    const { id, taskDefinition } = primaryOf(service, name)
    const revision = async (of: string) =>
      commits.revision(of, await reads.definition(of), { source, known: approved })
    const [primary, rollouts] = await Promise.all([
      revision(taskDefinition),
      arn === null
        ? found(since, around)
        : Promise.all([followed(arn, { ...(deployment && { deployment }), since }, around)]),
    ])
    if (rollouts.some((rollout) => isNewerThan(service, rollout)))
      throw new Trouble('passing', `ECS shows ${name} as it was before its last rollout`)
    // The tasks of a rollout that completed after the service was read are running.
    const isDone = rollouts.some(
      ({ deploymentId, verdict }) => deploymentId === id && verdict === 'succeeded',
    )
    const failed = rollouts
      .filter(({ verdict }) => isFailure(verdict))
      .map(({ deploymentId }) => deploymentId)
    const running = runningOf(withTraffic(service, rollouts), failed) ?? runningOf(service, failed)
    const serving = isDone ? taskDefinition : (running?.taskDefinition ?? taskDefinition)
    return {
      target,
      primary: { id, revision: primary },
      serving: serving === taskDefinition ? primary : await revision(serving),
      deployments: (service.deployments ?? []).flatMap(({ id: known }) => known ?? []),
      rollouts: rollouts.toSorted((a, b) => a.createdAt - b.createdAt),
    }
  }
}

/** Whether CodeDeploy made the rollout that is followed, so that its ID is of the form `d-…`. */
export function isOfCodeDeploy(arn: string): boolean {
  return controllerOf({ deploymentId: arn }) === 'CodeDeploy'
}

/** If a read is denied or not offered by this endpoint, `deployments[]` is used, which every service shows. */
async function allowed<T>(look: () => Promise<T>, instead: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (error) {
    if (isDenied(error)) return instead()
    throw error
  }
}

/** The service without the deployments that get less than half of its production traffic, though their tasks run. */
function withTraffic(service: Service, rollouts: readonly RolloutSighting[]): Service {
  const beside = rollouts.flatMap(({ deploymentId, shift }) =>
    shift?.production != null && shift.production < 50 ? deploymentId : [],
  )
  const deployments = service.deployments?.filter(({ id = '' }) => !beside.includes(id))
  return { ...service, deployments }
}

/** Whether a rollout ended in a way that leaves nothing of it serving, though its tasks may run for a moment more. */
function isFailure(verdict: RolloutVerdict): boolean {
  return verdict === 'failed' || verdict === 'rolled back' || verdict === 'rollback failed'
}

/**
 * The deployment that serves: PRIMARY if a task of it runs, else the one with the most tasks. `runningCount` also
 * counts tasks that never become healthy, so a failed PRIMARY serves only if it has more running tasks than any other.
 * @param failed ids (`ecs-svc/…`) of deployments that failed since the service was read
 */
export function runningOf(
  { deployments = [] }: Service,
  failed: readonly string[] = [],
): Deployment | undefined {
  const hasFailed = ({ id = '', rolloutState }: Deployment) =>
    rolloutState === 'FAILED' || failed.includes(id)
  const [most] = deployments
    .filter(({ runningCount = 0 }) => runningCount > 0)
    .toSorted(
      (a, b) => (b.runningCount ?? 0) - (a.runningCount ?? 0) || Number(hasFailed(a)) - Number(hasFailed(b)),
    )
  const primary = deployments.find(({ status }) => status === 'PRIMARY')
  const isServing = primary && (primary.runningCount ?? 0) > 0 && !hasFailed(primary)
  return isServing ? primary : most
}
