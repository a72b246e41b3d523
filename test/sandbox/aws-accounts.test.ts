import {
  DescribeServicesCommand,
  ECSClient,
  ListClustersCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Aws, prod, startForTest } from './aws-clients.ts'

const other = { account: '210987654321', region: 'eu-west-1' } as const

let aws: Aws
let roleArn: string

beforeEach(async () => {
  aws = await startForTest()
  aws.seeded(other)
  roleArn = aws.iam.addRole(other, 'twokey')
})

function sts(): STSClient {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = aws.env
  return new STSClient({
    endpoint: aws.url,
    region: other.region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  })
}

async function assumed(region: string = other.region) {
  const { Credentials } = await sts().send(
    new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'twokey-r-1' }),
  )
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!
  const credentials = {
    accessKeyId: AccessKeyId!,
    secretAccessKey: SecretAccessKey!,
    sessionToken: SessionToken!,
  }
  return new ECSClient({ endpoint: aws.url, region, credentials, maxAttempts: 1 })
}

const services = { cluster: prod.cluster, services: [prod.service] }

describe('a role of another account', () => {
  it('a session reads the services of its account', async () => {
    const ecs = await assumed()
    const there = await ecs.send(new DescribeServicesCommand(services))
    expect(there.services?.[0]?.serviceArn).toBe(
      'arn:aws:ecs:eu-west-1:210987654321:service/blog-cluster-prod/blog-api',
    )
    const here = await aws.ecs.send(new DescribeServicesCommand(services))
    expect(here.services?.[0]?.serviceArn).toBe(
      'arn:aws:ecs:ap-northeast-2:123456789012:service/blog-cluster-prod/blog-api',
    )
  })

  it('another region of the account has no clusters', async () => {
    const ecs = await assumed('ap-northeast-2')
    expect((await ecs.send(new ListClustersCommand({}))).clusterArns).toEqual([])
  })

  it('the caller is named by its role and session', async () => {
    const { Arn, Account } = await sts().send(new GetCallerIdentityCommand({}))
    expect({ Arn, Account }).toEqual({
      Arn: 'arn:aws:sts::123456789012:assumed-role/twokey/twokey',
      Account: '123456789012',
    })
    await assumed()
    expect(aws.iam.sessions[0]?.caller.arn).toBe('arn:aws:sts::210987654321:assumed-role/twokey/twokey-r-1')
  })

  it('a session does not accept the ARNs of another account', async () => {
    const ecs = await assumed()
    const taskDefinition = 'arn:aws:ecs:ap-northeast-2:123456789012:task-definition/blog-api:42'
    await expect(ecs.send(new UpdateServiceCommand({ ...prod, taskDefinition }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid identifier: Identifier is for 123456789012. Your accountId is 210987654321',
    })
  })

  it('a session that has expired is refused', async () => {
    const ecs = await assumed()
    aws.iam.expireSessions()
    await expect(ecs.send(new ListClustersCommand({}))).rejects.toMatchObject({
      name: 'ExpiredTokenException',
    })
  })
})

describe('AssumeRole is refused', () => {
  const assume = (input: Partial<ConstructorParameters<typeof AssumeRoleCommand>[0]>) =>
    sts().send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'twokey', ...input }))

  it('for a role that does not trust the caller, as for one that does not exist', async () => {
    const closed = aws.iam.addRole(other, 'closed', { trusts: [] })
    for (const RoleArn of [closed, `${roleArn}-2`])
      await expect(assume({ RoleArn })).rejects.toMatchObject({
        name: 'AccessDenied',
        message: `User: arn:aws:sts::123456789012:assumed-role/twokey/twokey is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
        $metadata: { httpStatusCode: 403 },
      })
  })

  it.each([
    ['a session name with a space', { RoleSessionName: 'two key' }],
    ['a session name of 65 characters', { RoleSessionName: 'a'.repeat(65) }],
    ['an ARN of something else', { RoleArn: 'arn:aws:iam::210987654321:user/ana' }],
    ['a session of ten minutes', { DurationSeconds: 600 }],
    ['a session that is longer than the role allows', { DurationSeconds: 7_200 }],
  ])('with %s', async (_, input) => {
    await expect(assume(input)).rejects.toMatchObject({ name: 'ValidationError' })
  })

  it('with an expired token', async () => {
    aws.world.token = 'expired'
    await expect(assume({})).rejects.toMatchObject({ name: 'ExpiredToken' })
  })
})
