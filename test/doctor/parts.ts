import { readFileSync } from 'node:fs'
import type { Service, TaskDefinition } from '@aws-sdk/client-ecs'
import { definitionSeen } from '../../src/aws/doctor/definition.ts'
import { settingsSeen } from '../../src/aws/doctor/service.ts'
import { parseConfig } from '../../src/config/load.ts'
import { settingsOf } from '../../src/config/settings.ts'
import { assumesRole, deployJobs } from '../../src/doctor/checks/steps.ts'
import { accountsIn, channelsIn, policiesIn } from '../../src/doctor/named.ts'
import {
  type DeployedSeen,
  isRoleArn,
  type NeededSeen,
  type Seen,
  type SignInSeen,
} from '../../src/doctor/seen.ts'
import { workflowsSeen } from '../../src/github/jobs-seen.ts'
import { gitHubIssuer } from '../../src/iam/issuer.ts'
import type {
  EnvironmentSeen,
  FailedSignIn,
  LostImageSeen,
  SecretSeen,
  SubjectSeen,
  TargetGroupSeen,
} from '../../src/ports/doctor.ts'
import type { Gate } from '../../src/ports/gates.ts'
import { Trouble } from '../../src/ports/ports.ts'
import type { ChannelSeen, GitHubAccount } from '../../src/ports/setup.ts'
import { bindingRules, targetsOf } from '../../src/settings/settings.ts'

/** A setup as GitHub, AWS and Slack would return it. What a test leaves out is in order. */
export type Parts = {
  readonly config?: string
  /** Files of `.github/workflows` on the branch; null: none can be read. */
  readonly workflows?: Readonly<Record<string, string>> | null
  readonly environment?: EnvironmentSeen | null
  readonly gate?: Gate
  readonly service?: Partial<Service> | null
  readonly definition?: Partial<TaskDefinition>
  readonly migration?: Partial<TaskDefinition> | null
  readonly rolloutMinutes?: readonly number[]
  readonly account?: GitHubAccount
  readonly channel?: Partial<ChannelSeen> | null
  readonly groupMembers?: number
  readonly eligible?: number
  /** The trust policy of the deploy role; null: there is no such role. */
  readonly trust?: object | null
  readonly maxSessionSeconds?: number
  readonly audiences?: readonly string[] | null
  readonly subject?: Partial<SubjectSeen>
  readonly issuer?: string
  readonly failed?: FailedSignIn | null
  readonly free?: readonly number[]
  readonly targetGroup?: Partial<TargetGroupSeen>
  readonly missingLogGroups?: readonly string[]
  readonly secrets?: readonly SecretSeen[]
  readonly refusedSecrets?: readonly string[]
  readonly lostImages?: readonly LostImageSeen[]
  readonly clockAheadMs?: number
}

export const config = `slack:
  channel: C0DEPLOYS
people:
  - { slack: [U0ANN], github: ann }
  - { slack: [U0BEN], github: ben }
environments:
  prod:
    branch: main
    githubEnvironment: production
    approvals: { required: 2, approvers: [S0DEPLOYERS] }
services:
  blog-api:
    repository: myorg/blog-api
    workflow: deploy.yml
    containers: [api]
    migration: { family: blog-api-migrate }
    environments:
      prod: { cluster: blog-cluster-prod, service: blog-api }
`

/** A workflow of the sandbox, which a team has. */
export function sandboxWorkflow(name: string): string {
  return readFileSync(new URL(`../../sandbox/github/workflows/${name}`, import.meta.url), 'utf8')
}

/** A text with replacements, each of which it has to contain. */
export function edited(text: string, ...edits: readonly (readonly [from: string, to: string])[]): string {
  return edits.reduce((all, [from, to]) => {
    if (!all.includes(from)) throw new Error(`there is no ${from}`)
    return all.replaceAll(from, to)
  }, text)
}

export const registry = '123456789012.dkr.ecr.ap-northeast-2.amazonaws.com'

/** As ECS describes it. */
export const definition: TaskDefinition = {
  family: 'blog-api',
  revision: 42,
  networkMode: 'awsvpc',
  executionRoleArn: 'arn:aws:iam::123456789012:role/blog-api-execution',
  taskRoleArn: 'arn:aws:iam::123456789012:role/blog-api-task',
  containerDefinitions: [
    {
      name: 'api',
      essential: true,
      image: `${registry}/blog-api:3f2c1ab9d5e84c60a7b1f2d3e4c5b6a798012345`,
      environment: [
        { name: 'NODE_ENV', value: 'production' },
        { name: 'PORT', value: '8080' },
      ],
      secrets: [
        {
          name: 'DATABASE_URL',
          valueFrom: 'arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:blog/db-Ab12Cd',
        },
      ],
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': '/ecs/blog-api',
          'awslogs-region': 'ap-northeast-2',
          'awslogs-stream-prefix': 'ecs',
        },
      },
    },
  ],
}

const migration: TaskDefinition = {
  ...definition,
  family: 'blog-api-migrate',
  revision: 7,
  containerDefinitions: [
    {
      ...definition.containerDefinitions![0],
      name: 'migrate',
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': '/ecs/blog-api-migrate',
          'awslogs-region': 'ap-northeast-2',
          'awslogs-stream-prefix': 'ecs',
        },
      },
    },
  ],
}

/** As ECS describes it. */
const service: Service = {
  serviceName: 'blog-api',
  status: 'ACTIVE',
  desiredCount: 2,
  deploymentConfiguration: {
    strategy: 'ROLLING',
    maximumPercent: 200,
    minimumHealthyPercent: 100,
    deploymentCircuitBreaker: { enable: true, rollback: true },
  },
  healthCheckGracePeriodSeconds: 60,
  loadBalancers: [
    {
      targetGroupArn:
        'arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/blog-api/0123456789abcdef',
      containerName: 'api',
      containerPort: 8080,
    },
  ],
  networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0a1b2c3d', 'subnet-0e4f5a6b'] } },
  events: [],
}

/** The trust policy that `twokey iam` prints, with changes to its conditions. */
export function trustPolicy(
  conditions: object = {
    StringEquals: {
      [`${gitHubIssuer}:aud`]: 'sts.amazonaws.com',
      [`${gitHubIssuer}:environment`]: 'production',
      [`${gitHubIssuer}:ref`]: 'refs/heads/main',
      [`${gitHubIssuer}:repository_id`]: '701234567',
      [`${gitHubIssuer}:sub`]: 'repo:myorg/blog-api:environment:production',
    },
  },
  issuer: string = gitHubIssuer,
) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${issuer}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: conditions,
      },
    ],
  }
}

function signInOf(
  parts: Parts,
  { serviceEnvironment, workflows }: Pick<DeployedSeen, 'serviceEnvironment' | 'workflows'>,
): SignInSeen | null {
  const jobs = 'value' in workflows ? deployJobs(serviceEnvironment, workflows.value) : []
  const role = jobs.flatMap(({ steps }) => steps.filter(assumesRole))[0]?.with['role-to-assume']
  if (role === undefined) return null
  const { trust = trustPolicy(), audiences = ['sts.amazonaws.com'], failed = null } = parts
  return {
    role,
    subject: {
      value: { repositoryId: '701234567', prefix: 'repo:myorg/blog-api', claims: null, ...parts.subject },
    },
    seen: {
      value:
        trust === null || !isRoleArn(role)
          ? null
          : {
              arn: role,
              trustPolicy: encodeURIComponent(JSON.stringify(trust)),
              maxSessionSeconds: parts.maxSessionSeconds ?? 3_600,
            },
    },
    audiences: { value: audiences },
    failed: { value: failed },
  }
}

/** What doctor reads of a setup. */
export function seenOf(parts: Parts): Seen {
  const loaded = parseConfig(parts.config ?? config)
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  const settings = settingsOf(loaded.config, 'ap-northeast-2')
  const {
    workflows = { 'deploy.yml': sandboxWorkflow('pipeline.yml') },
    environment = { administratorsBypass: false, rules: 2, branches: ['main'] },
    gate = { gate: 'twokey', bypass: 'nobody' },
    account = { is: 'user', login: 'twokey-bot' },
    rolloutMinutes = [4, 5],
    groupMembers = 4,
    eligible = 4,
  } = parts
  const files = new Map(
    Object.entries(workflows ?? {}).map(([name, text]) => [`.github/workflows/${name}`, text]),
  )
  const needed: NeededSeen = {
    missingLogGroups: { value: parts.missingLogGroups ?? [] },
    secrets: { value: parts.secrets ?? [{ name: 'blog/db', is: 'there' }] },
    refusedSecrets: { value: parts.refusedSecrets ?? [] },
    lostImages: { value: parts.lostImages ?? [] },
  }
  const deployed = settings.serviceEnvironments.map((serviceEnvironment): DeployedSeen => {
    const rules = bindingRules(settings, serviceEnvironment, {
      sha: '3f2c1ab9d5e84c60a7b1f2d3e4c5b6a798012345',
      releaseId: 'r-1',
      requester: 'U0ANN',
    })
    const read =
      workflows === null
        ? { trouble: new Trouble('terminal', 'GitHub answered GET /repos/myorg/blog-api: Not Found (404)') }
        : { value: workflowsSeen(files, { ...serviceEnvironment, rules }) }
    return {
      serviceEnvironment,
      workflows: read,
      neededByMigration: needed,
      signIn: signInOf(parts, { serviceEnvironment, workflows: read }),
      environment: { value: environment },
      gate: { value: gate },
      services: targetsOf(serviceEnvironment).map((target) => ({
        target,
        needed,
        subnets: {
          value: (parts.free ?? [200, 200]).map((free, index) => ({ id: `subnet-${index}`, free })),
        },
        targetGroups: {
          value: [
            {
              name: 'blog-api',
              intervalSeconds: 30,
              healthyThreshold: 5,
              unhealthyThreshold: 2,
              ...parts.targetGroup,
            },
          ],
        },
        seen: {
          value:
            parts.service === null
              ? null
              : {
                  ...settingsSeen({ ...service, ...parts.service }),
                  rolloutsMs: rolloutMinutes.map((minutes) => minutes * 60_000),
                  definition: definitionSeen({ ...definition, ...parts.definition }),
                },
        },
      })),
      migration: {
        value: parts.migration === null ? null : definitionSeen({ ...migration, ...parts.migration }),
      },
    }
  })
  const channel: ChannelSeen = {
    name: 'deploys',
    isMember: true,
    isArchived: false,
    isShared: false,
    ...parts.channel,
  }
  return {
    deployed,
    issuer: parts.issuer ?? gitHubIssuer,
    clockAheadMs: parts.clockAheadMs ?? 0,
    account: { value: account },
    channels: channelsIn('C0DEPLOYS', settings).map((named) => ({
      named,
      seen: { value: parts.channel === null ? null : channel },
    })),
    groups: accountsIn(settings).groups.map((id) => ({
      id,
      seen: { value: { handle: 'deployers', members: groupMembers } },
    })),
    policies: policiesIn(settings).map((named) => ({
      named,
      seen: {
        value: { persons: eligible, accounts: [], groups: [], looked: eligible, candidates: eligible },
      },
    })),
  }
}
