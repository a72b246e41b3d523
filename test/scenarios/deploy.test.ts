import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mainCommits } from '../../sandbox/seed.ts'
import { channel, dispatchRoute, type Harness, openHarness } from './harness.ts'

const tip = mainCommits.at(-1)!

describe('a deploy', () => {
  let harness: Harness
  beforeEach(async () => {
    harness = await openHarness()
  })
  afterEach(() => harness.close())

  const asked = async () => {
    await harness.types('U0ANA', '/deploy prod')
    return harness.shows('awaiting approval')
  }
  const approved = async () => {
    await asked()
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
  }

  it('ships once after two approvals, and the card says so', async () => {
    await approved()
    const card = await harness.shows('succeeded')
    expect(harness.cards()).toHaveLength(1)
    expect(harness.serving()).toBe('blog-api:44')
    const [dispatch, ...more] = harness.sandbox.github.log.of(dispatchRoute)
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
    await harness.threadPost(/exit code 0|exited 0/i)
  })

  it('dispatches nothing with one of two approvals', async () => {
    await asked()
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0BEN', 'approve')
    await harness.ephemeral('U0BEN', /already_approved/)
    expect(harness.dispatches()).toBe(0)
    await harness.shows('awaiting approval')
  })

  it.each([
    ['the requester', 'U0ANA', /may_not_approve|not_an_approver/],
    ['a colleague who is no approver', 'U0ELI', /not_an_approver/],
    ['a guest in the group', 'U0GUS', /not_a_member/],
  ])('counts no approval of %s', async (_, user, code) => {
    await asked()
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks(user, 'approve')
    await harness.ephemeral(user, code)
    expect(harness.dispatches()).toBe(0)
  })

  it('ships at once to an environment without approvals', async () => {
    await harness.types('U0ANA', '/deploy dev')
    await harness.shows('succeeded')
    expect(harness.dispatches()).toBe(1)
  })

  it('rolls out nothing if the migration exits 1, and tells the people who must act why', async () => {
    harness.sandbox.aws.world.migrations.next({ kind: 'exits', code: 1, log: ['ERROR: duplicate key'] })
    await approved()
    await harness.shows('failed')
    expect(harness.serving()).toBe('blog-api:43')
    const end = await harness.threadPost(/duplicate key/)
    expect(end.broadcast).toBe(true)
    expect(harness.sandbox.slack.workspace.notifications('U0ANA').some(({ ts }) => ts === end.ts)).toBe(true)
    expect(harness.sandbox.slack.workspace.notifications('U0CHLOE').some(({ ts }) => ts === end.ts)).toBe(
      true,
    )
  })

  it('fails a release whose migration never started', async () => {
    harness.sandbox.aws.world.migrations.next({
      kind: 'never-starts',
      stoppedReason: 'CannotPullContainerError: not found',
    })
    await approved()
    await harness.shows('failed')
    expect(harness.serving()).toBe('blog-api:43')
  })

  it('shows rolled back, and never success, if the circuit breaker rolls back', async () => {
    harness.sandbox.aws.world.unhealthy('next')
    await approved()
    await harness.shows('rolled back')
    expect(harness.serving()).toBe('blog-api:43')
    expect(
      (await harness.threadPost(/Deploy of blog-api to prod failed – ECS rolled back to :43/)).broadcast,
    ).toBe(true)
  })

  it('finds the run of a dispatch that GitHub accepted and answered with 502, and sends it once', async () => {
    harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'lost-after', status: 502 })
    await approved()
    await harness.shows('succeeded')
    expect(harness.dispatches()).toBe(1)
  })

  it('ends unknown and keeps the lane if it cannot be determined whether GitHub started anything', async () => {
    harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'reset' })
    await approved()
    await harness.shows('unknown')
    const refused = await harness.answerTo('U0ELI', '/deploy prod blog-api')
    expect(refused).toMatch(/Press Look again or Settle on the card of release r-.*See.*card>/s)
    expect(refused).not.toContain('Wait')
    expect(refused).toContain('in_flight')
    expect(harness.dispatches()).toBe(1)
    await harness.clicks('U0BEN', 'settle')
    await harness.threadPost(/settled it/)
    await harness.types('U0ELI', '/deploy prod')
    await harness.shows('awaiting approval')
  })

  it('ends failed if GitHub refuses the dispatch, because nothing was started', async () => {
    harness.sandbox.github.faults.queue(dispatchRoute, {
      kind: 'answer',
      status: 403,
      body: { message: 'Resource not accessible by integration' },
    })
    await approved()
    await harness.shows('failed')
    await harness.threadPost(/Resource not accessible by integration/)
    expect(harness.dispatches()).toBe(1)
  })

  it('ends rejected after Reject, and answers later clicks', async () => {
    const card = await asked()
    await harness.clicks('U0BEN', 'reject')
    await harness.shows('rejected')
    await harness.sandbox.slack.as('U0CHLOE').forges({
      type: 'interactive',
      payload: {
        type: 'block_actions',
        user: { id: 'U0CHLOE', team_id: 'T0TEAM' },
        team: { id: 'T0TEAM' },
        channel: { id: channel },
        container: { type: 'message', message_ts: card.ts, channel_id: channel },
        message: { ts: card.ts },
        trigger_id: 'late',
        response_url: harness.sandbox.slack.workspace.team && undefined,
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
    await harness.ephemeral('U0CHLOE', /already_decided/)
    expect(harness.dispatches()).toBe(0)
  })

  it('lets the requester cancel a deploy', async () => {
    await asked()
    await harness.types('U0ANA', '/deploy cancel')
    await harness.shows('cancelled')
    expect(harness.dispatches()).toBe(0)
  })

  it('refuses a second deploy of a service while one is in progress', async () => {
    await asked()
    await harness.types('U0ELI', '/deploy prod')
    await harness.ephemeral('U0ELI', /in_flight/)
    expect(harness.cards()).toHaveLength(1)
  })

  it('deploys nothing for a mistyped command', async () => {
    await harness.types('U0ANA', '/deploy prd')
    await harness.ephemeral('U0ANA', /\/deploy prod/)
    expect(harness.cards()).toEqual([])
  })

  it('refuses to deploy what is already running', async () => {
    await harness.types('U0ANA', `/deploy prod blog-api ${mainCommits[3]!.sha}`)
    await harness.ephemeral('U0ANA', /nothing_to_deploy/)
  })

  it('continues after restarts while approvals are missing and while the run is in progress', async () => {
    await asked()
    await harness.clicks('U0BEN', 'approve')
    await harness.restarts()
    await harness.clicks('U0CHLOE', 'approve')
    await harness.shows('running')
    await harness.restarts()
    await harness.shows('succeeded')
    expect(harness.dispatches()).toBe(1)
    expect(harness.cards()).toHaveLength(1)
  })
})
