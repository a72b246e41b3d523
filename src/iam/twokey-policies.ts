import type { QueueSettings } from '../ports/aws-signal.ts'
import { type ServiceEnvironment, targetsOf } from '../settings/settings.ts'
import { arn, clusterArn, placeOf, serviceArn, serviceDeploymentsArn, tasksArn } from './arns.ts'
import { queueArn } from './event-queue.ts'
import { clustersOf, distinctClusters, migrationClusters, placesOf } from './places.ts'
import type { Policy } from './statement.ts'
import { all, distinct, plain, text } from './text.ts'
import { codeDeployApplications, ecrRepositories, logGroups, taskFamilies } from './values.ts'

/** Permissions to follow releases of these service environments. */
export function followPolicy(serviceEnvironments: readonly ServiceEnvironment[]): Policy {
  const services = clustersOf(serviceEnvironments)
  const tasks = distinctClusters([...services, ...migrationClusters(serviceEnvironments)])
  return {
    feature: 'follow',
    statements: [
      {
        sid: 'FollowServices',
        why: 'twokey reads what each service runs, its rollouts, and the images of its revisions.',
        actions: [
          'ecs:DescribeServiceDeployments',
          'ecs:DescribeServiceRevisions',
          'ecs:DescribeServices',
          'ecs:ListServiceDeployments',
        ],
        resources: distinct(
          services.flatMap(({ cluster, ...location }) =>
            [
              `service/${cluster}/*`,
              `service-deployment/${cluster}/*/*`,
              `service-revision/${cluster}/*/*`,
            ].map((name) => arn('ecs', placeOf(location), name)),
          ),
        ),
      },
      {
        sid: 'ReadTaskDefinitions',
        why: 'twokey reads the image, the tags and the log groups of task definitions. IAM can limit this to no family.',
        actions: ['ecs:DescribeTaskDefinition'],
        resources: all,
      },
      {
        sid: 'FindTasks',
        why: 'twokey looks for the tasks of migrations, and for tasks that failed in a rollout.',
        actions: ['ecs:ListTasks'],
        resources: all,
        conditions: { ArnEquals: { 'ecs:cluster': distinct(tasks.map(clusterArn)) } },
      },
      {
        sid: 'ReadTasks',
        why: 'twokey reads the exit code of migrations, and why tasks stopped.',
        actions: ['ecs:DescribeTasks'],
        resources: distinct(tasks.map(tasksArn)),
      },
      {
        sid: 'ReadLogs',
        why: 'twokey shows the last lines of the log of a container that failed.',
        actions: ['logs:GetLogEvents'],
        resources: placesOf(serviceEnvironments, (place) =>
          arn('logs', place, text`log-group:${logGroups}:log-stream:*`),
        ),
      },
    ],
  }
}

/** Permissions for `/rollback`, and for the buttons Continue and Roll back. */
export function rollbackPolicy(serviceEnvironments: readonly ServiceEnvironment[]): Policy {
  const targets = serviceEnvironments.flatMap(targetsOf)
  return {
    feature: 'rollback',
    statements: [
      {
        sid: 'UpdateServices',
        why: 'A rollback moves a service to an earlier revision. The condition limits it to the families of the services.',
        actions: ['ecs:UpdateService'],
        resources: distinct(targets.map(serviceArn)),
        conditions: {
          ArnLike: {
            'ecs:task-definition': placesOf(serviceEnvironments, (place) =>
              arn('ecs', place, text`task-definition/${taskFamilies}:*`),
            ),
          },
        },
      },
      {
        sid: 'SteerRollouts',
        why: 'The buttons Continue and Roll back continue or stop a rollout in progress.',
        actions: ['ecs:ContinueServiceDeployment', 'ecs:StopServiceDeployment'],
        resources: distinct([...targets.map(serviceArn), ...targets.map(serviceDeploymentsArn)]),
      },
      {
        sid: 'ReadImages',
        why: 'Before approvals are requested, twokey checks that ECR still has the images of the revision.',
        actions: ['ecr:DescribeImages'],
        resources: placesOf(serviceEnvironments, (place) =>
          arn('ecr', place, text`repository/${ecrRepositories}`),
        ),
      },
    ],
  }
}

/** Permissions for services that CodeDeploy deploys, beside those to follow them. */
export function codeDeployPolicy(serviceEnvironments: readonly ServiceEnvironment[]): Policy {
  const groups = placesOf(serviceEnvironments, (place) =>
    arn('codedeploy', place, text`deploymentgroup:${codeDeployApplications}/*`),
  )
  const applications = placesOf(serviceEnvironments, (place) =>
    arn('codedeploy', place, text`application:${codeDeployApplications}`),
  )
  return {
    feature: 'codedeploy',
    statements: [
      {
        sid: 'FollowDeployments',
        why: 'twokey follows the deployments of the services.',
        actions: [
          'codedeploy:BatchGetDeployments',
          'codedeploy:GetDeploymentGroup',
          'codedeploy:ListDeployments',
        ],
        resources: groups,
      },
      {
        sid: 'ReadApplicationRevisions',
        why: 'twokey reads which task definition a deployment deploys.',
        actions: ['codedeploy:GetApplicationRevision'],
        resources: applications,
      },
      {
        sid: 'ReadTraffic',
        why: 'twokey reads the events of a deployment and how traffic moves. IAM can limit this to no application.',
        actions: ['codedeploy:GetDeploymentTarget'],
        resources: all,
      },
      {
        sid: 'ReadDeploymentConfigs',
        why: 'twokey reads the steps of traffic, and how long a rollback takes.',
        actions: ['codedeploy:GetDeploymentConfig'],
        resources: placesOf(serviceEnvironments, (place) => arn('codedeploy', place, 'deploymentconfig:*')),
      },
      {
        sid: 'CreateDeployments',
        why: '`/rollback` creates a deployment of an earlier revision.',
        actions: ['codedeploy:CreateDeployment'],
        resources: groups,
      },
      {
        sid: 'RegisterApplicationRevisions',
        why: 'CodeDeploy demands it from whoever creates a deployment.',
        actions: ['codedeploy:RegisterApplicationRevision'],
        resources: applications,
      },
      {
        sid: 'SteerDeployments',
        why: 'The buttons Continue and Roll back continue or stop a deployment. IAM can limit this to no application.',
        actions: ['codedeploy:ContinueDeployment', 'codedeploy:StopDeployment'],
        resources: all,
      },
    ],
  }
}

/** Permission to assume the roles of twokey.yml. Each has to trust the role that twokey runs as. */
export function accountsPolicy(roleArns: readonly string[]): Policy {
  return {
    feature: 'accounts',
    statements: [
      {
        sid: 'AssumeRoles',
        why: 'twokey acts in the environments of other accounts by the roles that twokey.yml names.',
        actions: ['sts:AssumeRole'],
        resources: distinct(roleArns.map(plain)),
      },
    ],
  }
}

/** Permission to read the queues of events. */
export function eventsPolicy(queues: readonly QueueSettings[], defaultRegion: string): Policy {
  return {
    feature: 'events',
    statements: [
      {
        sid: 'ReceiveEvents',
        why: 'twokey reads events of ECS and CodeDeploy, and deletes those that it has read.',
        actions: ['sqs:DeleteMessage', 'sqs:ReceiveMessage'],
        resources: distinct(queues.map((queue) => plain(queueArn(queue, defaultRegion)))),
      },
    ],
  }
}
