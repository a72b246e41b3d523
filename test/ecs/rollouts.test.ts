import { describe, expect, it, vi } from 'vitest'
import { addEvent } from '../../sandbox/aws/deployments.ts'
import type { RolloutOutcome } from '../../sandbox/aws/outcomes.ts'
import { patience } from '../../sandbox/pace.ts'
import { connectEcs } from '../../src/aws/ecs/connect.ts'
import type { RolloutSighting } from '../../src/release/sighting.ts'
import {
  type Account,
  account,
  counts,
  hasAll,
  look,
  prod,
  roll,
  serviceEnvironment,
  source,
} from './account.ts'

/** Looks until the newest rollout has this verdict; returns the sightings on the way. */
async function until({ ecs }: Account, since: number, verdict: RolloutSighting['verdict']) {
  for (let times = 0; times < 500; times += 1) {
    const [sighting] = await ecs.rollouts(look(since))
    const rollout = sighting?.rollouts.at(-1)
    if (sighting && rollout?.verdict === verdict) return { sighting, rollout }
  }
  throw new Error(`never ${verdict}`)
}

/** Stops ECS's scheduler once the newest rollout of prod has this status. Returns a function that resumes it. */
function holdAt({ aws: { world } }: Account, status: string): () => void {
  const advance = world.advance.bind(world)
  const held = vi.spyOn(world, 'advance').mockImplementation((now) => {
    if (world.service(prod.cluster, prod.service)!.rollouts[0]!.status !== status) advance(now)
  })
  return () => held.mockRestore()
}

describe('a service before a rollout', () => {
  it('shows its primary deployment with its commit', async () => {
    const { ecs, aws } = await account()
    const [sighting] = await ecs.before({ targets: [prod], source })
    expect(sighting?.target).toEqual(prod)
    expect(sighting?.primary.id).toMatch(/^ecs-svc\/\d+$/)
    expect(sighting?.primary.revision.name).toBe('blog-api:43')
    expect(
      aws.world.images.has(
        `123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/blog-api:${sighting?.primary.revision.commit}`,
      ),
    ).toBe(true)
    expect(sighting?.rollouts).toEqual([])
  })

  it.each(['ListServiceDeployments', 'DescribeServiceDeployments', 'nothing that is denied'])(
    'shows earlier rollouts by the same ids if denied: %s',
    async (denied) => {
      const here = await account()
      const { deploymentId, since } = await roll(here, 42)
      here.aws.world.deny(`ecs:${denied}`)
      const [before] = await here.ecs.before({ targets: [prod], source })
      expect(before?.deployments).toContain(deploymentId)
      here.aws.world.allow(`ecs:${denied}`)
      const [after] = await here.ecs.rollouts(look(since))
      expect(after?.rollouts.map((rollout) => rollout.deploymentId)).toEqual([deploymentId])
    },
  )

  it('leaves out a service that does not exist', async () => {
    const { ecs } = await account()
    const nowhere = { ...prod, service: 'nowhere' }
    expect(await ecs.before({ targets: [nowhere, prod], source })).toHaveLength(1)
    const targets = [{ target: nowhere, since: 0, arn: null }]
    expect(await ecs.rollouts({ source, commit: null, images: 'unwanted', targets })).toEqual([])
  })

  it('a missing service is passing trouble if it existed a moment ago', async () => {
    const { ecs, aws } = await account()
    const ask = { targets: [prod], source } as const
    await ecs.before(ask)
    aws.world.services.clear()
    await expect(ecs.before(ask)).rejects.toMatchObject({ name: 'Trouble', kind: 'passing' })
  })
})

describe('sightings of a rollout', () => {
  it('follows a rollout from its start to its end', async () => {
    const here = await account()
    const { since, deploymentId } = await roll(here, 42)
    const { rollout } = await until(here, since, 'succeeded')
    expect(rollout).toMatchObject({ deploymentId, releaseTag: null, revision: { name: 'blog-api:42' } })
    expect(rollout.commits).toEqual([rollout.revision.commit])
    expect(rollout.finishedAt).toBeGreaterThan(rollout.createdAt)
    expect(rollout.counts).toMatchObject({ requested: 2, running: 2, failed: 0 })
    // A look reads the service first, which may have been before the end.
    const [again] = await here.ecs.rollouts(look(since, rollout.arn))
    expect(again?.rollouts).toEqual([rollout])
    expect(again?.primary).toMatchObject({ id: deploymentId, revision: { name: 'blog-api:42' } })
  })

  it('reports that the circuit breaker rolls back, to what, and why', async () => {
    const here = await account()
    here.aws.world.rollouts.next({ kind: 'exits', code: 3 })
    const { since } = await roll(here, 42)
    const { rollout } = await until(here, since, 'rolled back')
    expect(rollout.reason).toMatch(
      /^the ECS circuit breaker rolled back blog-api:42 to blog-api:43 \(\d tasks failed\): container api exited 3$/,
    )
    expect(rollout.counts.failed).toBeGreaterThanOrEqual(3)
    // A look reads the service first, which may have been before the end.
    const [again] = await here.ecs.rollouts(look(since, rollout.arn))
    expect(again?.primary.revision.name).toBe('blog-api:43')
  })

  it.each<[string, RolloutOutcome, RegExp]>([
    ['nothing can be placed', { kind: 'unplaced' }, /^the service was unable to place a task/],
    [
      'the load balancer takes none of its tasks',
      { kind: 'unregistered', error: 'not in the VPC' },
      /failed to register targets in .*not in the VPC/,
    ],
    ['its tasks end', { kind: 'exits', code: 3 }, /^its newest task failed: container api exited 3$/],
    ['its tasks are never healthy', { kind: 'unhealthy' }, /^its newest task failed: .*health checks/],
  ])(
    'reports that %s during a rollout, and reads again only if something changes',
    async (_, outcome, says) => {
      const here = await account()
      const service = here.aws.world.service(prod.cluster, prod.service)!
      service.configuration.deploymentCircuitBreaker = { enable: false, rollback: false }
      here.aws.world.rollouts.next(outcome)
      const { since } = await roll(here, 42)
      const hindrance = async () => (await here.ecs.rollouts(look(since)))[0]?.rollouts[0]?.heldBy?.words
      await expect.poll(hindrance, { timeout: patience, interval: 5 }).toMatch(says)
      vi.spyOn(here.aws.world, 'advance').mockImplementation(() => {})
      await hindrance()
      const asked = counts(here).ListTasks
      for (let times = 0; times < 3; times += 1) expect(await hindrance()).toMatch(says)
      expect(counts(here).ListTasks).toBe(asked)
    },
  )

  it('explains what blocks the rollback, not what blocked the rolled back revision', async () => {
    const here = await account()
    here.aws.world.rollouts.next({ kind: 'unhealthy' })
    const { since } = await roll(here, 42)
    const service = here.aws.world.service(prod.cluster, prod.service)!
    const says = (message: string) =>
      addEvent(service, Date.now(), `was unable to place a task. Reason: ${message}.`)
    says('too early')
    const letGo = holdAt(here, 'ROLLBACK_IN_PROGRESS')
    const before = await until(here, since, 'rolling back')
    expect(before.rollout.heldBy).toBeUndefined()
    says('no capacity')
    expect((await until(here, since, 'rolling back')).rollout.heldBy?.words).toContain('no capacity')
    letGo()
  })

  it('reads no tasks for a rollout that goes well', async () => {
    const here = await account()
    const { since } = await roll(here, 42)
    const { rollout } = await until(here, since, 'succeeded')
    expect(rollout.heldBy).toBeUndefined()
    expect(counts(here).ListTasks).toBeUndefined()
  })

  it('names the alarm that rolls a rollout back', async () => {
    const here = await account()
    const service = here.aws.world.service(prod.cluster, prod.service)!
    service.configuration.alarms = { alarmNames: ['blog-api-5xx'], enable: true, rollback: true }
    here.aws.world.alarms.add('blog-api-5xx')
    const { since } = await roll(here, 42)
    expect((await until(here, since, 'rolled back')).rollout.reason).toContain('blog-api-5xx')
  })

  it('reports a failed rollback as the end of the rollout', async () => {
    const here = await account()
    here.aws.world.rollouts.next({ kind: 'exits', code: 1 })
    here.aws.world.rollbacks.next({ kind: 'fails', reason: 'Tasks of the source failed.' })
    const { since } = await roll(here, 42)
    expect((await until(here, since, 'rollback failed')).rollout.reason).toContain(
      'Tasks of the source failed',
    )
  })

  it('5: a rollout that a newer one replaced is superseded, read together or alone', async () => {
    const here = await account()
    here.aws.world.rollouts.next({ kind: 'stuck' })
    const { since } = await roll(here, 42)
    await here.aws.until(
      (world) => world.service(prod.cluster, prod.service)!.rollouts[0]!.status === 'IN_PROGRESS',
    )
    await roll(here, 41)
    await here.aws.until(
      (world) => world.service(prod.cluster, prod.service)!.rollouts[1]!.status === 'STOPPED',
    )
    const [sighting] = await here.ecs.rollouts(look(since))
    const [older, newer] = sighting!.rollouts
    expect(older).toMatchObject({ verdict: 'superseded', revision: { name: 'blog-api:42' } })
    expect(newer?.revision.name).toBe('blog-api:41')
    const [alone] = await here.ecs.rollouts(look(since, older!.arn))
    expect(alone?.rollouts[0]?.verdict).toBe('superseded')
  })

  it.each([
    ['carries the release it was registered for', 'r-17', 'r-17'],
    ['carries no release if its tag is empty, as of a run without an id', '', null],
  ])('a rollout %s', async (_, value, releaseTag) => {
    const here = await account()
    const definition = here.aws.world.taskDefinitions.find(
      ({ revision, family }) => revision === 42 && family === 'blog-api',
    )!
    Object.assign(definition, { tags: [{ key: 'twokey-release', value }] })
    const { since } = await roll(here, 42)
    const [sighting] = await here.ecs.rollouts(look(since))
    expect(sighting?.rollouts[0]?.releaseTag).toBe(releaseTag)
  })

  it('keeps the verdict of a rollout if its reason may not be read', async () => {
    const here = await account()
    here.aws.world.deny('ecs:ListTasks')
    here.aws.world.rollouts.next({ kind: 'exits', code: 1 })
    const { since } = await roll(here, 42)
    expect((await until(here, since, 'rolled back')).rollout.reason).toMatch(
      /circuit breaker.*grant ecs:ListTasks/,
    )
  })
})

/** Somebody pushes the tag of blog-api:42 again; returns its digests before and after. */
async function pushedAgain({ aws: { world }, ecs }: Account) {
  const ask = { serviceEnvironment, target: prod, number: 42, source, ranWell: [], serving: null }
  const found = await ecs.inspect(ask)
  if ('refused' in found) throw new Error(found.refused.sentence)
  const [image] = found.images
  world.retag(image!.image)
  const definition = world.taskDefinitions.find(
    ({ family, revision }) => family === 'blog-api' && revision === 42,
  )!
  return { approved: image!, now: { ...image!, digest: world.digestsOf(definition)[image!.container]! } }
}

describe('images that the containers of a rollout run', () => {
  it('reports the digest of a tag once a task was started', async () => {
    const here = await account()
    const { approved, now } = await pushedAgain(here)
    const goOn = holdAt(here, 'PENDING')
    const { since } = await roll(here, 42)
    const [early] = await here.ecs.rollouts(look(since))
    expect(early?.rollouts.at(-1)?.images).toEqual([{ ...approved, digest: null }])
    goOn()
    const { rollout } = await until(here, since, 'succeeded')
    expect(rollout.images).toEqual([now])
    expect(now.digest).not.toBe(approved.digest)
  })

  it('does not read digests again once ECS reported all', async () => {
    const here = await account()
    const { since } = await roll(here, 42)
    const { rollout } = await until(here, since, 'succeeded')
    const before = here.aws.log.of('DescribeServiceRevisions').length
    await here.ecs.rollouts(look(since, rollout.arn))
    expect(here.aws.log.of('DescribeServiceRevisions').length).toBe(before)
  })

  it('does not read images unless requested', async () => {
    const here = await account()
    const { since } = await roll(here, 42)
    const [sighting] = await here.ecs.rollouts({ ...look(since), images: 'unwanted' })
    expect(sighting?.rollouts.at(-1)?.images).toBeNull()
  })

  it.each(['ListServiceDeployments', 'DescribeServiceDeployments'])(
    'reads images from the service revision if %s is denied',
    async (read) => {
      const here = await account()
      const { now } = await pushedAgain(here)
      const { since } = await roll(here, 42)
      here.aws.world.deny(`ecs:${read}`)
      expect((await until(here, since, 'succeeded')).rollout.images).toEqual([now])
    },
  )

  it('reports no digest if DescribeServiceRevisions is denied', async () => {
    const here = await account()
    const { approved } = await pushedAgain(here)
    const { since } = await roll(here, 42)
    here.aws.world.deny('ecs:DescribeServiceRevisions')
    expect((await until(here, since, 'succeeded')).rollout.images).toEqual([{ ...approved, digest: null }])
  })
})

const readsOfDeployments = [
  'ListServiceDeployments',
  'DescribeServiceDeployments',
  'DescribeServiceRevisions',
] as const

describe.each(readsOfDeployments)('without permission to call %s', (read) => {
  it('falls back to deployments[], with its own id', async () => {
    const here = await account()
    const { since, deploymentId } = await roll(here, 42)
    here.aws.world.deny(`ecs:${read}`)
    const { rollout } = await until(here, since, 'succeeded')
    expect(rollout).toMatchObject({ arn: deploymentId, deploymentId, revision: { name: 'blog-api:42' } })
  })

  it('falls back to deployments[] if the endpoint lacks the operation', async () => {
    const here = await account()
    const { since, deploymentId } = await roll(here, 42)
    const body = { __type: 'UnknownOperationException' }
    here.aws.faults.queue(read, { kind: 'answer', status: 400, body }, { times: 1_000 })
    const { rollout } = await until(here, since, 'succeeded')
    expect(rollout).toMatchObject({ arn: deploymentId, deploymentId, revision: { name: 'blog-api:42' } })
  })

  it.each<[string, number, string | object]>([
    ['a page of HTML with 500', 500, '<html>Internal Server Error</html>'],
    ['a page of HTML with 404', 404, '<html>Not Found</html>'],
    ['501', 501, { __type: 'InternalFailure', message: 'not implemented' }],
    ['InvalidAction', 400, { __type: 'InvalidAction', message: 'The action is not valid' }],
    ['404 without a type', 404, {}],
  ])('falls back to deployments[] if a substitute for AWS answers with %s', async (_, status, body) => {
    const here = await account()
    const { since, deploymentId } = await roll(here, 42)
    const headers: Record<string, string> = typeof body === 'string' ? { 'content-type': 'text/html' } : {}
    here.aws.faults.queue(read, { kind: 'answer', status, body, headers }, { times: 1_000 })
    const elsewhere = { ...here, ecs: connectEcs(hasAll, { logLagMs: 1, paceMs: 5 }) }
    const { rollout } = await until(elsewhere, since, 'succeeded')
    expect(rollout).toMatchObject({ arn: deploymentId, deploymentId, revision: { name: 'blog-api:42' } })
    if (typeof body === 'string') expect(here.aws.log.of(read).length).toBeLessThan(12)
  })

  it('reports no success for a rollback, and does not guess the rest', async () => {
    const here = await account()
    here.aws.world.rollouts.next({ kind: 'exits', code: 1 })
    const goOn = holdAt(here, 'ROLLBACK_IN_PROGRESS')
    const { since, deploymentId } = await roll(here, 42)
    here.aws.world.deny(`ecs:${read}`)
    const verdicts = new Set<string>()
    const isSeen = async (verdict: string) => {
      const [sighting] = await here.ecs.rollouts(look(since, deploymentId))
      verdicts.add(sighting!.rollouts[0]!.verdict)
      return verdicts.has(verdict)
    }
    await vi.waitUntil(() => isSeen('rolling back'), { timeout: patience, interval: 5 })
    goOn()
    await vi.waitUntil(() => isSeen('unknown'), { timeout: patience, interval: 5 })
    expect(verdicts).not.toContain('succeeded')
    here.aws.world.allow(`ecs:${read}`)
    const [sighting] = await here.ecs.rollouts(look(since, deploymentId))
    expect(sighting?.rollouts[0]).toMatchObject({ arn: deploymentId, verdict: 'rolled back' })
  })
})
