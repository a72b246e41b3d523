import { describe, expect, it } from 'vitest'
import type { Fault } from '../../sandbox/faults.ts'
import { connectEcs } from '../../src/aws/ecs/connect.ts'
import { asking } from '../../src/aws/ecs/offered.ts'
import { isDenied, isNotOffered } from '../../src/aws/ecs/trouble.ts'
import { account, hasAll, prod, serviceEnvironment, source } from './account.ts'

const html = { 'content-type': 'text/html' }
const page: Fault = { kind: 'answer', status: 404, body: '<html>Not Found</html>', headers: html }
const failure: Fault = { kind: 'answer', status: 500, body: '<html>Server Error</html>', headers: html }
const always = { times: 1_000 }

const target = { serviceEnvironment, target: prod, number: 42, source, serving: null } as const

describe('an AWS endpoint that lacks an operation', () => {
  const answers: readonly (readonly [string, number, string | object, string])[] = [
    ['UnknownOperationException', 400, { __type: 'UnknownOperationException' }, 'application/json'],
    ['InvalidAction', 400, { __type: 'InvalidAction', message: 'not valid for this' }, 'application/json'],
    ['InvalidAction in XML', 400, '<Error><Code>InvalidAction</Code></Error>', 'text/xml'],
    ['404 with a page', 404, '<html>Not Found</html>', 'text/html'],
    ['404 in words', 404, 'Not found', 'text/plain'],
    ['404 without a type', 404, {}, 'application/json'],
    ['405 with a page', 405, '<html>Method Not Allowed</html>', 'text/html'],
    ['501', 501, { message: 'API for service ecs not yet implemented' }, 'application/json'],
    ['501 with a page', 501, '<html>Not Implemented</html>', 'text/html'],
    [
      '500 that says so',
      500,
      { __type: 'InternalFailure', message: 'The action has not been implemented' },
      'application/json',
    ],
  ]

  it.each(answers)(
    'explains a missing operation (%s), without advice to check names',
    async (_, status, body, type) => {
      const { aws, ecs } = await account()
      const headers = { 'content-type': type }
      aws.faults.queue('ListServiceDeployments', { kind: 'answer', status, body, headers }, always)
      const asked = [
        ecs.inspect({ ...target, ranWell: [] }),
        ecs.past({ target: prod, source, limit: 5, serving: null }),
      ]
      for (const outcome of await Promise.allSettled(asked))
        expect(outcome).toMatchObject({
          status: 'rejected',
          reason: {
            kind: 'terminal',
            message: expect.stringMatching(/does not offer ecs:ListServiceDeployments.*deployed itself/),
          },
        })
      expect(JSON.stringify(await Promise.allSettled(asked))).not.toContain('config file')
    },
  )

  it('accepts a rollback to what twokey itself saw succeed, without the operation', async () => {
    const { aws, ecs } = await account()
    aws.faults.queue('ListServiceDeployments', page, always)
    aws.faults.queue('DescribeServiceRevisions', page, always)
    const arn = aws.world.taskDefinitions.find(({ revision }) => revision === 42)!.taskDefinitionArn
    const found = await ecs.inspect({ ...target, ranWell: [arn] })
    expect(found).toMatchObject({ revision: { name: 'blog-api:42' } })
  })

  it('reports the difference from what serves without digests, without the operation', async () => {
    const { aws, ecs } = await account()
    const arnOf = (number: number) =>
      aws.world.taskDefinitions.find(({ revision }) => revision === number)!.taskDefinitionArn
    aws.faults.queue('ListServiceDeployments', page, always)
    aws.faults.queue('DescribeServiceRevisions', page, always)
    const serving = { name: 'blog-api:43', arn: arnOf(43), commit: null }
    const found = await ecs.inspect({ ...target, ranWell: [arnOf(42)], serving })
    expect(found).toMatchObject({ difference: { known: true } })
  })

  it('refuses a revision that does not exist, without the operation', async () => {
    const { aws, ecs } = await account()
    aws.faults.queue('ListServiceDeployments', page, always)
    expect(await ecs.inspect({ ...target, number: 977, ranWell: [] })).toMatchObject({
      refused: { code: 'revision_unknown' },
    })
  })

  it('names a missing operation that has no fallback', async () => {
    const { aws, ecs } = await account()
    aws.faults.queue('DescribeServices', page, always)
    await expect(ecs.before({ targets: [prod], source })).rejects.toMatchObject({
      kind: 'terminal',
      message: expect.stringContaining('AWS does not offer ecs:DescribeServices'),
    })
  })
})

describe('an operation that AWS offers', () => {
  it.each([
    ['404', page, 1],
    ['500', failure, 3],
  ] as const)('is passing trouble without fallback if it answers a page with %s', async (_, fault, times) => {
    const { aws, ecs } = await account()
    await ecs.past({ target: prod, source, limit: 1, serving: null })
    aws.faults.queue('ListServiceDeployments', fault, { times })
    const asked = ecs.past({ target: prod, source, limit: 1, serving: null })
    await expect(asked).rejects.toMatchObject({ kind: 'passing' })
    await expect(asked).rejects.not.toSatisfy(isDenied)
    expect(await ecs.past({ target: prod, source, limit: 1, serving: null })).toHaveLength(1)
  })

  it('an update that is answered with an HTML page is unclear', async () => {
    const { aws } = await account()
    const ecs = connectEcs(hasAll, { logLagMs: 1 })
    const revision = { name: 'blog-api:42', arn: 'arn:42', commit: null }
    for (const status of [404, 500, 501]) {
      aws.faults.queue('UpdateService', { kind: 'answer', status, body: '<html>', headers: html })
      expect(
        await ecs.update({ releaseId: 'r-k3v9', target: prod, revision, maySend: async () => true }),
      ).toMatchObject({
        answer: 'unclear',
      })
    }
  })
})

describe('a page with status 500 for an operation that was not answered before', () => {
  const list = { target: prod, source, limit: 1, serving: null } as const

  it('a page with status 500 is retried before the operation counts as missing', async () => {
    const { aws, ecs } = await account()
    aws.faults.queue('ListServiceDeployments', failure, always)
    for (let times = 0; times < 3; times += 1) await expect(ecs.past(list)).rejects.toSatisfy(isNotOffered)
    await expect(ecs.past(list)).rejects.toThrow(/HTTP 500, what came back was not JSON/)
    expect(aws.log.of('ListServiceDeployments')).toHaveLength(3 * 3)
  })

  it('a page with status 500 is retried until the operation answers again', async () => {
    const { aws, ecs } = await account()
    aws.faults.queue('ListServiceDeployments', failure, { times: 4 })
    expect(await ecs.past(list)).toHaveLength(1)
  })

  it.each<[string, Fault]>([
    ['by AWS', { kind: 'answer', status: 500, body: { __type: 'ServerException' } }],
    ['in JSON without a type', { kind: 'answer', status: 500, body: { message: 'Internal server error' } }],
    ['in JSON that is cut off', { kind: 'answer', status: 500, body: '{"__type":"Serv' }],
  ])('a page with status 500 %s is passing trouble, however often it comes', async (_, given) => {
    const { aws, ecs } = await account()
    const fault =
      given.kind === 'answer' ? { ...given, headers: { 'content-type': 'application/json' } } : given
    aws.faults.queue('ListServiceDeployments', fault, always)
    for (let times = 0; times < 6; times += 1)
      await expect(ecs.past(list)).rejects.toMatchObject({ kind: 'passing' })
  })
})

/** An error as the SDK throws it. */
function thrown(status: number, answeredBy = 'localhost', type = 'text/html'): Error {
  const $response = { answeredBy, headers: { 'content-type': type } }
  return Object.assign(new SyntaxError('<html>'), { $metadata: { httpStatusCode: status }, $response })
}

const fails = (error: Error) => () => Promise.reject(error)

/** An `asking` function with a clock that stands still. */
function asked() {
  const clock = { now: 0 }
  return { clock, ask: asking({ now: () => clock.now, pause: async () => {} }) }
}

describe('requests of a missing operation', () => {
  it('does not request a missing operation again for one minute', async () => {
    let sent = 0
    const { ask, clock } = asked()
    const send = async () => {
      sent += 1
      throw thrown(404)
    }
    for (clock.now of [0, 1_000, 59_999]) await expect(ask('ecs:X', send)).rejects.toSatisfy(isNotOffered)
    expect(sent).toBe(1)
    clock.now = 60_000
    await expect(ask('ecs:X', send)).rejects.toSatisfy(isNotOffered)
    expect(sent).toBe(2)
    expect(await ask('ecs:Y', async () => 'other')).toBe('other')
  })
})

describe('when an operation counts as missing', () => {
  const passes = { kind: 'passing' }
  const well = async () => 'well'

  it('an operation does not count as missing if no other operation was answered within a minute', async () => {
    const { ask, clock } = asked()
    await expect(ask('ecs:X', fails(thrown(500)))).rejects.toMatchObject(passes)
    await ask('ecs:Y', well)
    clock.now = 60_000
    await expect(ask('ecs:X', fails(thrown(500)))).rejects.toMatchObject(passes)
    await ask('ecs:Y', well)
    await expect(ask('ecs:X', fails(thrown(500)))).rejects.toSatisfy(isNotOffered)
  })

  it.each([
    'ecs.eu-west-1.amazonaws.com',
    'ecs.cn-north-1.amazonaws.com.cn',
    'ecs.eu-west-1.api.aws',
    'vpce-1a2b.ecs.eu-west-1.vpce.amazonaws.com',
  ])('an operation does not count as missing if the page comes from AWS itself, %s', async (host) => {
    const { ask } = asked()
    await ask('ecs:Y', well)
    for (const status of [404, 405, 500, 501])
      await expect(ask('ecs:X', fails(thrown(status, host)))).rejects.toMatchObject(passes)
  })

  it('an operation counts as missing if the host of the page only looks like AWS', async () => {
    const { ask } = asked()
    await expect(ask('ecs:X', fails(thrown(404, 'ecs.amazonaws.com.example')))).rejects.toSatisfy(
      isNotOffered,
    )
  })

  it('an operation does not count as missing once it was answered, whatever the page', async () => {
    const { ask } = asked()
    await ask('ecs:X', well)
    for (const status of [404, 500, 501])
      await expect(ask('ecs:X', fails(thrown(status)))).rejects.toMatchObject(passes)
  })
})
