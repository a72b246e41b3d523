import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../sandbox/faults.ts'
import { connectEcs } from '../../src/aws/ecs/connect.ts'
import { type Account, account, hasAll, prod, source } from './account.ts'

const revision = (number: number) => ({
  name: `blog-api:${number}`,
  arn: `arn:aws:ecs:ap-northeast-2:123456789012:task-definition/blog-api:${number}`,
  commit: null,
})
const error = (status: number, type: string): Fault => ({
  kind: 'answer',
  status,
  body: { __type: type, message: 'It is so.' },
})

describe('update of a service', () => {
  it('sends the revision and nothing else, and returns the new deployment', async () => {
    const { ecs, aws } = await account()
    const answer = await ecs.update({
      releaseId: 'r-k3v9',
      target: prod,
      revision: revision(42),
      maySend: async () => true,
    })
    const primary = aws.world.service(prod.cluster, prod.service)!.deployments[0]!
    expect(answer).toEqual({
      to: 'update',
      target: prod,
      answer: 'accepted',
      deploymentId: `ecs-svc/${primary.revision.number}`,
    })
    expect(aws.log.of('UpdateService').map(({ body }) => body)).toEqual([
      { ...prod, taskDefinition: revision(42).arn },
    ])
  })

  it.each<[string, Fault, string]>([
    ['a client error', error(400, 'ClientException'), 'refused'],
    ['a wrong parameter', error(400, 'InvalidParameterException'), 'refused'],
    ['no permission', error(400, 'AccessDeniedException'), 'refused'],
    ['no such service', error(400, 'ServiceNotFoundException'), 'refused'],
    ['a service that is being deleted', error(400, 'ServiceNotActiveException'), 'refused'],
    ['an expired token', error(400, 'ExpiredTokenException'), 'refused'],
    ['throttling', error(400, 'ThrottlingException'), 'unclear'],
    ['a server error', error(500, 'ServerException'), 'unclear'],
    ['a server error after it was carried out', { kind: 'lost-after', status: 500 }, 'unclear'],
    ['a cut line after it was carried out', { kind: 'lost' }, 'unclear'],
    ['a cut line before', { kind: 'reset' }, 'unclear'],
    ['an answer that names no deployment', { kind: 'answer', status: 200, body: {} }, 'unclear'],
  ])('sends an update once and answers after %s', async (_, fault, answer) => {
    const { ecs, aws } = await account()
    aws.faults.queue('UpdateService', fault)
    expect(
      await ecs.update({
        releaseId: 'r-k3v9',
        target: prod,
        revision: revision(42),
        maySend: async () => true,
      }),
    ).toMatchObject({
      to: 'update',
      answer,
      reason: expect.any(String),
    })
    expect(aws.log.of('UpdateService')).toHaveLength(1)
  })

  it('an update that exceeds its time limit is unclear', async () => {
    const { ecs, aws } = await account({ requestTimeoutMs: 50 })
    aws.faults.queue('UpdateService', { kind: 'delay', ms: 200 })
    expect(
      await ecs.update({
        releaseId: 'r-k3v9',
        target: prod,
        revision: revision(42),
        maySend: async () => true,
      }),
    ).toMatchObject({
      answer: 'unclear',
    })
  })

  it('ECS refuses an update to a deregistered revision', async () => {
    const { ecs } = await account()
    expect(
      await ecs.update({
        releaseId: 'r-k3v9',
        target: prod,
        revision: revision(40),
        maySend: async () => true,
      }),
    ).toMatchObject({
      answer: 'refused',
    })
  })
})

describe('errors of a read', () => {
  const readOf = ({ ecs }: Pick<Account, 'ecs'>) => ecs.before({ targets: [prod], source })

  it.each<[string, (here: Account) => void, RegExp]>([
    ['no permission', ({ aws }) => aws.world.deny('ecs:DescribeServices'), /grant ecs:DescribeServices/],
    [
      'another permission missing',
      ({ aws }) =>
        aws.faults.queue('DescribeServices', {
          kind: 'answer',
          status: 400,
          body: {
            __type: 'AccessDeniedException',
            message: 'User: x is not authorized to perform: kms:Decrypt on y',
          },
        }),
      /grant kms:Decrypt/,
    ],
    [
      'an expired token',
      ({ aws }) => {
        aws.world.token = 'expired'
      },
      /ecs:DescribeServices.*renew the AWS credentials/,
    ],
    [
      'a key that AWS does not know',
      ({ aws }) => aws.faults.queue('DescribeServices', error(400, 'UnrecognizedClientException')),
      /check the AWS credentials/,
    ],
    ['no such cluster', ({ aws }) => aws.world.clusters.clear(), /check the cluster/],
  ])('a read that fails for %s is terminal trouble with advice', async (_, arrange, sentence) => {
    const here = await account()
    arrange(here)
    await expect(readOf(here)).rejects.toMatchObject({
      name: 'Trouble',
      kind: 'terminal',
      message: expect.stringMatching(sentence),
    })
  })

  it.each<[string, Fault, RegExp]>([
    ['throttling', error(400, 'ThrottlingException'), /throttled ecs:DescribeServices/],
    ['a server error', error(500, 'ServerException'), /did not answer ecs:DescribeServices/],
    ['a cut line', { kind: 'reset' }, /did not answer ecs:DescribeServices/],
  ])('a read that fails for %s is passing trouble after three attempts', async (_, fault, sentence) => {
    const here = await account()
    here.aws.faults.queue('DescribeServices', fault, { times: 3 })
    await expect(readOf(here)).rejects.toMatchObject({
      kind: 'passing',
      message: expect.stringMatching(sentence),
    })
    expect(here.aws.log.of('DescribeServices')).toHaveLength(3)
  })

  it('retries a read after one failure', async () => {
    const here = await account()
    here.aws.faults.queue('DescribeServices', error(500, 'ServerException'))
    expect(await readOf(here)).toHaveLength(1)
  })

  it.each([200, 502])(
    'an HTML page with status %i is passing trouble for a read, and unclear for an update',
    async (status) => {
      await account()
      const proxy = createServer((_, answer) => answer.writeHead(status).end('<html>Bad gateway</html>'))
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
      const ecs = connectEcs(hasAll, {
        endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      })
      await expect(readOf({ ecs })).rejects.toMatchObject({ name: 'Trouble', kind: 'passing' })
      expect(
        await ecs.update({
          releaseId: 'r-k3v9',
          target: prod,
          revision: revision(42),
          maySend: async () => true,
        }),
      ).toMatchObject({
        answer: 'unclear',
      })
      await new Promise((resolve) => proxy.close(resolve))
    },
  )

  it('a missing endpoint address is passing trouble', async () => {
    await account()
    const ecs = connectEcs(hasAll, { endpoint: 'http://127.0.0.1:1' })
    await expect(readOf({ ecs })).rejects.toMatchObject({ kind: 'passing' })
  })
})
