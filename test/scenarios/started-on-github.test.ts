import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import { channel, type Harness, openHarness } from './harness.ts'

let harness: Harness
beforeEach(async () => {
  harness = await openHarness()
})
afterEach(() => harness.close())

const list = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'

function notices() {
  return harness.sandbox.slack.workspace
    .messages(channel)
    .filter(({ text, metadata }) => metadata?.event_type === 'twokey_notice' && text.includes('GitHub'))
}

/** twokey has read the list of runs twice more, so it has handled everything in it. */
async function lookedAgain(): Promise<void> {
  const { log } = harness.sandbox.github
  const before = log.of(list).length
  await vi.waitFor(() => expect(log.of(list).length).toBeGreaterThan(before + 2), { timeout: patience })
}

const told = (count: number) => harness.sandbox.slack.until(() => notices().length === count)

describe('runs started outside twokey', () => {
  test('reports a push to prod’s branch once, with its run, its person and the approvals that nobody gave', async () => {
    await lookedAgain()
    const { world } = harness.sandbox.github
    const sha = world.push('main', { message: 'Past the approvals', author: 'Ben' })
    await told(1)
    const [notice] = notices()
    const run = world.repository().runs.at(-1)!
    for (const fact of [
      `workflow run #${run.number}`,
      'push',
      sha.slice(0, 7),
      'main',
      'prod',
      'blog-api',
      'ben',
      '2 approvals',
    ])
      expect(notice?.text).toContain(fact)
    await harness.restarts()
    await lookedAgain()
    expect(notices()).toHaveLength(1)
  })

  test('does not report a push to dev’s branch, which requires no approvals', async () => {
    await lookedAgain()
    harness.sandbox.github.world.push('develop', { message: 'Try it' })
    await lookedAgain()
    expect(notices()).toEqual([])
  })

  test('does not report the run that was approved in Slack, but reports its re-run on GitHub', async () => {
    await lookedAgain()
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    await lookedAgain()
    expect(notices()).toEqual([])
    const { world } = harness.sandbox.github
    const run = world.repository().runs.at(-1)!
    await world.until(() => run.attempts.at(-1)?.status === 'completed')
    world.rerun(run.id, 'chloe')
    await told(1)
    expect(notices()[0]?.text).toContain('attempt 2')
    expect(notices()[0]?.text).toContain('chloe')
  })

  test('reports a dispatch that carries the id of a release which follows another run', async () => {
    await lookedAgain()
    await harness.approved()
    await harness.ends()
    const { world } = harness.sandbox.github
    const ours = world.repository().runs.at(-1)!
    world.startRun({ event: 'workflow_dispatch', inputs: ours.inputs })
    await told(1)
  })

  test('status says of each environment whether its approvals can be bypassed on GitHub', async () => {
    const environment = harness.sandbox.github.world.repository().environment('production')!
    environment.reviewers = [
      { login: 'ben', id: 7, type: 'User' },
      { login: 'chloe', id: 8, type: 'User' },
    ]
    await harness.restarts()
    await lookedAgain()
    const status = await harness.answerTo('U0ANA', '/deploy status')
    expect(status).toMatch(/blog-api dev.*no approvals required/)
    expect(status).toMatch(/blog-api prod.*can be bypassed on GitHub.*one of its 2 reviewers/)
  })

  test('status says that pushes are not blocked on a plan without gates', async () => {
    const repository = harness.sandbox.github.world.repository()
    repository.plan = 'team'
    repository.environment('production')!.reviewers = [{ login: 'ben', id: 7, type: 'User' }]
    await harness.restarts()
    await lookedAgain()
    const status = await harness.answerTo('U0ANA', '/deploy status')
    expect(status).toMatch(/blog-api prod.*no gates for private repositories, so pushes are not blocked/)
  })

  test('reports afterwards what was started while twokey was down or could not read', async () => {
    await lookedAgain()
    const { faults, world } = harness.sandbox.github
    faults.queue(list, { kind: 'answer', status: 403, body: { message: 'no' } }, { times: 3 })
    world.push('main', { message: 'Unseen' })
    await told(1)
  })
})
