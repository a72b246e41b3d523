import type {
  DeploymentGroupInfo,
  DeploymentInfo,
  DeploymentTarget,
  ECSTaskSet,
  LastDeploymentInfo,
  LifecycleEvent,
  RevisionLocation,
} from '@aws-sdk/client-codedeploy'
import { arn, siteOf } from '../arn.ts'
import { deploymentId, tasksOf } from '../deployments.ts'
import type { DeploymentState } from '../model.ts'
import { counts, date } from '../rollout-views.ts'
import type { CodeDeploy } from './code-deploy.ts'
import { isOver } from './life.ts'
import type { CodeDeployment, EventState, GroupState, RevisionState } from './model.ts'

/** Converts the state to the SDK's own types. */

/** Answers about deployments never have the content of an AppSpec, only its hash. Source: API reference, GetDeployment. */
function location(revision: RevisionState | undefined): RevisionLocation | undefined {
  return revision && { revisionType: 'AppSpecContent', appSpecContent: { sha256: revision.sha256 } }
}

function blueGreen({
  readyMinutes,
  terminationMinutes,
}: Pick<GroupState, 'readyMinutes' | 'terminationMinutes'>) {
  return {
    terminateBlueInstancesOnDeploymentSuccess: {
      action: 'TERMINATE' as const,
      terminationWaitTimeInMinutes: terminationMinutes,
    },
    deploymentReadyOption:
      readyMinutes === null
        ? { actionOnTimeout: 'CONTINUE_DEPLOYMENT' as const, waitTimeInMinutes: 0 }
        : { actionOnTimeout: 'STOP_DEPLOYMENT' as const, waitTimeInMinutes: readyMinutes },
  }
}

function balancers({ service }: GroupState) {
  const { name } = service
  return {
    targetGroupPairInfoList: [
      {
        targetGroups: [{ name: `${name}-blue` }, { name: `${name}-green` }],
        prodTrafficRoute: { listenerArns: [] },
      },
    ],
  }
}

const style = { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' } as const

const alarmsOf = (names: readonly string[]) => ({
  enabled: names.length > 0,
  ignorePollAlarmFailure: false,
  alarms: names.map((name) => ({ name })),
})

export function viewDeploymentInfo(deployment: CodeDeployment): DeploymentInfo {
  const { group, status, rollback, undoes, rollbackMessage, autoRollback, waitsSince } = deployment
  const none = { Pending: 0, InProgress: 0, Succeeded: 0, Failed: 0, Skipped: 0, Ready: 0 }
  const target = targetStatus(deployment)
  const overview = { ...none, ...(target !== 'Unknown' && { [target]: 1 }) }
  return {
    applicationName: group.application.name,
    deploymentGroupName: group.name,
    deploymentConfigName: deployment.config.name,
    deploymentId: deployment.id,
    previousRevision: location(deployment.previous),
    revision: location(deployment.revision),
    status,
    errorInformation: deployment.error && { ...deployment.error, code: deployment.error.code as 'TIMEOUT' },
    createTime: date(deployment.createdAt),
    startTime: date(deployment.startedAt),
    completeTime: date(deployment.completedAt),
    deploymentOverview: status === 'Created' ? undefined : overview,
    description: deployment.description,
    creator: deployment.creator,
    ignoreApplicationStopFailures: false,
    autoRollbackConfiguration: { enabled: autoRollback.enabled, events: [...autoRollback.events] },
    updateOutdatedInstancesOnly: false,
    rollbackInfo:
      rollback || undoes || rollbackMessage !== undefined
        ? {
            rollbackDeploymentId: rollback?.id,
            rollbackTriggeringDeploymentId: undoes?.id,
            rollbackMessage: rollbackMessage ?? (rollback && `Deployment ${rollback.id} rolls it back.`),
          }
        : undefined,
    deploymentStyle: style,
    instanceTerminationWaitTimeStarted: waitsSince !== undefined,
    blueGreenDeploymentConfiguration: blueGreen(deployment),
    loadBalancerInfo: balancers(group),
    fileExistsBehavior: 'DISALLOW',
    deploymentStatusMessages: [],
    computePlatform: 'ECS',
    externalId: deployment.externalId,
    overrideAlarmConfiguration: deployment.alarms === group.alarms ? undefined : alarmsOf(deployment.alarms),
  }
}

function targetStatus({ status }: CodeDeployment) {
  switch (status) {
    case 'Created':
    case 'Queued':
      return 'Pending'
    case 'Baking':
      return 'InProgress'
    case 'Stopped':
      return 'Skipped'
    case undefined:
      return 'Unknown'
    default:
      return status
  }
}

export function viewTarget(deployment: CodeDeployment): DeploymentTarget {
  const { service } = deployment.group
  const sets = [
    ...(deployment.blue && deployment.blue !== deployment.green
      ? [viewTaskSet(deployment, deployment.blue, 'Blue')]
      : []),
    ...(deployment.green ? [viewTaskSet(deployment, deployment.green, 'Green')] : []),
  ]
  return {
    deploymentTargetType: 'ECSTarget',
    ecsTarget: {
      deploymentId: deployment.id,
      targetId: `${service.cluster.name}:${service.name}`,
      targetArn: service.arn,
      lastUpdatedAt: date(deployment.updatedAt),
      lifecycleEvents: deployment.events.map(viewEvent),
      status: targetStatus(deployment),
      taskSetsInfo: sets,
    },
  }
}

function viewEvent({ name, status, startedAt, endedAt, diagnostics }: EventState): LifecycleEvent {
  return {
    lifecycleEventName: name,
    status,
    startTime: date(startedAt),
    endTime: date(endedAt),
    diagnostics: diagnostics && { ...diagnostics, logTail: diagnostics.logTail ?? '' },
  }
}

function viewTaskSet(
  deployment: CodeDeployment,
  set: DeploymentState,
  taskSetLabel: 'Blue' | 'Green',
): ECSTaskSet {
  const { group, weight } = deployment
  const { running, pending } = counts(tasksOf(group.service, set.revision))
  const isServing = set.status === 'PRIMARY'
  const green = isOver(deployment) && taskSetLabel === 'Green' && !isServing ? 0 : weight
  return {
    // AWS spells the member so.
    identifer: deploymentId(set.revision),
    desiredCount: set.status === 'DRAINING' ? 0 : group.service.desired,
    pendingCount: pending,
    runningCount: running,
    status: set.status,
    trafficWeight: taskSetLabel === 'Green' ? green : 100 - green,
    targetGroup: { name: `${group.service.name}-${taskSetLabel.toLowerCase()}` },
    taskSetLabel,
  }
}

export function viewGroup(group: GroupState, codeDeploy: CodeDeploy): DeploymentGroupInfo {
  const own = codeDeploy.deployments.filter((each) => each.group === group)
  const well = own.find(({ status }) => status === 'Succeeded')
  return {
    applicationName: group.application.name,
    deploymentGroupId: group.id,
    deploymentGroupName: group.name,
    deploymentConfigName: group.config.name,
    ec2TagFilters: [],
    onPremisesInstanceTagFilters: [],
    autoScalingGroups: [],
    serviceRoleArn: arn.role(siteOf(group.service.arn), 'codedeploy'),
    targetRevision: location(own[0]?.revision),
    triggerConfigurations: [],
    alarmConfiguration: alarmsOf(group.alarms),
    autoRollbackConfiguration: {
      enabled: group.autoRollback.enabled,
      events: [...group.autoRollback.events],
    },
    deploymentStyle: style,
    outdatedInstancesStrategy: 'UPDATE',
    blueGreenDeploymentConfiguration: blueGreen(group),
    loadBalancerInfo: balancers(group),
    lastSuccessfulDeployment: well && lastOf(well),
    lastAttemptedDeployment: own[0] && lastOf(own[0]),
    computePlatform: 'ECS',
    ecsServices: [{ serviceName: group.service.name, clusterName: group.service.cluster.name }],
    terminationHookEnabled: false,
  }
}

function lastOf({ id, status, completedAt, createdAt }: CodeDeployment): LastDeploymentInfo {
  return { deploymentId: id, status, endTime: date(completedAt), createTime: date(createdAt) }
}
