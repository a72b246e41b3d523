import type { Deployment, Service, ServiceDeployment, ServiceDeploymentBrief } from '@aws-sdk/client-ecs'
import { Trouble } from '../../ports/ports.ts'
import type { CommitSource } from '../../release/commit-source.ts'
import type { Target } from '../../release/names.ts'
import type { ContainerImage } from '../../release/revision.ts'
import type { RolloutSighting, RolloutVerdict } from '../../release/sighting.ts'
import { Cache } from './cache.ts'
import { type Commits, revisionOf } from './commit.ts'
import { causeNow } from './events.ts'
import type { Failures } from './failures.ts'
import { verdictByDeployments } from './fallback.ts'
import { imagesIn } from './images.ts'
import { lifecycleOf } from './lifecycle.ts'
import type { Definition, Reads } from './reads.ts'
import { unlessDenied } from './trouble.ts'
import { type DeploymentReport, verdictOf } from './verdict.ts'
import { deploymentIdOf, lastPart } from './words.ts'

/** Tag of a task definition: the release that it was registered for. */
const releaseTagKey = 'twokey-release'

/** The context of a rollout. */
export type Around = {
  readonly target: Target
  readonly source: CommitSource
  /**
   * The approved commit: if GitHub cannot be reached, other commits of a rollout cannot be determined. Null: the commit
   * does not matter.
   */
  readonly approved: string | null
  /** Whether to read the images that its containers run. */
  readonly images: 'wanted' | 'unwanted'
  readonly service: Service
}

type DeploymentSeen = {
  /** The ARN or id by which it is followed. */
  readonly arn: string
  readonly deployment: ServiceDeployment
  readonly others: readonly Pick<ServiceDeploymentBrief, 'createdAt'>[]
}

/** What a rollout deploys. `revisionArn`: of its service revision; undefined if the service does not show it. */
type Brought = {
  readonly taskDefinition: string
  readonly deploymentId: string
  readonly revisionArn: string | undefined
}

export type RolloutSights = {
  /** From its service deployment, which has the most details. */
  ofDeployment(seen: DeploymentSeen, around: Around): Promise<RolloutSighting>
  /** From its entry in `deployments[]` only; if the entry is gone, from its id. */
  ofEntry(id: string, around: Around): Promise<RolloutSighting>
  /** What a task definition says of a rollout, however it is rolled out. */
  ofTaskDefinition(brought: Brought, around: Around): Promise<DefinitionSeen>
}

type DefinitionSeen = Pick<RolloutSighting, 'revision' | 'releaseTag' | 'commits' | 'carried' | 'images'>

/** What is known of a rollout once its verdict is. */
type Seen = Pick<RolloutSighting, 'deploymentId' | 'createdAt' | 'counts'> & {
  readonly report: DeploymentReport
  readonly rollback: ServiceDeployment['rollback']
}

type BaseSighting = Pick<RolloutSighting, 'verdict' | 'reason' | 'said' | 'counts' | 'heldBy'>

type Sources = { readonly reads: Reads; readonly commits: Commits; readonly failures: Failures }

/** Builds the sightings of rollouts. */
export function rolloutSightsOf({ reads, commits, failures }: Sources): RolloutSights {
  /** The last entries of `deployments[]`, for rollouts that are no longer in it. */
  const entries = new Cache<Deployment>()
  /** By `ecs-svc/…`: the images of its containers, once ECS reported every digest. */
  const knownImages = new Cache<readonly ContainerImage[]>()

  async function withReason(of: Seen, { target, service }: Around): Promise<BaseSighting> {
    const { report, deploymentId, createdAt: since, counts, rollback } = of
    const failureAsk = { target, deploymentId, service, since }
    if (report.verdict === 'moving')
      return { ...report, counts, ...hindranceOf(await failures.hindrance({ ...failureAsk, ...counts })) }
    if (!isBad(report.verdict)) return { ...report, counts }
    const cause = await failures.why(failureAsk)
    const joint = report.reason.includes(': ') ? ';' : ':'
    const reason = cause === null ? report.reason : `${report.reason}${joint} ${cause.sentence}`
    const back = report.verdict === 'rolling back' ? rollback?.startedAt?.getTime() : undefined
    const hindrance = back === undefined ? null : causeNow({ service, since: back }, back)
    const said = cause?.said ?? null
    return { ...report, reason, ...(said !== null && { said }), counts, ...hindranceOf(hindrance) }
  }

  async function known(
    { taskDefinition, deploymentId, revisionArn }: Brought,
    { source, approved, images }: Around,
  ): Promise<DefinitionSeen> {
    const definition = await reads.definition(taskDefinition)
    if (!definition)
      return {
        revision: await commits.revision(taskDefinition, undefined, { source }),
        releaseTag: null,
        commits: [],
        carried: [],
        images: null,
      }
    const build = approved === null ? commits.builtOrUnread : commits.built
    const built = await build(definition, { source, known: approved })
    return {
      revision: revisionOf(taskDefinition, built),
      // A run that was given no id sets an empty tag.
      releaseTag: definition.tags.find(({ key }) => key === releaseTagKey)?.value || null,
      commits: built.commits,
      carried: built.carried,
      images: images === 'wanted' ? await imagesRun(definition, deploymentId, revisionArn) : null,
    }
  }

  /** ECS reports digests once a task was started, and they do not change: read until all are reported. */
  async function imagesRun(
    { definition }: Definition,
    deploymentId: string,
    revisionArn: string | undefined,
  ): Promise<readonly ContainerImage[]> {
    const before = knownImages.get(deploymentId)
    if (before) return before
    const run =
      revisionArn === undefined ? undefined : await unlessDenied(reads.serviceRevisionNow(revisionArn))
    const images = imagesIn(definition, run)
    if (images.every(({ digest }) => digest !== null)) knownImages.set(deploymentId, images)
    return images
  }

  async function taskDefinitionOf(serviceRevisionArn: string): Promise<string | undefined> {
    return (await reads.serviceRevision(serviceRevisionArn))?.taskDefinition
  }

  async function backTo({ rollback }: ServiceDeployment): Promise<string | null> {
    const arn = rollback?.serviceRevisionArn
    const taskDefinition = arn === undefined ? undefined : await taskDefinitionOf(arn)
    return taskDefinition === undefined ? null : lastPart(taskDefinition)
  }

  return {
    ofTaskDefinition: known,

    async ofDeployment({ arn, deployment, others }, around) {
      const { targetServiceRevision: share, startedAt, finishedAt, updatedAt } = deployment
      if (share?.arn === undefined)
        throw new Trouble('passing', `ECS does not yet report what the rollout ${lastPart(arn)} deploys`)
      const deploymentId = deploymentIdOf(share.arn)
      const entry = entryOf(around.service, deploymentId)
      const createdAt = reads.beginning(arn, deployment.createdAt, startedAt, entry?.createdAt, updatedAt)
      const taskDefinition = (await taskDefinitionOf(share.arn)) ?? entry?.taskDefinition
      if (taskDefinition === undefined)
        throw new Trouble(
          'passing',
          `ECS does not yet report which revision the rollout ${lastPart(arn)} deploys`,
        )
      const counts = {
        requested: share.requestedTaskCount ?? 0,
        running: share.runningTaskCount ?? 0,
        pending: share.pendingTaskCount ?? 0,
        failed: Math.max(deployment.deploymentCircuitBreaker?.failureCount ?? 0, entry?.failedTasks ?? 0),
      }
      const verdict = verdictOf({
        deployment,
        others,
        revision: lastPart(taskDefinition),
        backTo: await backTo(deployment),
      })
      const { rollback } = deployment
      return {
        arn,
        createdAt,
        ...(finishedAt && { finishedAt: finishedAt.getTime() }),
        ...lifecycleOf(deployment),
        deploymentId,
        ...(await known({ taskDefinition, deploymentId, revisionArn: share.arn }, around)),
        ...(await withReason({ report: verdict, deploymentId, createdAt, counts, rollback }, around)),
      }
    },

    async ofEntry(id, around) {
      const entry = entryOf(around.service, id) ?? entries.get(id)
      if (entry?.taskDefinition === undefined)
        throw new Trouble('passing', `ECS no longer lists the deployment ${id}`)
      entries.set(id, entry)
      const createdAt = reads.beginning(id, entry.createdAt, entry.updatedAt)
      const counts = {
        requested: entry.desiredCount ?? 0,
        running: entry.runningCount ?? 0,
        pending: entry.pendingCount ?? 0,
        failed: entry.failedTasks ?? 0,
      }
      const verdict = verdictByDeployments(id, around.service.deployments ?? [])
      return {
        arn: id,
        createdAt,
        deploymentId: id,
        ...(await known(
          {
            taskDefinition: entry.taskDefinition,
            deploymentId: id,
            revisionArn: revisionArnOf(around.service, id),
          },
          around,
        )),
        ...(await withReason(
          { report: verdict, deploymentId: id, createdAt, counts, rollback: undefined },
          around,
        )),
      }
    },
  }
}

function hindranceOf(words: string | null): Pick<RolloutSighting, 'heldBy'> {
  return words === null ? {} : { heldBy: { kind: 'ecs', words } }
}

function entryOf({ deployments }: Service, id: string): Deployment | undefined {
  return deployments?.find((each) => each.id === id)
}

function revisionArnOf({ currentServiceRevisions }: Service, id: string): string | undefined {
  return currentServiceRevisions?.find(({ arn = '' }) => deploymentIdOf(arn) === id)?.arn
}

function isBad(verdict: RolloutVerdict): boolean {
  return ['rolling back', 'rolled back', 'rollback failed', 'failed'].includes(verdict)
}
