import { describe, expect, it } from 'vitest'
import { connectEcs } from '../../src/ecs/connect.ts'
import { asking } from '../../src/ecs/offered.ts'
import { isDenied, isNotOffered } from '../../src/ecs/trouble.ts'
import type { Fault } from '../../src/sandbox/faults.ts'
import { account, hasAll, place, prod, source } from './account.ts'

const html = { 'content-type': 'text/html' }
const page: Fault = { kind: 'answer', status: 500, body: '<html>Internal Server Error</html>', headers: html }
const unknown: Fault = { kind: 'answer', status: 400, body: { __type: 'UnknownOperationException' } }
const always = { times: 1_000 }

const target = { place, target: prod, number: 42, source, serving: null } as const

describe('an AWS that lacks an operation', () => {
  it.each([
    ['a page of HTML', page],
    ['UnknownOperationException', unknown],
  ])('says so (%s), and not to check any names', async (_, fault) => {
    const { aws, ecs } = await account()
    aws.faults.queue('ListServiceDeployments', fault, always)
    const asked = [
      ecs.rollbackTarget({ ...target, ranWell: [] }),
      ecs.past({ target: prod, source, limit: 5, serving: null }),
    ]
    for (const outcome of await Promise.allSettled(asked))
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: {
          kind: 'terminal',
          message: expect.stringMatching(/does not offer ecs:ListServiceDeployments.*rolled out well itself/),
        },
      })
    expect(JSON.stringify(await Promise.allSettled(asked))).not.toContain('config file')
  })

  it('lets go back to what twokey itself saw run well', async () => {
    const { aws, ecs } = await account()
    aws.faults.queue('ListServiceDeployments', page, always)
    aws.faults.queue('DescribeServiceRevisions', page, always)
    const arn = aws.world.taskDefinitions.find(({ revision }) => revision === 42)!.taskDefinitionArn
    const found = await ecs.rollbackTarget({ ...target, ranWell: [arn] })
    expect(found).toMatchObject({ revision: { name: 'blog-api:42' } })
  })

  it('tells what differs from what serves, without digests', async () => {
    const { aws, ecs } = await account()
    const arnOf = (number: number) =>
      aws.world.taskDefinitions.find(({ revision }) => revision === number)!.taskDefinitionArn
    aws.faults.queue('ListServiceDeployments', page, always)
    aws.faults.queue('DescribeServiceRevisions', page, always)
    const serving = { name: 'blog-api:43', arn: arnOf(43), commit: null }
    const found = await ecs.rollbackTarget({ ...target, ranWell: [arnOf(42)], serving })
    expect(found).toMatchObject({ difference: { known: true } })
  })

  it('refuses a revision that there is not as that', async () => {
    const { aws, ecs } = await account()
    aws.faults.queue('ListServiceDeployments', page, always)
    expect(await ecs.rollbackTarget({ ...target, number: 977, ranWell: [] })).toMatchObject({
      refused: { code: 'revision_unknown' },
    })
  })

  it('and has nothing in its place names the operation', async () => {
    const { aws, ecs } = await account()
    aws.faults.queue('DescribeServices', page, always)
    await expect(ecs.before({ targets: [prod], source })).rejects.toMatchObject({
      kind: 'terminal',
      message: expect.stringContaining('AWS does not offer ecs:DescribeServices'),
    })
  })
})

describe('an operation that AWS offers', () => {
  it('and that answers a page of HTML once is trouble that passes, and no fallback', async () => {
    const { aws, ecs } = await account()
    await ecs.past({ target: prod, source, limit: 1, serving: null })
    aws.faults.queue('ListServiceDeployments', page, { times: 3 })
    const asked = ecs.past({ target: prod, source, limit: 1, serving: null })
    await expect(asked).rejects.toMatchObject({ kind: 'passing' })
    await expect(asked).rejects.not.toSatisfy(isDenied)
    expect(await ecs.past({ target: prod, source, limit: 1, serving: null })).toHaveLength(1)
  })

  it('refuses an update with a page of HTML: whether it was carried out is unclear', async () => {
    const { aws } = await account()
    const ecs = connectEcs(hasAll, { logLagMs: 1 })
    const revision = { name: 'blog-api:42', arn: 'arn:42', commit: null }
    for (const status of [404, 500, 501]) {
      aws.faults.queue('UpdateService', { kind: 'answer', status, body: '<html>', headers: html })
      expect(await ecs.update({ target: prod, revision, maySend: async () => true })).toMatchObject({
        answer: 'unclear',
      })
    }
  })
})

describe('what is asked of an AWS that lacks it', () => {
  const thrown = () => Object.assign(new SyntaxError('<html>'), { $metadata: { httpStatusCode: 500 } })

  it('is not asked again for a minute, then it is', async () => {
    let now = 0
    let sent = 0
    const ask = asking(() => now)
    const send = async () => {
      sent += 1
      throw thrown()
    }
    for (now of [0, 1_000, 59_999]) await expect(ask('ecs:X', send)).rejects.toSatisfy(isNotOffered)
    expect(sent).toBe(1)
    now = 60_000
    await expect(ask('ecs:X', send)).rejects.toSatisfy(isNotOffered)
    expect(sent).toBe(2)
    expect(await ask('ecs:Y', async () => 'other')).toBe('other')
  })
})
