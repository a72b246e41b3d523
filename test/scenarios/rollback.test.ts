import type { UpdateServiceRequest } from '@aws-sdk/client-ecs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { registry, revisions, services } from '../../sandbox/seed.ts'
import { type Harness, openHarness, stateOf } from './harness.ts'

describe('a rollback to a named revision', () => {
  let harness: Harness
  beforeEach(async () => {
    harness = await openHarness()
  })
  afterEach(() => harness.close())

  const updates = () => harness.sandbox.aws.log.of('UpdateService').map(({ body }) => body)

  it('sends ECS exactly the named revision, once, after the approval', async () => {
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    await harness.shows('succeeded')
    expect(harness.serving()).toBe('blog-api:42')
    expect(updates()).toEqual([
      {
        cluster: 'blog-cluster-prod',
        service: 'blog-api',
        taskDefinition: expect.stringMatching(/blog-api:42$/),
      },
    ])
    expect(harness.dispatches()).toBe(0)
  })

  it('names the migrations that it goes back across, before the approval and at the end', async () => {
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    const { number } = harness.sandbox.github.world.repository().runs.at(-1)!
    await harness.types('U0ANA', '/rollback blog-api 43')
    const asked = JSON.stringify((await harness.shows('awaiting approval')).blocks)
    const named = new RegExp(`1 migration ran since blog-api:43 was deployed: release r-.*#${number}`)
    // No release of twokey deployed 43, so there may be others.
    expect(asked.replace(' twokey knows of', '')).toMatch(named)
    await harness.clicks('U0BEN', 'approve')
    const ended = JSON.stringify((await harness.shows('succeeded')).blocks)
    expect(ended.replace(' twokey knows of', '')).toMatch(named)
  })

  it('shows on GitHub which commit runs again in production', async () => {
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    await harness.shows('succeeded')
    const { world } = harness.sandbox.github
    const { sha } = revisions.find(({ revision }) => revision === 42)!
    await world.until(() => world.repository().deployments.at(-1)?.statuses.at(-1)?.state === 'success')
    const description = expect.stringMatching(/^Rollback to blog-api:42 \(release r-/)
    expect(world.repository().deployments).toMatchObject([
      { sha, environment: 'production', task: 'rollback', description },
    ])
  })

  it.each([
    ['is INACTIVE', '/rollback blog-api 40', /revision_inactive/],
    ['does not exist', '/rollback blog-api 999', /revision_unknown/],
    ['serves now', '/rollback blog-api 43', /already_serving/],
  ])('refuses a revision that %s before approvals are requested', async (_, line, code) => {
    await harness.types('U0ANA', line)
    await harness.ephemeral('U0ANA', code)
    expect(harness.cards()).toEqual([])
    expect(updates()).toEqual([])
  })

  it('lists the revisions that ran well if no number is given and no form can be opened', async () => {
    harness.sandbox.slack.faults.queue('views.open', { kind: 'answer', status: 503 })
    await harness.types('U0ANA', '/rollback blog-api')
    const shown = await harness.ephemeral('U0ANA', /blog-api:42/)
    expect(shown).toMatch(/blog-api:41/)
    expect(shown).toMatch(/Chloe/)
    expect(shown).toMatch(/Differs from the running revision: image/)
  })

  it('a rollback during a deploy cancels its run, and the deploy ends superseded', async () => {
    harness.sandbox.github.world.next = { holdAt: 'Deploy' }
    await harness.approved()
    await harness.shows('migrating')
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    await harness.shows('succeeded')
    const [deploy] = harness.cards()
    await harness.sandbox.slack.until(() => stateOf(harness.cards()[0]!).startsWith('superseded'))
    expect(deploy).toBeDefined()
    expect(harness.serving()).toBe('blog-api:42')
  })

  it('a rollback that waits for a deploy which succeeds shows what it replaces, then what is serving by now', async () => {
    const { world } = harness.sandbox.github
    world.next = { holdAt: 'Deploy' }
    await harness.approved()
    await harness.shows('migrating')
    const deploy = () => stateOf(harness.cards()[0]!)
    await harness.types('U0CHLOE', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    const shown = () => JSON.stringify(harness.cards().at(-1)?.blocks)
    expect(shown()).toMatch(/Replaces release \S+ of <@U0ANA>/)
    expect(shown()).toContain('prod runs blog-api:43')
    world.letGo(world.repositories.flatMap(({ runs }) => runs).at(-1)!.id)
    await harness.sandbox.slack.until(() => deploy().startsWith('succeeded'))
    await harness.sandbox.slack.until(() => shown().includes('prod runs blog-api:44'))
    expect(shown()).not.toMatch(/Replaces release|runs blog-api:43/)
    await harness.threadPost(/blog-api:44.* is serving now instead of blog-api:43/)
    await harness.clicks('U0BEN', 'approve')
    await harness.shows('succeeded')
    expect(harness.serving()).toBe('blog-api:42')
    expect(deploy()).toMatch(/^succeeded/)
  })

  it('a rollback that waits for a deploy replaces it once it has its approvals, though the deploy went out first', async () => {
    const { world } = harness.sandbox.github
    world.next = { holdAt: 'Deploy' }
    await harness.types('U0ANA', '/deploy prod')
    const deploy = await harness.shows('awaiting approval')
    await harness.types('U0CHLOE', '/rollback blog-api 42')
    await harness.sandbox.slack.until(() => harness.cards().length === 2 || undefined)
    await harness.clicks('U0BEN', 'approve', deploy)
    await harness.clicks('U0CHLOE', 'approve', deploy)
    await harness.sandbox.slack.until(() => harness.dispatches() === 1 || undefined)
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    await harness.shows('succeeded')
    expect(harness.serving()).toBe('blog-api:42')
    await harness.sandbox.slack.until(() => stateOf(harness.cards()[0]!).startsWith('superseded'))
  })

  it('ends failed and names the permission to grant if AWS refuses the update', async () => {
    harness.sandbox.aws.world.deny('ecs:UpdateService')
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'approve')
    await harness.shows('failed')
    await harness.threadPost(/ecs:UpdateService/)
    expect(harness.serving()).toBe('blog-api:43')
  })
})

describe('the approvals of a rollback', () => {
  let harness: Harness
  beforeEach(async () => {
    harness = await openHarness()
  })
  afterEach(() => harness.close())

  const updates = () =>
    harness.sandbox.aws.log
      .of('UpdateService')
      .map(({ body }) => (body as UpdateServiceRequest).taskDefinition)
  const shown = () => JSON.stringify(harness.cards().at(-1)?.blocks)
  const arn = 'arn:aws:ecs:ap-northeast-2:123456789012:task-definition/blog-api'

  /** A person rolls out a revision by hand, and it serves. */
  async function byHand(taskDefinition: string): Promise<void> {
    const { cluster, service } = services.prod
    await harness.ecs.updateService({ cluster, service, taskDefinition })
    await harness.sandbox.aws.until(
      (world) => world.service(cluster, service)?.rollouts[0]?.status === 'SUCCESSFUL',
    )
  }

  it('the card of a rollback shows the difference, the approved digest, and that migrations stay', async () => {
    const { world } = harness.sandbox.aws
    const now = world.taskDefinitions.find(({ revision, family }) => family === 'blog-api' && revision === 43)
    now?.containerDefinitions?.[0]?.environment?.push({ name: 'DIGEST_HOUR', value: 'seven-o-clock' })
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    const [before, after] = [43, 42].map(
      (number) => revisions.find(({ revision }) => revision === number)?.sha,
    )
    expect(shown()).toContain(before?.slice(0, 7))
    expect(shown()).toContain(after?.slice(0, 7))
    expect(shown()).toMatch(/DIGEST_HOUR.*removed/)
    expect(shown()).toMatch(/sha256:[0-9a-f]{12}/)
    expect(shown()).toMatch(/rollback does not change the database/)
    const thread = await harness.threadPost(/rollback does not change the database/)
    expect(JSON.stringify(thread.blocks)).toContain('DIGEST_HOUR')
    expect(JSON.stringify([harness.cards(), thread])).not.toContain('seven-o-clock')
  })

  it('voids the approvals, says so and requests them again if the tag means another image by the last approval', async () => {
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    const [old] = /sha256:[0-9a-f]{12}/.exec(shown()) ?? []
    const { sha } = revisions.find(({ revision }) => revision === 42)!
    harness.sandbox.aws.world.retag(`${registry}:${sha}`)
    await byHand(`${arn}:42`)
    await byHand(`${arn}:43`)
    await harness.clicks('U0BEN', 'approve')
    await harness.threadPost(/are void/)
    await harness.shows('awaiting approval')
    await harness.sandbox.slack.until(() => /requested again/i.test(shown()))
    const digests = shown().match(/`sha256:[0-9a-f]{12}`/g)
    expect(digests).toHaveLength(1)
    expect(digests?.[0]).not.toBe(`\`${old}\``)
    expect(updates()).toEqual([`${arn}:42`, `${arn}:43`])
    await harness.clicks('U0CHLOE', 'approve')
    await harness.shows('succeeded')
    expect(updates()).toEqual([`${arn}:42`, `${arn}:43`, `${arn}:42`])
    expect(harness.serving()).toBe('blog-api:42')
  })

  it('fails and sends nothing if the revision is deregistered while approvals are missing', async () => {
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    await harness.ecs.deregisterTaskDefinition({ taskDefinition: `${arn}:42` })
    await harness.clicks('U0BEN', 'approve')
    await harness.shows('failed')
    await harness.threadPost(/blog-api:42 was deregistered/)
    expect(updates()).toEqual([])
    expect(harness.serving()).toBe('blog-api:43')
  })
})
