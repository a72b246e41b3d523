import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  GetOpenIDConnectProviderCommand,
  GetRoleCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam'
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { beforeEach, expect, test } from 'vitest'
import { type Aws, startForTest } from './aws-clients.ts'

let aws: Aws
/** Settings of the SDK's clients. */
let settings: ConstructorParameters<typeof IAMClient>[0] & object

beforeEach(async () => {
  aws = await startForTest()
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION } = aws.env
  settings = {
    endpoint: aws.url,
    region: AWS_REGION,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  }
})

const arn = 'arn:aws:iam::123456789012'

test('IAM returns the trust policy of a role URL-encoded', async () => {
  const { Role } = await new IAMClient(settings).send(
    new GetRoleCommand({ RoleName: 'github-actions-deploy' }),
  )
  expect(Role).toMatchObject({ Arn: `${arn}:role/github-actions-deploy`, MaxSessionDuration: 3_600 })
  expect(Role?.AssumeRolePolicyDocument).toMatch(/^%7B/)
  expect(JSON.parse(decodeURIComponent(Role!.AssumeRolePolicyDocument!))).toMatchObject({
    Statement: [{ Action: 'sts:AssumeRoleWithWebIdentity' }],
  })
})

test('IAM lists OIDC providers by ARN, and shows the audiences of each', async () => {
  const iam = new IAMClient(settings)
  const { OpenIDConnectProviderList } = await iam.send(new ListOpenIDConnectProvidersCommand({}))
  const [provider] = OpenIDConnectProviderList!
  const { Url, ClientIDList } = await iam.send(
    new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: provider!.Arn }),
  )
  expect(provider!.Arn).toBe(`${arn}:oidc-provider/${Url}`)
  expect(ClientIDList).toEqual(['sts.amazonaws.com'])
})

test('IAM simulates what a role may read', async () => {
  const secret = (name: string) => `arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:${name}`
  const { EvaluationResults } = await new IAMClient(settings).send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: `${arn}:role/ecs-execution`,
      ActionNames: ['secretsmanager:GetSecretValue'],
      ResourceArns: [secret('blog-db'), secret('other')],
    }),
  )
  expect(EvaluationResults?.map(({ EvalDecision }) => EvalDecision)).toEqual(['allowed', 'implicitDeny'])
})

test('EC2, load balancing and Secrets Manager show what services of the sandbox use', async () => {
  const { Subnets } = await new EC2Client(settings).send(
    new DescribeSubnetsCommand({ SubnetIds: ['subnet-0a1b2c3d'] }),
  )
  expect(Subnets).toMatchObject([{ SubnetId: 'subnet-0a1b2c3d', AvailableIpAddressCount: 240 }])
  const [service] = aws.world.services.values()
  const { TargetGroups } = await new ElasticLoadBalancingV2Client(settings).send(
    new DescribeTargetGroupsCommand({ TargetGroupArns: [service!.loadBalancers[0]!.targetGroupArn!] }),
  )
  expect(TargetGroups).toMatchObject([{ TargetGroupName: 'blog-api', HealthyThresholdCount: 5 }])
  const secret = await new SecretsManagerClient(settings).send(
    new DescribeSecretCommand({ SecretId: 'blog-db' }),
  )
  expect(secret.Name).toBe('blog-db')
})

test.each<[string, () => Promise<unknown>, string]>([
  [
    'a role that does not exist',
    () => new IAMClient(settings).send(new GetRoleCommand({ RoleName: 'nobody' })),
    'NoSuchEntityException',
  ],
  [
    'a subnet that does not exist',
    () => new EC2Client(settings).send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-00000000'] })),
    'InvalidSubnetID.NotFound',
  ],
  [
    'a subnet of another form',
    () => new EC2Client(settings).send(new DescribeSubnetsCommand({ SubnetIds: ['blog'] })),
    'InvalidSubnetID.Malformed',
  ],
  [
    'a filter of subnets, which the sandbox does not know',
    () =>
      new EC2Client(settings).send(
        new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: ['vpc-1'] }] }),
      ),
    'UnknownParameter',
  ],
  [
    'a target group that does not exist',
    () =>
      new ElasticLoadBalancingV2Client(settings).send(
        new DescribeTargetGroupsCommand({ TargetGroupArns: ['arn:aws:elasticloadbalancing:x'] }),
      ),
    'TargetGroupNotFoundException',
  ],
  [
    'a secret that does not exist',
    () => new SecretsManagerClient(settings).send(new DescribeSecretCommand({ SecretId: 'nothing' })),
    'ResourceNotFoundException',
  ],
])('AWS refuses %s with its own error', async (_, ask, name) => {
  await expect(ask()).rejects.toMatchObject({ name })
})

test('AWS refuses what the caller may not read', async () => {
  aws.world.deny('iam:GetRole', 'ec2:DescribeSubnets')
  await expect(
    new IAMClient(settings).send(new GetRoleCommand({ RoleName: 'github-actions-deploy' })),
  ).rejects.toMatchObject({ name: 'AccessDenied' })
  await expect(new EC2Client(settings).send(new DescribeSubnetsCommand({}))).rejects.toMatchObject({
    name: 'UnauthorizedOperation',
  })
})
