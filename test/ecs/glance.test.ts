import { ECS } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { addService } from '../../sandbox/aws/seed-world.ts'
import { type Account, account, counts, look, prod, roll } from './account.ts'

/** A person or a schedule that changes the same account. */
const otherClient = ({ aws }: Account) => new ECS({ endpoint: aws.url, region: aws.env.AWS_REGION })

async function stopsAll(here: Account): Promise<number> {
  const ecs = otherClient(here)
  const { cluster, service } = prod
  const { taskArns = [] } = await ecs.listTasks({ cluster, serviceName: service })
  for (const task of taskArns) await ecs.stopTask({ cluster, task })
  return taskArns.length
}

/** From now on, new tasks of prod exit. */
function exits({ aws }: Account): void {
  const service = aws.world.service(prod.cluster, prod.service)!
  const { image } = service.deployments[0]!.revision.taskDefinition.containerDefinitions![0]!
  aws.world.rollouts.ofImage(image!, { kind: 'exits', code: 7 })
}

const failures = ({ aws }: Account) =>
  aws.world
    .service(prod.cluster, prod.service)!
    .tasks.filter(({ stop }) => stop?.code === 'EssentialContainerExited')

describe('a glance at services', () => {
  it('takes one request for ten services of a cluster, and reads nothing else', async () => {
    const here = await account()
    const targets = Array.from({ length: 25 }, (_, index) => ({
      cluster: 'one',
      service: `service-${index}`,
    }))
    for (const each of targets)
      addService(here.aws.world, { ...each, desired: 1, history: [{ taskDefinition: 'blog-api:42', at: 0 }] })
    const glances = await here.ecs.glances(targets)
    expect(glances).toHaveLength(25)
    expect(glances.every((each) => each.seen === 'yes' && !each.mayFail)).toBe(true)
    expect(counts(here)).toEqual({ DescribeServices: 3 })
  })

  it('shows another state once a rollout begins, and again once it has ended', async () => {
    const here = await account()
    const state = async () => {
      const [glance] = await here.ecs.glances([prod])
      if (glance?.seen !== 'yes') throw new Error('prod exists')
      return glance.state
    }
    const before = await state()
    expect(await state()).toBe(before)
    await roll(here, 42)
    const during = await state()
    expect(during).not.toBe(before)
    await here.aws.until((world) => world.service(prod.cluster, prod.service)?.deployments.length === 1)
    await here.aws.until(
      () => here.aws.world.service(prod.cluster, prod.service)?.rollouts[0]?.status === 'SUCCESSFUL',
    )
    expect(await state()).not.toBe(during)
  })

  it('reports why a service cannot be read', async () => {
    const here = await account()
    const gone = { cluster: prod.cluster, service: 'gone' }
    expect(await here.ecs.glances([gone])).toEqual([{ seen: 'no', why: expect.stringContaining('gone') }])
    here.aws.world.deny('ecs:DescribeServices')
    expect(await here.ecs.glances([prod])).toEqual([
      { seen: 'no', why: expect.stringContaining('ecs:DescribeServices') },
    ])
  })
})

describe('the failed tasks of a service', () => {
  it('counts those that ended by themselves, and explains the newest', async () => {
    const here = await account()
    const since = Date.now() - 60_000
    exits(here)
    const stopped = await stopsAll(here)
    await here.aws.until(() => failures(here).length >= 3 && failures(here)[0]?.stoppedAt !== undefined)
    const [glance] = await here.ecs.glances([prod])
    expect(glance).toMatchObject({ seen: 'yes', mayFail: true })
    const failed = await here.ecs.failedTasks({ target: prod, since })
    expect(failed).toMatchObject({ revision: 'blog-api:43', why: expect.stringContaining('exited 7') })
    expect(failed!.count).toBeGreaterThanOrEqual(1)
    const { tasks } = here.aws.world.service(prod.cluster, prod.service)!
    expect(failed!.count).toBeLessThanOrEqual(tasks.length - stopped)
  })

  it('counts none that a person or a rollout stopped', async () => {
    const here = await account()
    const since = Date.now() - 60_000
    await stopsAll(here)
    await roll(here, 42)
    await here.aws.until(
      () => here.aws.world.service(prod.cluster, prod.service)?.rollouts[0]?.status === 'SUCCESSFUL',
    )
    expect(await here.ecs.failedTasks({ target: prod, since })).toBeNull()
  })

  it('counts none from before the time in question', async () => {
    const here = await account()
    exits(here)
    await stopsAll(here)
    await here.aws.until(() => failures(here).length >= 1)
    expect(await here.ecs.failedTasks({ target: prod, since: Date.now() + 60_000 })).toBeNull()
  })
})

describe('who may have made a rollout', () => {
  it('names who registered its task definition', async () => {
    const here = await account()
    const { since } = await roll(here, 42)
    const [seen] = await here.ecs.rollouts(look(since))
    const { taskDefinition } = await otherClient(here).describeTaskDefinition({
      taskDefinition: 'blog-api:42',
    })
    expect(await here.ecs.originOf({ target: prod, rollout: seen!.rollouts[0]! })).toEqual({
      registeredBy: taskDefinition!.registeredBy ?? null,
      creator: null,
    })
    expect(taskDefinition!.registeredBy).toMatch(/^arn:aws:iam::/)
  })
})
