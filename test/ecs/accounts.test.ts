import { describe, expect, it } from 'vitest'
import type { AwsSandbox } from '../../sandbox/aws/server.ts'
import type { Target } from '../../src/release/names.ts'
import { account, counts, prod, source } from './account.ts'

const other = { account: '210987654321', region: 'eu-west-1' } as const

/** Two accounts with the same clusters and services. `there`: prod of the other one, by a role. */
async function twoAccounts() {
  const here = await account()
  const world = here.aws.seeded(other)
  const roleArn = here.aws.iam.addRole(other, 'twokey')
  const there: Target = { ...prod, region: other.region, roleArn }
  return { ...here, world, there, roleArn }
}

const assumed = (aws: AwsSandbox) =>
  aws.log.of('AssumeRole').map(({ body }) => (body as { RoleSessionName: string }).RoleSessionName)

describe('services of the same name in two accounts', () => {
  it('each service is read with the credentials of its account', async () => {
    const { aws, ecs, there } = await twoAccounts()
    const serving = await ecs.serving([prod, there])
    expect(serving).toMatchObject([
      { arn: 'arn:aws:ecs:ap-northeast-2:123456789012:task-definition/blog-api:43' },
      { arn: 'arn:aws:ecs:eu-west-1:210987654321:task-definition/blog-api:43' },
    ])
    expect(assumed(aws)).toEqual(['twokey'])
  })

  it('two accounts share no batch and no cache', async () => {
    const here = await twoAccounts()
    const { ecs, there } = here
    const dev = { ...prod, cluster: 'blog-cluster-dev' }
    await ecs.serving([prod, there, dev, { ...there, cluster: dev.cluster }, prod, there])
    expect(counts(here)).toMatchObject({ DescribeServices: 4, AssumeRole: 1 })
    const arn = 'arn:aws:ecs:eu-west-1:210987654321:task-definition/blog-api:43'
    const revision = await ecs.revision({ arn, location: there, source })
    expect(revision).toMatchObject({ name: 'blog-api:43', arn })
  })

  it('an update reaches one account, in a session with the name of the release', async () => {
    const { aws, world, ecs, there } = await twoAccounts()
    const revision = {
      arn: 'arn:aws:ecs:eu-west-1:210987654321:task-definition/blog-api:42',
      name: 'blog-api:42',
      commit: null,
    }
    const answer = await ecs.update({
      releaseId: 'r-k3v9',
      target: there,
      revision,
      maySend: async () => true,
    })
    expect(answer).toMatchObject({ answer: 'accepted' })
    expect(world.service(prod.cluster, prod.service)?.taskDefinition.revision).toBe(42)
    expect(aws.world.service(prod.cluster, prod.service)?.taskDefinition.revision).toBe(43)
    // The service is read first, for who deploys it.
    expect(assumed(aws)).toEqual(['twokey', 'twokey-r-k3v9'])
  })
})

describe('a role that cannot be assumed', () => {
  const serving = async ({ ecs, there }: Awaited<ReturnType<typeof twoAccounts>>) => {
    const [seen] = await ecs.serving([there])
    if (seen?.seen !== 'no') throw new Error('it was read')
    return seen.why
  }
  const look = ({ there }: { there: Target }) => ({ targets: [there], source })

  it('a role that cannot be assumed is named, with what to check', async () => {
    const here = await twoAccounts()
    here.aws.iam.deleteRole(here.roleArn)
    expect(await serving(here)).toBe(
      `AWS did not let twokey assume ${here.roleArn}: User: arn:aws:sts::123456789012:assumed-role/twokey/twokey is not authorized to perform: sts:AssumeRole on resource: ${here.roleArn}; check that the role exists, that its trust policy names the role that twokey runs as, and that this one may call sts:AssumeRole on it`,
    )
    await expect(here.ecs.before(look(here))).rejects.toMatchObject({ kind: 'terminal' })
  })

  it('a role that cannot be assumed does not concern the other accounts', async () => {
    const here = await twoAccounts()
    here.aws.iam.deleteRole(here.roleArn)
    expect(await here.ecs.serving([prod])).toMatchObject([{ seen: 'yes', name: 'blog-api:43' }])
  })

  it('an expired token of twokey’s own is to be renewed', async () => {
    const here = await twoAccounts()
    here.aws.world.token = 'expired'
    expect(await serving(here)).toBe(
      `AWS refused sts:AssumeRole on ${here.roleArn}: The security token included in the request is expired; renew the AWS credentials that twokey runs with`,
    )
  })

  it('a failure of STS passes', async () => {
    const here = await twoAccounts()
    here.aws.faults.queue('AssumeRole', { kind: 'answer', status: 503 }, { times: 3 })
    await expect(here.ecs.before(look(here))).rejects.toMatchObject({
      kind: 'passing',
      message: expect.stringContaining(`AWS did not answer sts:AssumeRole on ${here.roleArn}`),
    })
    expect(await here.ecs.serving([here.there])).toMatchObject([{ seen: 'yes' }])
  })

  it('a role that cannot be assumed proves that an update was not sent', async () => {
    const { aws, world, ecs, there, roleArn } = await twoAccounts()
    aws.iam.deleteRole(roleArn)
    const arn = 'arn:aws:ecs:eu-west-1:210987654321:task-definition/blog-api:42'
    const revision = { arn, name: 'blog-api:42', commit: null }
    const answer = await ecs.update({
      releaseId: 'r-k3v9',
      target: there,
      revision,
      maySend: async () => true,
    })
    expect(answer).toMatchObject({ answer: 'refused', reason: expect.stringContaining(roleArn) })
    expect(world.service(prod.cluster, prod.service)?.taskDefinition.revision).toBe(43)
  })
})

it('starts another session if AWS calls one expired before its time', async () => {
  const { aws, ecs, there } = await twoAccounts()
  await ecs.serving([there])
  aws.iam.expireSessions()
  expect(await ecs.serving([there])).toMatchObject([{ seen: 'yes' }])
  expect(assumed(aws)).toEqual(['twokey', 'twokey'])
})

it('does not count what a role may not read as missing in ECS, but says what to grant', async () => {
  const { world, ecs, there } = await twoAccounts()
  world.deny('ecs:DescribeServices')
  expect(await ecs.serving([there])).toMatchObject([
    {
      seen: 'no',
      why: expect.stringMatching(
        /User: arn:aws:sts::210987654321:assumed-role\/twokey\/twokey is not authorized to perform: ecs:DescribeServices/,
      ),
    },
  ])
})
