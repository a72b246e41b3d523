import { describe, expect } from 'vitest'
import { home } from '../../sandbox/aws/arn.ts'
import { configText, type Harness, scenario } from './harness.ts'

const other = { account: '210987654321', region: 'eu-west-1' } as const
const service = { cluster: 'blog-cluster-prod', service: 'blog-api' } as const

/** Adds a role for prod to the config. */
const withRole = ({ account, region }: typeof other | typeof home, text = configText) =>
  text.replace(
    'branch: main',
    `branch: main\n    aws: { region: ${region}, roleArn: "arn:aws:iam::${account}:role/twokey" }`,
  )

/** `blog-api` of the same cluster in two accounts: dev in twokey's own, prod in the other one. */
const sameNames = withRole(other).replace('cluster: blog-cluster-dev', 'cluster: blog-cluster-prod')

const inTwoAccounts = scenario.extend<{ config: string }>({ config: sameNames })

function openOther({ sandbox: { aws } }: Harness) {
  const roleArn = aws.iam.addRole(other, 'twokey')
  return { roleArn, world: aws.seeded(other) }
}

const revisionIn = (world: Harness['sandbox']['aws']['world']) =>
  world.service(service.cluster, service.service)?.taskDefinition.taskDefinitionArn

describe.concurrent('one twokey for two accounts with the same clusters and services', () => {
  inTwoAccounts(
    'a rollback changes the service of its own account only, and each has its own lane',
    async ({ harness }) => {
      const { aws } = harness.sandbox
      const { world } = openOther(harness)
      await harness.types('U0ANA', '/rollback blog-api 42 prod')
      await harness.shows('awaiting approval')
      await harness.types('U0ANA', '/rollback blog-api 41 dev')
      expect(await harness.ends()).toBe('succeeded')
      expect(revisionIn(aws.world)).toBe(
        'arn:aws:ecs:ap-northeast-2:123456789012:task-definition/blog-api:41',
      )
      const [card] = harness.cards()
      await harness.clicks('U0BEN', 'approve', card)
      await harness.sandbox.slack.until(() => harness.cards()[0]?.text.includes('succeeded'))
      expect(revisionIn(world)).toBe('arn:aws:ecs:eu-west-1:210987654321:task-definition/blog-api:42')
      const sessions = aws.iam.sessions.map(({ name }) => name)
      expect(sessions).toEqual(['twokey', expect.stringMatching(/^twokey-r-[a-z0-9]+$/)])
    },
  )

  inTwoAccounts(
    'a role that cannot be assumed is named to the requester, and nothing starts',
    async ({ harness }) => {
      const { aws } = harness.sandbox
      const { roleArn } = openOther(harness)
      aws.iam.deleteRole(roleArn)
      expect(await harness.answerTo('U0ANA', '/rollback blog-api 42 prod')).toMatch(
        /AWS did not let twokey assume arn.*210987654321:role\/twokey: .* check that the role exists/,
      )
      expect(harness.cards()).toEqual([])
    },
  )
})

describe.concurrent('one ECS service that twokey.yml reaches by a role later', () => {
  scenario(
    'a deploy that awaits approval while the role is added goes on and keeps its lane',
    async ({ harness }) => {
      harness.sandbox.aws.iam.addRole(home, 'twokey')
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      await harness.restarts(withRole(home))
      await harness.answerTo('U0BEN', '/deploy prod')
      expect(harness.cards()).toHaveLength(1)
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('succeeded')
    },
  )
})
