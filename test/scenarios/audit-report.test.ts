import { afterEach, describe, expect, it, vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import { mainCommits } from '../../sandbox/seed.ts'
import { runHere } from '../cli/run-here.ts'
import { configText, type Harness, openHarness } from './harness.ts'

const list = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'

describe('the report for an auditor, while the bot runs', () => {
  let harness: Harness
  afterEach(() => harness.close())

  const report = async (...words: readonly string[]) => runHere(harness.folder, ['audit', 'report', ...words])

  it('the report says who requested and approved each release, with names, times and groups, and what was unusual', async () => {
    const emergency = 'emergency: { approvals: { required: 1, approvers: [S0ONCALL] } }'
    harness = await openHarness({
      config: configText.replace('    notify:', `    ${emergency}\n    notify:`),
    })
    await harness.types('U0ANA', '/deploy prod')
    await harness.shows('awaiting approval')
    await harness.clicks('U0BEN', 'reject')
    await harness.shows('rejected')
    await harness.clicks('U0ANA', 'retry')
    await harness.sandbox.slack.until(() => harness.cards().length === 2)
    await harness.clicks('U0ANA', 'approve')
    await harness.ephemeral('U0ANA', /may_not_approve|not_an_approver/)
    await harness.clicks('U0BEN', 'approve')
    await harness.clicks('U0CHLOE', 'approve')
    await harness.shows('succeeded')
    await harness.types(
      'U0ANA',
      `/deploy prod blog-api ${mainCommits.at(-2)?.sha} --emergency checkout is down`,
    )
    await harness.sandbox.slack.until(() => harness.cards().length === 3)
    await harness.clicks('U0CHLOE', 'approve')
    await harness.shows('succeeded')
    // Ben leaves: his name stays known.
    const ben = harness.sandbox.slack.workspace.users.get('U0BEN')
    if (ben) ben.deleted = true

    const json = await report('--format', 'json')
    expect(json).toMatchObject({ status: 0, err: '' })
    const [rejected, retried, urgent] = JSON.parse(json.out)
    const sha = mainCommits.at(-1)?.sha
    const ana = { id: 'U0ANA', name: 'Ana' }
    expect(rejected).toMatchObject({
      outcome: 'rejected',
      endedBy: { id: 'U0BEN', name: 'Ben' },
      approvals: [],
      exceptions: [],
    })
    expect(retried).toMatchObject({
      kind: 'deploy',
      service: 'blog-api',
      environment: 'prod',
      commit: sha,
      title: 'Fix the time zone of scheduled posts (#121)',
      requester: ana,
      required: 2,
      approvals: [
        {
          by: { id: 'U0BEN', name: 'Ben' },
          via: 'S0DEPLOYERS',
          at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        },
        { by: { id: 'U0CHLOE', name: 'Chloe' }, via: 'S0DEPLOYERS' },
      ],
      outcome: 'succeeded',
      endedBy: null,
      run: expect.stringContaining('/actions/runs/'),
      exceptions: [`retry of ${rejected.release}`],
    })
    expect(urgent).toMatchObject({
      requester: ana,
      required: 1,
      approvals: [{ by: { id: 'U0CHLOE' }, via: 'S0ONCALL' }],
      exceptions: [
        'an older commit than what was serving',
        'emergency: checkout is down',
        'emergency not acknowledged',
      ],
    })

    const table = await report('--person', 'U0BEN')
    expect(table.status).toBe(0)
    expect(table.out).toContain('Ben (U0BEN): 0 requested, 1 approved, 1 rejected, 0 refused.')
    expect(table.out).toContain('  Ben (U0BEN) approved 1 of 2 approved releases of Ana (U0ANA) (50 %).')
    expect(table.out).not.toContain(urgent.release)
    const anas = await report('--person', 'U0ANA')
    expect(anas.out).toContain('Ana (U0ANA): 3 requested, 0 approved, 0 rejected, 1 refused.')
    expect(anas.out).toContain('  Chloe (U0CHLOE) approved 2 of 2 approved releases of Ana (U0ANA) (100 %).')
  })

  it('lists what was started on GitHub and rolled out outside twokey among the releases', async () => {
    harness = await openHarness()
    const { log, world } = harness.sandbox.github
    await vi.waitFor(() => expect(log.of(list).length).toBeGreaterThan(2), { timeout: patience })
    const sha = world.push('main', { message: 'Past the approvals', author: 'Ben' })
    await harness.sandbox.aws.until(() => harness.serving() === 'blog-api:44')
    const seen = async () => {
      await harness.answerTo('U0ANA', '/deploy history')
      const { out } = await report('--format', 'json')
      return JSON.parse(out)
    }
    let rows = await seen()
    while (rows.length < 2) rows = await seen()
    expect(rows).toMatchObject([
      {
        release: null,
        kind: 'outside twokey',
        service: 'blog-api',
        commit: sha,
        login: 'ben',
        requester: null,
        exceptions: [expect.stringContaining('was started outside twokey (push)')],
      },
      { kind: 'outside twokey', revision: 'blog-api:44', commit: sha, outcome: 'rolled out' },
    ])
  })
})
