import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTown, stateOf, type Town } from './town.ts'

describe('a rollback to a named revision', () => {
  let town: Town
  beforeEach(async () => {
    town = await openTown()
  })
  afterEach(() => town.close())

  const updates = () => town.sandbox.aws.log.of('UpdateService').map(({ body }) => body)

  it('Ana goes back to 42, Ben approves: ECS is told exactly that, once', async () => {
    await town.says('U0ANA', '/rollback blog-api 42')
    await town.shows('awaiting approval')
    await town.presses('U0BEN', 'approve')
    await town.shows('succeeded')
    expect(town.serving()).toBe('blog-api:42')
    expect(updates()).toEqual([
      {
        cluster: 'blog-cluster-prod',
        service: 'blog-api',
        taskDefinition: expect.stringMatching(/blog-api:42$/),
      },
    ])
    expect(town.dispatches()).toBe(0)
  })

  it.each([
    ['is INACTIVE', '/rollback blog-api 40', /revision_inactive/],
    ['does not exist', '/rollback blog-api 999', /revision_unknown/],
    ['serves now', '/rollback blog-api 43', /already_serving/],
  ])('a revision that %s is refused before anyone is asked', async (_, line, code) => {
    await town.says('U0ANA', line)
    await town.whispers('U0ANA', code)
    expect(town.cards()).toEqual([])
    expect(updates()).toEqual([])
  })

  it('shows the revisions that ran well where no number is given and no form can be', async () => {
    town.sandbox.slack.faults.queue('views.open', { kind: 'answer', status: 503 })
    await town.says('U0ANA', '/rollback blog-api')
    const shown = await town.whispers('U0ANA', /blog-api:42/)
    expect(shown).toMatch(/blog-api:41/)
    expect(shown).toMatch(/Chloe/)
  })

  it('takes the place of a running deploy: its run is cancelled, it ends superseded', async () => {
    town.sandbox.github.world.next = { holdAt: 'Deploy' }
    await town.approved()
    await town.shows('migrating')
    await town.says('U0ANA', '/rollback blog-api 42')
    await town.shows('awaiting approval')
    await town.presses('U0BEN', 'approve')
    await town.shows('succeeded')
    const [deploy] = town.cards()
    await town.sandbox.slack.until(() => stateOf(town.cards()[0]!).startsWith('superseded'), { ms: 15_000 })
    expect(deploy).toBeDefined()
    expect(town.serving()).toBe('blog-api:42')
  })

  it('AWS refuses the update: failed, with the permission to grant', async () => {
    town.sandbox.aws.world.deny('ecs:UpdateService')
    await town.says('U0ANA', '/rollback blog-api 42')
    await town.shows('awaiting approval')
    await town.presses('U0BEN', 'approve')
    await town.shows('failed')
    await town.tells(/ecs:UpdateService/)
    expect(town.serving()).toBe('blog-api:43')
  })
})
