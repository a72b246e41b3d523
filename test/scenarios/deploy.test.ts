import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mainCommits } from '../../src/sandbox/seed.ts'
import { channel, dispatchRoute, openTown, type Town } from './harness.ts'

const tip = mainCommits.at(-1)!

describe('a deploy, from the command to the true end', () => {
  let town: Town
  beforeEach(async () => {
    town = await openTown()
  })
  afterEach(() => town.close())

  const asked = async () => {
    await town.says('U0ANA', '/deploy prod')
    return town.shows('awaiting approval')
  }
  const approved = async () => {
    await asked()
    await town.presses('U0BEN', 'approve')
    await town.presses('U0CHLOE', 'approve')
  }

  it('Ana asks, Ben and Chloe approve: it ships, once, and the card says so', async () => {
    await approved()
    const card = await town.shows('succeeded')
    expect(town.cards()).toHaveLength(1)
    expect(town.serving()).toBe('blog-api:44')
    const [dispatch, ...more] = town.sandbox.github.log.of(dispatchRoute)
    expect(more).toEqual([])
    expect(dispatch?.body).toMatchObject({
      ref: 'main',
      return_run_details: true,
      inputs: {
        environment: 'production',
        sha: tip.sha,
        release_id: card.metadata?.event_payload.release_id,
      },
    })
    await town.tells(/exit code 0|exited 0/i)
  })

  it('one key is not two: nothing is dispatched', async () => {
    await asked()
    await town.presses('U0BEN', 'approve')
    await town.presses('U0BEN', 'approve')
    await town.whispers('U0BEN', /already_approved/)
    expect(town.dispatches()).toBe(0)
    await town.shows('awaiting approval')
  })

  it.each([
    ['the requester', 'U0ANA', /may_not_approve|not_an_approver/],
    ['a colleague who is no approver', 'U0ELI', /not_an_approver/],
    ['a guest in the group', 'U0GUS', /not_a_member/],
  ])('%s turns no key', async (_, user, code) => {
    await asked()
    await town.presses('U0BEN', 'approve')
    await town.presses(user, 'approve')
    await town.whispers(user, code)
    expect(town.dispatches()).toBe(0)
  })

  it('an environment without keys ships at once', async () => {
    await town.says('U0ANA', '/deploy dev')
    await town.shows('succeeded')
    expect(town.dispatches()).toBe(1)
  })

  it('the migration exits 1: nothing is rolled out, and those who must act are told why', async () => {
    town.sandbox.aws.world.migrations.next({ kind: 'exits', code: 1, log: ['ERROR: duplicate key'] })
    await approved()
    await town.shows('failed')
    expect(town.serving()).toBe('blog-api:43')
    const end = await town.tells(/duplicate key/)
    expect(end.broadcast).toBe(true)
    expect(town.sandbox.slack.workspace.notifications('U0ANA').some(({ ts }) => ts === end.ts)).toBe(true)
    expect(town.sandbox.slack.workspace.notifications('U0CHLOE').some(({ ts }) => ts === end.ts)).toBe(true)
  })

  it('a migration that never started is a failed one', async () => {
    town.sandbox.aws.world.migrations.next({
      kind: 'never-starts',
      stoppedReason: 'CannotPullContainerError: not found',
    })
    await approved()
    await town.shows('failed')
    expect(town.serving()).toBe('blog-api:43')
  })

  it('the circuit breaker rolls back: that is what the card says, never success', async () => {
    town.sandbox.aws.world.unhealthy('next')
    await approved()
    await town.shows('rolled back')
    expect(town.serving()).toBe('blog-api:43')
    expect((await town.tells(/\*blog-api prod: rolled back\*/)).broadcast).toBe(true)
  })

  it('GitHub answers 502 after it accepted: the run is found, not sent again', async () => {
    town.sandbox.github.faults.queue(dispatchRoute, { kind: 'lost-after', status: 502 })
    await approved()
    await town.shows('succeeded')
    expect(town.dispatches()).toBe(1)
  })

  it('GitHub cannot be determined to have started anything: unknown, and the lane stays held', async () => {
    town.sandbox.github.faults.queue(dispatchRoute, { kind: 'reset' })
    await approved()
    await town.shows('unknown')
    expect(town.dispatches()).toBe(1)
    await town.says('U0ELI', '/deploy prod')
    await town.whispers('U0ELI', /in_flight/)
    await town.presses('U0BEN', 'settle')
    await town.tells(/free/i)
    await town.says('U0ELI', '/deploy prod')
    await town.shows('awaiting approval')
  })

  it('GitHub refuses the dispatch: failed, nothing was started', async () => {
    town.sandbox.github.faults.queue(dispatchRoute, {
      kind: 'answer',
      status: 403,
      body: { message: 'Resource not accessible by integration' },
    })
    await approved()
    await town.shows('failed')
    await town.tells(/Resource not accessible by integration/)
    expect(town.dispatches()).toBe(1)
  })

  it('Ben rejects: it ends, and later clicks are answered', async () => {
    const card = await asked()
    await town.presses('U0BEN', 'reject')
    await town.shows('rejected')
    await town.sandbox.slack.as('U0CHLOE').forges({
      type: 'interactive',
      payload: {
        type: 'block_actions',
        user: { id: 'U0CHLOE', team_id: 'T0TEAM' },
        team: { id: 'T0TEAM' },
        channel: { id: channel },
        container: { type: 'message', message_ts: card.ts, channel_id: channel },
        message: { ts: card.ts },
        trigger_id: 'late',
        response_url: town.sandbox.slack.workspace.team && undefined,
        actions: [
          {
            type: 'button',
            action_id: 'twokey:approve',
            block_id: 'b',
            value: card.metadata?.event_payload.release_id,
          },
        ],
      },
    })
    await town.whispers('U0CHLOE', /already_decided/)
    expect(town.dispatches()).toBe(0)
  })

  it('Ana cancels what she asked for', async () => {
    await asked()
    await town.says('U0ANA', '/deploy cancel')
    await town.shows('cancelled')
    expect(town.dispatches()).toBe(0)
  })

  it('a second deploy of the same service is refused while one is in progress', async () => {
    await asked()
    await town.says('U0ELI', '/deploy prod')
    await town.whispers('U0ELI', /in_flight/)
    expect(town.cards()).toHaveLength(1)
  })

  it('a typo deploys nothing', async () => {
    await town.says('U0ANA', '/deploy prd')
    await town.whispers('U0ANA', /\/deploy prod/)
    expect(town.cards()).toEqual([])
  })

  it('what runs already is not shipped again', async () => {
    await town.says('U0ANA', `/deploy prod blog-api ${mainCommits[3]!.sha}`)
    await town.whispers('U0ANA', /nothing_to_deploy/)
  })

  it('the bot is stopped and started while people are asked, and while it runs: it goes on', async () => {
    await asked()
    await town.presses('U0BEN', 'approve')
    await town.restarts()
    await town.presses('U0CHLOE', 'approve')
    await town.shows('running')
    await town.restarts()
    await town.shows('succeeded')
    expect(town.dispatches()).toBe(1)
    expect(town.cards()).toHaveLength(1)
  })
})
