import { describe, expect, it } from 'vitest'
import { counts, look, prod, serviceEnvironment, source } from '../ecs/account.ts'
import { codeDeployAccount } from './account.ts'

describe('a service that CodeDeploy deploys', () => {
  it('finds a deployment by its task set and follows it to success, which needs ECS to serve it', async () => {
    const account = await codeDeployAccount({ terminationMinutes: 5 }, { minute: 60_000 })
    const id = await account.deploy(42)
    const moving = await account.seen({ arn: null }, 'moving')
    expect(moving).toMatchObject({ arn: id, deploymentId: id, revision: { name: 'blog-api:42' } })
    expect(await account.seen({ arn: id }, 'baking')).toMatchObject({ counts: { requested: 2, running: 2 } })
    account.aws.world.codeDeploy.minute = 1
    expect(await account.seen({ arn: id }, 'succeeded')).toMatchObject({ reason: 'blog-api:42 is live' })
    const [target] = await account.ecs.rollouts(look(account.since, id))
    expect(target).toMatchObject({ primary: { id }, serving: { name: 'blog-api:42' } })
  })

  it('reports Succeeded on tasks that are not healthy as failed, with why they fail (roadmap#1941)', async () => {
    const account = await codeDeployAccount()
    account.aws.world.codeDeploy.outcomes.next({ kind: 'ignores-health' })
    account.aws.world.rollouts.next({ kind: 'exits', code: 3 })
    const id = await account.deploy(42)
    const failed = await account.seen({ arn: id }, 'failed')
    expect(failed.reason).toMatch(
      /^CodeDeploy reports that it succeeded, but blog-api:42 is not healthy in ECS: \d of 2 tasks running; container api exited 3$/,
    )
  })

  it('a rollout says why its tasks fail while CodeDeploy still waits for them (ecs-orb#134)', async () => {
    const account = await codeDeployAccount({}, { minute: 60_000 })
    account.aws.world.rollouts.next({ kind: 'exits', code: 3 })
    const id = await account.deploy(42)
    await expect
      .poll(async () => (await account.seen({ arn: id }, 'moving')).heldBy?.words)
      .toBe('its newest task failed: container api exited 3')
    expect(account.state(id).status).toBe('InProgress')
  })

  it('follows the rollback that CodeDeploy makes, which may succeed at once (ecspresso#663)', async () => {
    const hooks = { AfterAllowTraffic: 'check' }
    const account = await codeDeployAccount({ hooks, terminationMinutes: 5 })
    account.aws.world.codeDeploy.outcomes.next({
      kind: 'hook-fails',
      event: 'AfterAllowTraffic',
      message: '500',
    })
    account.aws.world.codeDeploy.rollbackLag = 60
    const id = await account.deploy(42)
    const back = await account.seen({ arn: id }, 'rolled back')
    expect(back.reason).toBe(
      'CodeDeploy rolled back blog-api:42 to blog-api:43: the hook AfterAllowTraffic failed (500)',
    )
    const [target] = await account.ecs.rollouts(look(account.since))
    expect(target!.rollouts.map(({ arn }) => arn)).toEqual([id])
    expect(target!.serving.name).toBe('blog-api:43')
  })

  it('reports a rollback that fails, and one that is not possible', async () => {
    const hooks = { AfterAllowTraffic: 'check' }
    const failing = { kind: 'hook-fails', event: 'AfterAllowTraffic', message: '500' } as const
    const account = await codeDeployAccount({ hooks })
    const { codeDeploy } = account.aws.world
    codeDeploy.outcomes.next(failing, failing)
    codeDeploy.rollbacks.next(
      { kind: 'fails', message: 'the listener is gone' },
      { kind: 'impossible', message: 'no revision' },
    )
    const first = await account.deploy(42)
    expect((await account.seen({ arn: first }, 'rollback failed')).reason).toContain('the listener is gone')
    const second = await account.deploy(41)
    expect((await account.seen({ arn: second }, 'rollback failed')).reason).toContain('no revision')
  })

  it('shows a wait for a person as paused, and ends as stopped if nobody continues', async () => {
    const account = await codeDeployAccount(
      { readyMinutes: 60, autoRollback: { enabled: false, events: [] } },
      { minute: 60_000 },
    )
    const id = await account.deploy(42)
    expect((await account.seen({ arn: id }, 'paused')).reason).toBe(
      'it waits for a person before traffic is shifted from blog-api:43 to blog-api:42',
    )
    account.aws.world.codeDeploy.minute = 1
    expect((await account.seen({ arn: id }, 'stopped')).reason).toContain('blog-api:43 keeps serving')
  })

  it('shows the share of traffic of a canary', async () => {
    const account = await codeDeployAccount(
      { config: 'CodeDeployDefault.ECSCanary10Percent5Minutes' },
      { minute: 60_000 },
    )
    const id = await account.deploy(42)
    await expect
      .poll(async () => (await account.seen({ arn: id }, 'moving')).reason)
      .toContain('10 % of production traffic')
  })

  it('finds a deployment that has no task set yet by the usual names of application and group', async () => {
    const account = await codeDeployAccount()
    const service = account.aws.world.service(prod.cluster, prod.service)!
    for (const each of service.deployments) each.externalId = 'd-GONE00000'
    const id = await account.deploy(42)
    expect((await account.seen({ arn: null }, 'moving')).arn).toBe(id)
    expect((await account.seen({ arn: id }, 'succeeded')).revision.name).toBe('blog-api:42')
  })

  it('lists the revisions that ran well, newest first', async () => {
    const account = await codeDeployAccount()
    await account.seen({ arn: await account.deploy(41) }, 'succeeded')
    const past = await account.ecs.past({ target: prod, source, limit: 5, serving: null })
    expect(past.map(({ revision }) => revision.name)).toEqual(['blog-api:41', 'blog-api:43', 'blog-api:42'])
  })

  it('reads followed deployments in one request, and events at most every ten seconds', async () => {
    const account = await codeDeployAccount({ readyMinutes: 60 }, { minute: 60_000, paceMs: 100 })
    const id = await account.deploy(42)
    await account.seen({ arn: id }, 'paused')
    // Until its task sets have settled, their changes have the events read again.
    const service = account.aws.world.service(prod.cluster, prod.service)!
    await account.aws.until(() =>
      service.tasks.every(({ lastStatus, healthy }) => lastStatus === 'RUNNING' && healthy),
    )
    await account.ecs.rollouts(look(account.since, id))
    account.aws.log.exchanges.length = 0
    for (let time = 0; time < 5; time += 1) await account.ecs.rollouts(look(account.since, id))
    expect(counts(account)).toEqual({ DescribeServices: 5, BatchGetDeployments: 5 })
  })

  it('reads a rollback target again without its past deployments, which show no images', async () => {
    const account = await codeDeployAccount()
    const ask = { serviceEnvironment, target: prod, number: 42, source, ranWell: [], serving: null }
    const found = await account.ecs.inspect(ask)
    if ('refused' in found) throw new Error(found.refused.sentence)
    account.aws.log.exchanges.length = 0
    const { revision, images } = found
    const seen = await account.ecs.rollbackTarget({ targets: [prod], revision, images, source })
    expect(seen).toMatchObject({ usable: true, images: [{ container: 'api', digest: null }] })
    expect(counts(account)).toMatchObject({ ListDeployments: 1 })
    expect(counts(account)).not.toHaveProperty('BatchGetDeployments')
  })

  it('reads the controller at each look, so a service that left CodeDeploy is followed by ECS', async () => {
    const account = await codeDeployAccount()
    await account.seen({ arn: await account.deploy(42) }, 'succeeded')
    account.aws.world.service(prod.cluster, prod.service)!.controller = 'ECS'
    const [target] = await account.ecs.rollouts(look(account.since))
    expect(target!.primary.id).toMatch(/^ecs-svc\//)
    expect(target!.rollouts.every(({ arn }) => !arn.startsWith('d-'))).toBe(true)
  })
})
