import { describe, expect, test } from 'vitest'
import type { Clone } from '../../src/init/clone.ts'
import { repositoryOf } from '../../src/init/clone.ts'
import { makePlan } from '../../src/init/make-plan.ts'
import { problemOf, type Question } from '../../src/init/question.ts'
import type { AwsInventory, SeenDefinition, SeenService } from '../../src/ports/inventory.ts'

const clone: Clone = {
  repository: 'acme/shop',
  defaultBranch: 'main',
  branches: ['main', 'develop'],
  tests: 'go',
  hasDockerfile: true,
}

const arn = (family: string) => `arn:aws-cn:ecs:cn-north-1:210987654321:task-definition/${family}:7`
const service = (cluster: string, over: Partial<SeenService> = {}): SeenService => ({
  cluster,
  service: 'shop',
  controller: 'ECS',
  definition: arn('shop'),
  ...over,
})
const shop: SeenDefinition = {
  family: 'shop',
  containers: [{ name: 'web', image: '210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn/team/shop:v1' }],
  roles: ['shop-task'],
  logGroups: ['/ecs/shop'],
}
const codeDeploy = { application: 'shop', group: 'shop-prod', container: 'web', port: 8080 }
const both = [service('shop-dev'), service('shop-prod')]

function aws(services: readonly SeenService[], definition = shop): AwsInventory {
  return {
    region: 'cn-north-1',
    account: async () => '210987654321',
    services: async () => services,
    codeDeploy: async () => codeDeploy,
    families: async () => ['shop', 'shop-migrate', 'reports'],
    definition: async (name) =>
      name === 'shop-migrate'
        ? { ...shop, family: name, containers: [{ name: 'run', image: '' }] }
        : definition,
  }
}

/** Makes a plan with these answers, else the likely ones; collects the questions. */
async function made(
  inventory: AwsInventory,
  answers: Readonly<Record<string, string>> = {},
  onGitHub: readonly string[] | null = ['Production', 'dev'],
) {
  const asked: Question[] = []
  const about = { channel: 'C0DEPLOYS', approvers: 'S0DEPLOYERS, U0BEN', ...answers }
  const { plan } = await makePlan(
    async (question) => {
      asked.push(question)
      const answer = about[question.option as keyof typeof about] ?? question.usual ?? ''
      expect(problemOf(question, answer)).toBeNull()
      return answer
    },
    { clone, aws: inventory, gitHubEnvironments: async () => onGitHub },
  )
  return { plan, asked: asked.map(({ option }) => option) }
}

describe('the questions of init', () => {
  test('init asks six questions, and two of them have no likely answer', async () => {
    const { plan, asked } = await made(aws(both))
    expect(asked).toEqual(['repository', 'production', 'development', 'migration', 'channel', 'approvers'])
    expect(plan).toMatchObject({
      service: 'shop',
      container: 'web',
      image: '210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn/team/shop',
      migration: { family: 'shop-migrate', container: 'run' },
      approvers: ['S0DEPLOYERS', 'U0BEN'],
      environments: [
        { name: 'dev', branch: 'develop', cluster: 'shop-dev', approvals: 0 },
        {
          name: 'prod',
          branch: 'main',
          githubEnvironment: 'Production',
          approvals: 2,
          deployRole: 'arn:aws-cn:iam::210987654321:role/shop-deploy-Production',
        },
      ],
    })
  })

  test('the container is asked for only if several are essential', async () => {
    const [web] = shop.containers
    const definition = { ...shop, containers: [{ name: 'envoy', image: 'envoy:1' }, web!] }
    const { plan, asked } = await made(aws(both, definition), { container: 'web' })
    expect(asked).toContain('container')
    expect(plan.image).toMatch(/team\/shop$/)
  })

  test('one service without a migration and without environments on GitHub is planned, too', async () => {
    const { plan } = await made(aws([service('main')]), { migration: 'none' }, null)
    expect(plan.migration).toBeNull()
    expect(plan.environments).toMatchObject([{ name: 'prod', githubEnvironment: 'production' }])
  })

  test('a service that CodeDeploy deploys is planned with its application and group', async () => {
    const { plan } = await made(
      aws([service('shop-prod', { controller: 'CODE_DEPLOY' }), service('shop-dev')]),
    )
    expect(plan.environments).toMatchObject([
      { name: 'dev', codeDeploy: null },
      { name: 'prod', codeDeploy },
    ])
  })

  test.each([
    ['a service of another controller', [service('shop-prod', { controller: 'EXTERNAL' })], 'EXTERNAL'],
    ['an account without services', [], 'no ECS service in cn-north-1'],
  ] as const)('init refuses %s', async (_, services, said) => {
    await expect(made(aws(services))).rejects.toThrow(said)
  })
})

test.each([
  ['git@github.com:acme/shop.git', 'acme/shop'],
  ['https://github.com/acme/shop', 'acme/shop'],
  ['https://ana@ghe.acme.example/acme/shop.git/', 'acme/shop'],
  ['ssh://git@github.com:22/acme/shop.git', 'acme/shop'],
  ['shop', null],
])('the remote %s is the repository %s', (url, repository) => {
  expect(repositoryOf(url)).toBe(repository)
})
