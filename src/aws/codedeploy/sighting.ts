import type { DeploymentInfo, ECSTarget } from '@aws-sdk/client-codedeploy'
import type { Service } from '@aws-sdk/client-ecs'
import { Trouble } from '../../ports/ports.ts'
import { targetName } from '../../release/names.ts'
import type { RolloutSighting, TargetSighting } from '../../release/sighting.ts'
import type { Progress } from '../../release/traffic.ts'
import type { Failures } from '../ecs/failures.ts'
import { type Primary, primaryOf } from '../ecs/primary.ts'
import type { Around, RolloutSights } from '../ecs/rollout-sighting.ts'
import { unlessDenied } from '../ecs/trouble.ts'
import { lastPart } from '../ecs/words.ts'
import { releaseIn } from './description.ts'
import { greenOf } from './ecs-target.ts'
import type { Groups } from './group.ts'
import { progressOf } from './progress.ts'
import { type CodeDeployReads, isOver, isRollback } from './reads.ts'
import type { Revisions } from './revisions.ts'
import { deploymentsOf, taskSetsOf } from './task-sets.ts'
import { type CodeDeployReport, codeDeployVerdict, type PrimarySet } from './verdict.ts'

export type CodeDeploySources = {
  readonly codeDeploy: CodeDeployReads
  readonly groups: Groups
  readonly revisions: Revisions
  readonly failures: Failures
  /** By AWS's clock, ms. */
  readonly now: () => number
  /** How long something that should appear may take, ms. */
  readonly settleMs: number
}

/** Looks at the deployments of a service: those created since a time, or only the one that is followed. */
type Asked = Around & { readonly since: number; readonly id: string | null }

export type CodeDeploySight = (asked: Asked, sights: RolloutSights) => Promise<TargetSighting>

/** Looks at services that CodeDeploy deploys: ECS shows their task sets, CodeDeploy what became of its deployments. */
export function codeDeploySightOf(sources: CodeDeploySources): CodeDeploySight {
  return async ({ id, since, ...around }, sights) => {
    const { target, service } = around
    const primary = primaryOf(service, targetName(target))
    const shown = id === null ? await created(sources, around, since) : [await followed(sources, id)]
    const rollouts = await Promise.all(
      shown.map((each) => sightingOf(sources, { deployment: each, shown, primary, around, sights })),
    )
    const { revision } = await sights.ofTaskDefinition(
      { taskDefinition: primary.taskDefinition, deploymentId: primary.id, revisionArn: undefined },
      { ...around, images: 'unwanted' },
    )
    return {
      target,
      primary: { id: primary.id, revision },
      serving: revision,
      deployments: deploymentsOf(service),
      rollouts: rollouts.flatMap((each) => each ?? []).toSorted((a, b) => a.createdAt - b.createdAt),
    }
  }
}

async function followed({ codeDeploy }: CodeDeploySources, id: string): Promise<DeploymentInfo> {
  const found = await codeDeploy.deployment(id)
  if (!found) throw new Trouble('passing', `CodeDeploy does not show the deployment ${id}`)
  return found
}

/**
 * Deployments created since a time, without the rollbacks that CodeDeploy makes of them. The task sets name those that
 * have one; only the list has one that waits, or whose task set is gone.
 */
async function created(
  sources: CodeDeploySources,
  { service, target }: Around,
  since: number,
): Promise<readonly DeploymentInfo[]> {
  const { codeDeploy, groups } = sources
  const ids = new Set(deploymentsOf(service))
  const listed = await unlessDenied(
    (async () => {
      const group = await groups(service, target)
      const all: string[] = []
      for await (const page of codeDeploy.list({ group, since })) all.push(...page)
      return all
    })(),
  )
  for (const id of listed ?? []) ids.add(id)
  const infos = await Promise.all([...ids].map((id) => codeDeploy.deployment(id)))
  return infos.filter(
    (info): info is DeploymentInfo =>
      info !== undefined && !isRollback(info) && (info.createTime?.getTime() ?? 0) >= since,
  )
}

type Seen = {
  readonly deployment: DeploymentInfo
  /** The deployments of the same look. */
  readonly shown: readonly DeploymentInfo[]
  readonly primary: Primary
  readonly around: Around
  readonly sights: RolloutSights
}

/** Null if it has ended and nothing shows what it would have deployed, so that it deployed nothing. */
async function sightingOf(sources: CodeDeploySources, seen: Seen): Promise<RolloutSighting | null> {
  const { deployment, around, sights } = seen
  const { deploymentId = '', createTime, completeTime, description, status } = deployment
  const { target, service } = around
  const set = taskSetsOf(service).find(({ externalId }) => externalId === deploymentId)
  const taskDefinition = set?.taskDefinition ?? (await sources.revisions.ofDeployment(deployment))
  if (taskDefinition === undefined) {
    if (isOver(status)) return null
    throw new Trouble('passing', `CodeDeploy does not yet report what the deployment ${deploymentId} deploys`)
  }
  const detail = await sources.codeDeploy.target(deployment, target, taskSetsOf(service))
  const green = greenOf(detail)
  const counts = {
    requested: set?.computedDesiredCount ?? green?.desiredCount ?? 0,
    running: set?.runningCount ?? green?.runningCount ?? 0,
    pending: set?.pendingCount ?? green?.pendingCount ?? 0,
    failed: 0,
  }
  const report = await verdictOf(sources, seen, { taskDefinition, detail })
  const startedBy = set?.id ?? green?.identifer
  const createdAt = createTime?.getTime() ?? sources.now()
  return {
    arn: deploymentId,
    deploymentId,
    createdAt,
    ...(completeTime && { finishedAt: completeTime.getTime() }),
    ...(await progress(sources.codeDeploy, deployment, detail)),
    ...(startedBy !== undefined && { startedBy }),
    madeFor: releaseIn(description),
    ...(isStoppedByHand(deployment) && { isStopped: true }),
    ...(await sights.ofTaskDefinition({ taskDefinition, deploymentId, revisionArn: undefined }, around)),
    counts,
    ...(await explained(sources, report, { around, startedBy, createdAt, counts })),
  }
}

/** A deployment that a person or a program stopped has no other error. */
function isStoppedByHand({ status, errorInformation }: DeploymentInfo): boolean {
  return status === 'Stopped' && (errorInformation?.code ?? 'MANUAL_STOP') === 'MANUAL_STOP'
}

async function progress(
  { routing }: CodeDeployReads,
  deployment: DeploymentInfo,
  target: ECSTarget | undefined,
): Promise<Progress> {
  const { deploymentConfigName: name, status } = deployment
  const isKnown = name === undefined || isOver(status)
  return progressOf({
    deployment,
    target,
    routing: isKnown ? undefined : await unlessDenied(routing(name)),
  })
}

async function verdictOf(
  { codeDeploy, groups, now, settleMs }: CodeDeploySources,
  { deployment, shown, primary, around: { service, target } }: Seen,
  { taskDefinition, detail }: { readonly taskDefinition: string; readonly detail: ECSTarget | undefined },
): Promise<CodeDeployReport> {
  const { rollbackDeploymentId } = deployment.rollbackInfo ?? {}
  const isAlarm = deployment.errorInformation?.code === 'ALARM_ACTIVE'
  const group = isAlarm ? await unlessDenied(groups(service, target).then(codeDeploy.group)) : undefined
  const { alarms = [] } = deployment.overrideAlarmConfiguration ?? group?.alarmConfiguration ?? {}
  return codeDeployVerdict({
    deployment,
    rollback:
      rollbackDeploymentId === undefined ? undefined : await codeDeploy.deployment(rollbackDeploymentId),
    target: detail,
    primary: primarySetOf(service, primary, { taskDefinition, deploymentId: deployment.deploymentId }),
    revision: lastPart(taskDefinition),
    alarms: alarms.flatMap(({ name }) => name ?? []),
    isFollowed: await isFollowed(deployment, { service, shown, codeDeploy }),
    now: now(),
    settleMs,
  })
}

/** Whether another deployment was created after one that succeeded. The one whose task set serves need not be among those shown. */
async function isFollowed(
  { deploymentId, createTime, status }: DeploymentInfo,
  {
    service,
    shown,
    codeDeploy,
  }: {
    readonly service: Service
    readonly shown: readonly DeploymentInfo[]
    readonly codeDeploy: CodeDeployReads
  },
): Promise<boolean> {
  if (status !== 'Succeeded') return false
  const id = taskSetsOf(service).find((each) => each.status === 'PRIMARY')?.externalId
  const serving = id === undefined || id === deploymentId ? undefined : await codeDeploy.deployment(id)
  const others = serving === undefined ? shown : [...shown, serving]
  return others.some(
    (other) => other.deploymentId !== deploymentId && (other.createTime ?? 0) > (createTime ?? 0),
  )
}

function primarySetOf(
  service: Service,
  primary: Primary,
  own: { readonly taskDefinition: string; readonly deploymentId: string | undefined },
): PrimarySet {
  const set = service.taskSets?.find(({ status }) => status === 'PRIMARY')
  const { computedDesiredCount: desired = service.desiredCount ?? 0, runningCount: running = 0 } = set ?? {}
  return {
    revision: lastPart(primary.taskDefinition),
    isOwn: primary.id === own.deploymentId || primary.taskDefinition === own.taskDefinition,
    isSteady: set?.stabilityStatus === 'STEADY_STATE' && running >= desired,
    running,
    desired,
  }
}

type Explaining = Pick<RolloutSighting, 'createdAt' | 'counts'> & {
  readonly around: Around
  /** What its tasks are started by; undefined: none was. */
  readonly startedBy: string | undefined
}

/** The report with why its tasks fail, as far as ECS shows that. */
async function explained(
  { failures }: CodeDeploySources,
  report: CodeDeployReport,
  { around: { target, service }, startedBy, createdAt: since, counts }: Explaining,
): Promise<Pick<RolloutSighting, 'verdict' | 'reason' | 'said' | 'heldBy'>> {
  if (startedBy === undefined) return report
  const asked = { target, deploymentId: startedBy, service, since }
  switch (report.verdict) {
    case 'moving': {
      const held = await failures.hindrance({ ...asked, ...counts })
      return held === null ? report : { ...report, heldBy: { kind: 'ecs', words: held } }
    }
    case 'failed':
    case 'rolling back':
    case 'rolled back':
    case 'rollback failed': {
      const cause = await failures.why(asked)
      if (cause === null) return report
      return {
        ...report,
        reason: `${report.reason}; ${cause.sentence}`,
        ...(cause.said !== null && { said: cause.said }),
      }
    }
    default:
      return report
  }
}
