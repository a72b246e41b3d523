import { describe, expect, it } from 'vitest'
import type { RolloutFate } from '../../src/sandbox/aws/fate.ts'
import { account, prod, roll } from './account.ts'

/** The log of a rollout of `blog-api:42` whose tasks meet this fate. */
async function logOf(fate: RolloutFate, lines = 4) {
  const here = await account()
  here.aws.world.rollouts.next(fate)
  const { deploymentId } = await roll(here, 42)
  const service = () => here.aws.world.service(prod.cluster, prod.service)!
  await here.aws.until(() =>
    fate.kind === 'unplaced'
      ? service().events.some(({ message }) => message.includes('unable to place'))
      : service().tasks.some((task) => task.startedBy === deploymentId && task.lastStatus === 'STOPPED'),
  )
  return here.ecs.log({ log: 'rollout', target: prod, deploymentId }, lines)
}

describe('the log of a failed rollout', () => {
  it('is why the newest task stopped, then its last lines, masked', async () => {
    const log = ['booting', 'connecting to postgres://blog:hunter22@db/blog', 'failed']
    const [why, ...rest] = await logOf({ kind: 'exits', code: 1, log }, 2)
    expect(why).toMatch(/stopped: container api exited 1$/)
    expect(rest).toEqual(['connecting to postgres://blog:***@db/blog', 'failed'])
  })

  it('tells of health checks', async () => {
    const [why] = await logOf({ kind: 'unhealthy' })
    expect(why).toMatch(/health checks/)
  })

  it('says that a task which never started never logged', async () => {
    const lines = await logOf({
      kind: 'never-starts',
      stoppedReason: 'ResourceInitializationError: no secret',
    })
    expect(lines.join('\n')).toMatch(/no secret[\s\S]*never logged/)
    expect(lines.join('\n').match(/no secret/g)).toHaveLength(1)
  })

  it('is the service’s events where no task was placed', async () => {
    const lines = await logOf({ kind: 'unplaced' })
    expect(lines[0]).toMatch(/unable to place a task/)
    expect(lines.length).toBeGreaterThan(1)
  })
})
