import { locationOf } from '../release/names.ts'
import { type ServiceEnvironment, targetsOf } from '../settings/settings.ts'
import { arn, clusterArn, iamArn, placeOf, serviceArn, tasksArn } from './arns.ts'
import { audience, hasOwnClaims, inSubject } from './issuer.ts'
import { clustersOf, migrationClusters, placesOf } from './places.ts'
import type { Policy, Role, Statement, TrustStatement } from './statement.ts'
import { all, distinct, literal, plain, type Text, text, unknown } from './text.ts'
import { codeDeployPolicy } from './twokey-policies.ts'
import { ecrRepositories, repositoryId, subjectPrefix, taskRoles } from './values.ts'

/** Service environments that a workflow deploys with one role: of one repository, GitHub environment, branch and account. */
type Deployed = readonly [ServiceEnvironment, ...ServiceEnvironment[]]

/** The role that the deploy workflow assumes for these service environments. */
export function deployRole(
  deployed: Deployed,
  { issuer, name, isCodeDeploy }: { issuer: string; name: string; isCodeDeploy: boolean },
): Role {
  const [{ repository, githubEnvironment, ...first }] = deployed
  return {
    name,
    account: placeOf(locationOf(first)).account,
    of: `jobs of ${repository} in the GitHub environment ${githubEnvironment}`,
    trust: trustOf(deployed, issuer),
    policies: [deployPolicy(deployed), ...(isCodeDeploy ? [workflowCodeDeployPolicy(deployed)] : [])],
  }
}

/** Only a job in the GitHub environment, on the branch, of this repository and no later one of its name, gets in. */
function trustOf(
  [{ repository, githubEnvironment, branch, ...location }]: Deployed,
  issuer: string,
): TrustStatement {
  const prefix = unknown(subjectPrefix(repository).name)
  const own = {
    environment: plain(literal(githubEnvironment)),
    ref: plain(`refs/heads/${literal(branch)}`),
    repository_id: unknown(repositoryId(repository).name),
  }
  const claims: Record<string, Text> = {
    aud: plain(audience),
    ...(hasOwnClaims(issuer) && own),
    sub: text`${prefix}:environment:${literal(inSubject(githubEnvironment))}`,
  }
  return {
    sid: 'DeployJob',
    why: hasOwnClaims(issuer)
      ? `Only a job in the GitHub environment ${githubEnvironment} may assume the role, on the branch ${branch} and in this repository. All conditions are in one statement: a second one would let more jobs in.`
      : `Only a job in the GitHub environment ${githubEnvironment} may assume the role. STS checks no other claims of GitHub Enterprise Server, so limit the branches of the environment on GitHub.`,
    action: 'sts:AssumeRoleWithWebIdentity',
    principal: { Federated: iamArn(placeOf(locationOf(location)), `oidc-provider/${issuer}`) },
    conditions: {
      StringEquals: Object.fromEntries(
        Object.entries(claims).map(([claim, value]) => [`${issuer}:${claim}`, [value]]),
      ),
    },
  }
}

function deployPolicy(deployed: Deployed): Policy {
  return {
    feature: 'deploy',
    statements: [
      {
        sid: 'SignInToEcr',
        why: 'The workflow signs in to ECR. IAM can limit this to no repository.',
        actions: ['ecr:GetAuthorizationToken'],
        resources: all,
      },
      {
        sid: 'PushImages',
        why: 'It pushes the image and reads its digest. BatchGetImage is also needed, for layers that are there and for new tags.',
        actions: [
          'ecr:BatchCheckLayerAvailability',
          'ecr:BatchGetImage',
          'ecr:CompleteLayerUpload',
          'ecr:DescribeImages',
          'ecr:GetDownloadUrlForLayer',
          'ecr:InitiateLayerUpload',
          'ecr:PutImage',
          'ecr:UploadLayerPart',
        ],
        resources: placesOf(deployed, (place) => arn('ecr', place, text`repository/${ecrRepositories}`)),
      },
      {
        sid: 'RegisterTaskDefinitions',
        why: 'It renders and registers task definitions. Those can only use the roles that PassRoles names.',
        actions: ['ecs:DescribeTaskDefinition', 'ecs:RegisterTaskDefinition'],
        resources: all,
      },
      {
        sid: 'TagWhatItCreates',
        why: 'The tag twokey-release, by which twokey recognizes the rollout, is set while a task definition or task is created.',
        actions: ['ecs:TagResource'],
        resources: distinct([
          ...placesOf(deployed, (place) => arn('ecs', place, 'task-definition/*:*')),
          ...taskArns(deployed),
        ]),
        conditions: {
          StringEquals: { 'ecs:CreateAction': [plain('RegisterTaskDefinition'), plain('RunTask')] },
        },
      },
      {
        sid: 'UpdateServices',
        why: 'It updates the services and waits for them.',
        actions: ['ecs:DescribeServices', 'ecs:UpdateService'],
        resources: distinct(deployed.flatMap(targetsOf).map(serviceArn)),
      },
      ...migrationStatements(deployed),
      {
        sid: 'PassRoles',
        why: 'It gives tasks their task role and execution role, and no others.',
        actions: ['iam:PassRole'],
        resources: placesOf(deployed, (place) => iamArn(place, text`role/${taskRoles}`)),
        conditions: { StringEquals: { 'iam:PassedToService': [plain('ecs-tasks.amazonaws.com')] } },
      },
    ],
  }
}

function migrationStatements(deployed: Deployed): readonly Statement[] {
  const clusters = migrationClusters(deployed)
  if (clusters.length === 0) return []
  return [
    {
      sid: 'RunMigrations',
      why: 'It starts the migration. The resource ends with :* because a call without a revision counts for the latest one.',
      actions: ['ecs:RunTask'],
      resources: distinct(
        deployed.flatMap(({ migration, ...location }) =>
          migration
            ? [arn('ecs', placeOf(locationOf(location)), `task-definition/${migration.family}:*`)]
            : [],
        ),
      ),
      conditions: { ArnEquals: { 'ecs:cluster': distinct(clusters.map(clusterArn)) } },
    },
    {
      sid: 'FollowMigrations',
      why: 'It waits for the migration, reads its exit code, and stops it if the run is cancelled.',
      actions: ['ecs:DescribeTasks', 'ecs:StopTask'],
      resources: taskArns(deployed),
    },
  ]
}

function taskArns(deployed: Deployed): readonly Text[] {
  return distinct([...clustersOf(deployed), ...migrationClusters(deployed)].map(tasksArn))
}

/** The workflow creates deployments as twokey does, and reads single ones, which needs a permission of its own. */
function workflowCodeDeployPolicy(deployed: Deployed): Policy {
  const wanted: Record<string, { actions: readonly string[]; why: string }> = {
    FollowDeployments: {
      actions: ['codedeploy:GetDeployment', 'codedeploy:GetDeploymentGroup'],
      why: 'The workflow waits for its deployment.',
    },
    ReadDeploymentConfigs: {
      actions: ['codedeploy:GetDeploymentConfig'],
      why: 'CodeDeploy demands it from whoever creates a deployment.',
    },
    CreateDeployments: {
      actions: ['codedeploy:CreateDeployment'],
      why: 'It creates a deployment of the new task definition.',
    },
    RegisterApplicationRevisions: {
      actions: ['codedeploy:RegisterApplicationRevision'],
      why: 'CodeDeploy demands it from whoever creates a deployment.',
    },
  }
  return {
    feature: 'codedeploy',
    statements: codeDeployPolicy(deployed).statements.flatMap((statement) => {
      const own = wanted[statement.sid]
      return own ? [{ ...statement, ...own }] : []
    }),
  }
}
