import type { Octokit } from '@octokit/rest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { account } from '../../sandbox/github/people.ts'
import { permissions } from '../../sandbox/github/permissions.ts'
import { latest, type Run } from '../../sandbox/github/runs.ts'
import {
  blogApi,
  ended,
  installationToken,
  octokit,
  octokitApp,
  oneGitHub,
  refusal,
} from './github-client.ts'

const { client, github, world } = oneGitHub()
const production = () => world().repository().environment('production')!
const nonePending = { status: 422, message: 'No pending deployment requests to approve or reject' }
let bot: Octokit

beforeEach(() => {
  bot = octokitApp(github(), 'installation')
  world().gates.enableRule()
})
afterEach(() => {
  const { rules: _, branches: __, preventSelfReview: ___, canAdminsBypass: ____, ...rest } = production()
  const { environments } = world().repository()
  environments.splice(environments.indexOf(production()), 1, { ...rest, reviewers: [], waitMs: 0 })
  world().repository().plan = 'enterprise'
  world().gatesLiveFor = 30 * 86_400_000
  world().lag.review = 0
})

async function waiting(run = world().startRun()): Promise<Run> {
  await world().until(() => latest(run).status === 'waiting')
  return run
}

type Review = { readonly state?: 'approved' | 'rejected'; readonly comment?: string }
const review = (run: Run, { state, comment = '' }: Review, by = bot) =>
  by.request('POST /repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule', {
    ...blogApi,
    run_id: run.id,
    environment_name: 'production',
    ...(state && { state }),
    comment,
  } as never)
const statuses = (run: Run) => latest(run).jobs.map(({ key, status }) => `${key}: ${status}`)

/** A workflow whose jobs have the environment, as its only file of this name. */
function gated(jobs: string): Run {
  const path = '.github/workflows/gated.yml'
  const text = `on: workflow_dispatch\njobs:\n${jobs}`
  world().push('main', { message: 'Gate these', files: { [path]: text } })
  return world().startRun({ workflow: 'gated.yml', event: 'workflow_dispatch' })
}

describe('a custom rule', () => {
  it.each([
    ['approved', 'success'],
    ['rejected', 'failure'],
  ] as const)('a run whose App says %s ends with %s', async (state, conclusion) => {
    const run = await waiting()
    expect(statuses(run)).toEqual(['test: completed', 'deploy: waiting'])
    expect((await review(run, { state, comment: '@ana, @ben' })).status).toBe(204)
    expect(await ended(world(), run)).toBe(conclusion)
  })

  it('a run waits for each rule, and one rejection is enough', async () => {
    const other = world().addApp('another-gate')
    world().gates.enableRule({ app: other })
    const theirs = octokitApp(github(), 'installation', other)
    const approved = await waiting()
    await review(approved, { state: 'approved' })
    expect(latest(approved).status).toBe('waiting')
    await review(approved, { state: 'approved' }, theirs)
    expect(await ended(world(), approved)).toBe('success')
    const rejected = await waiting()
    await review(rejected, { state: 'rejected' }, theirs)
    expect(await ended(world(), rejected)).toBe('failure')
  })

  it('a run waits for reviewers and the wait timer beside the rule', async () => {
    production().reviewers = [account('twokey-bot')]
    production().waitMs = 300
    const from = Date.now()
    const run = await waiting()
    await review(run, { state: 'approved' })
    expect(await refusal(review(run, { state: 'approved' }))).toEqual({
      status: 422,
      message: 'Deployment protection rule has already been reviewed',
    })
    await client().actions.reviewPendingDeploymentsForRun({
      ...blogApi,
      run_id: run.id,
      environment_ids: [production().id],
      state: 'approved',
      comment: '',
    })
    expect(await ended(world(), run)).toBe('success')
    expect(Date.now() - from).toBeGreaterThanOrEqual(300)
  })

  it('a rule is reviewed by a token of its App only', async () => {
    const other = octokitApp(github(), 'installation', world().addApp('curious'))
    const reader = octokit(
      github(),
      await installationToken(github(), { permissions: { deployments: 'read' } }),
    )
    const run = await waiting()
    const integration = { status: 403, message: 'Resource not accessible by integration' }
    expect(await refusal(review(run, { state: 'approved' }, other))).toEqual(integration)
    expect(await refusal(review(run, { state: 'approved' }, reader))).toEqual(integration)
    expect(await refusal(review(run, { state: 'approved' }, client()))).toMatchObject({ status: 403 })
    expect(await refusal(review(run, { state: 'approve' as never }))).toMatchObject({ status: 422 })
    world().cancelRun(run.id)
  })

  it('a review without a waiting job is refused', async () => {
    world().next.holdAt = 'Test'
    const run = world().startRun()
    await world().until(() => latest(run).status === 'in_progress')
    expect(await refusal(review(run, { state: 'approved' }))).toEqual(nonePending)
    world().cancelRun(run.id)
    await ended(world(), run)
    expect(await refusal(review(run, { state: 'approved' }))).toEqual(nonePending)
  })

  it('a review covers all jobs that wait now; a later job asks again', async () => {
    const run = gated(`
  one: { environment: production, strategy: { matrix: { part: [a, b] } }, steps: [{ run: echo 1 }] }
  two: { needs: one, environment: production, steps: [{ run: echo 2 }] }
`)
    await world().until(() => latest(run).jobs.filter(({ status }) => status === 'waiting').length === 2)
    await review(run, { state: 'approved' })
    await world().until(() => statuses(run)[2] === 'two: waiting')
    expect(statuses(run)).toEqual(['one: completed', 'one: completed', 'two: waiting'])
    await review(run, { state: 'approved' })
    expect(await ended(world(), run)).toBe('success')
  })

  it('a run that waits keeps its turn in its concurrency group', async () => {
    const path = '.github/workflows/lane.yml'
    const text = [
      'on: workflow_dispatch',
      'concurrency: production',
      'jobs: { a: { environment: production, steps: [{ run: echo a }] } }',
    ].join('\n')
    world().push('main', { message: 'One lane', files: { [path]: text } })
    const start = () => world().startRun({ workflow: 'lane.yml', event: 'workflow_dispatch' })
    const first = await waiting(start())
    const second = start()
    await world().until(() => latest(second).status === 'pending')
    await review(first, { state: 'rejected' })
    await waiting(second)
    world().cancelRun(second.id)
  })

  it('a second review at the same time is refused as GitHub does', async () => {
    world().lag.review = 200
    const run = await waiting()
    await review(run, { state: 'approved' })
    expect(await refusal(review(run, { state: 'approved' }))).toEqual({
      status: 422,
      message: 'There was a problem approving one of the gates',
    })
    expect(await ended(world(), run)).toBe('success')
  })

  it('a status report keeps the job waiting; there are ten per deployment', async () => {
    const run = await waiting()
    for (let at = 0; at < 10; at += 1) expect((await review(run, { comment: `${at} of 2` })).status).toBe(204)
    expect(await refusal(review(run, { comment: 'One more' }))).toMatchObject({ status: 422 })
    expect(await refusal(review(run, { comment: 'x'.repeat(1025) }))).toMatchObject({ status: 422 })
    expect(latest(run).status).toBe('waiting')
    await review(run, { state: 'approved', comment: 'x'.repeat(1024) })
    expect(await ended(world(), run)).toBe('success')
  })

  it('a re-run asks again', async () => {
    const run = await waiting()
    await review(run, { state: 'approved' })
    expect(await refusal(bot.actions.reRunWorkflow({ ...blogApi, run_id: run.id }))).toEqual({
      status: 403,
      message: 'This workflow is already running',
    })
    await ended(world(), run)
    expect((await bot.actions.reRunWorkflow({ ...blogApi, run_id: run.id })).status).toBe(201)
    await waiting(run)
    const { data } = await bot.actions.getWorkflowRun({ ...blogApi, run_id: run.id })
    expect(data).toMatchObject({ run_attempt: 2, triggering_actor: { login: 'twokey[bot]' } })
    await review(run, { state: 'rejected' })
    expect(await ended(world(), run)).toBe('failure')
  })

  it('a job fails if its rule is removed, or nobody answers in time', async () => {
    const removed = await waiting()
    world().gates.disableRule()
    expect(await ended(world(), removed)).toBe('failure')
    world().gates.enableRule()
    world().gatesLiveFor = 30
    expect(await ended(world(), world().startRun())).toBe('failure')
  })

  it('a job without a deployment is refused by a custom rule, and waits for reviewers', async () => {
    const job = '  a: { environment: { name: production, deployment: false }, steps: [{ run: echo a }] }\n'
    expect(await ended(world(), gated(job))).toBe('failure')
    world().gates.disableRule()
    production().reviewers = [account('ana')]
    const before = world().repository().deployments.length
    const run = await waiting(gated(job))
    world().gates.review(run.id, { by: account('ana'), state: 'approved' })
    expect(await ended(world(), run)).toBe('success')
    expect(world().repository().deployments).toHaveLength(before)
  })

  it('an approval of the App is in the history of reviews', async () => {
    const run = await waiting()
    await review(run, { state: 'approved', comment: '@ana, @ben' })
    const { data } = await bot.actions.getReviewsForRun({ ...blogApi, run_id: run.id })
    expect(data).toMatchObject([{ state: 'approved', comment: '@ana, @ben', user: { login: 'twokey[bot]' } }])
    await ended(world(), run)
  })

  it('a job fails if its environment is deleted', async () => {
    const { environments } = world().repository()
    const old = production()
    const run = await waiting()
    environments.splice(environments.indexOf(old), 1)
    world().changed()
    expect(await ended(world(), run)).toBe('failure')
    environments.push(old)
  })

  it('an administrator starts waiting jobs unless that is forbidden', async () => {
    const run = await waiting()
    production().canAdminsBypass = false
    expect(() => world().gates.bypass(run.id)).toThrow('may not bypass')
    production().canAdminsBypass = true
    world().gates.bypass(run.id)
    expect(await ended(world(), run)).toBe('success')
  })
})

describe('what a waiting run shows', () => {
  const pending = async (run: Run, by: Octokit) =>
    (await by.actions.getPendingDeploymentsForRun({ ...blogApi, run_id: run.id })).data

  it('a run is listed as waiting, and its environment as pending', async () => {
    const run = await waiting()
    const { data } = await bot.actions.listWorkflowRunsForRepo({ ...blogApi, status: 'waiting' })
    expect(data.workflow_runs.map(({ id }) => id)).toEqual([run.id])
    expect(await pending(run, bot)).toMatchObject([
      { environment: { name: 'production' }, current_user_can_approve: false, reviewers: [] },
    ])
    world().cancelRun(run.id)
    await ended(world(), run)
    expect(await pending(run, bot)).toEqual([])
  })

  it('a list by status may not show yet that a run waits; the whole list does', async () => {
    const run = await waiting()
    world().lag.filtered = 60_000
    const list = async (status?: 'waiting') =>
      (await bot.actions.listWorkflowRunsForRepo({ ...blogApi, status })).data.workflow_runs
    expect(await list('waiting')).toEqual([])
    expect((await list())[0]).toMatchObject({ id: run.id, status: 'waiting' })
    world().lag.filtered = 0
    world().cancelRun(run.id)
  })

  it('only a required reviewer can approve, and not their own run if that is prevented', async () => {
    production().reviewers = [account('ben'), account('ana')]
    production().preventSelfReview = true
    for (const login of ['ana', 'ben'])
      world().tokens.set(`of-${login}`, { account: account(login), kind: 'user', permissions })
    const run = await waiting()
    const can = async (by: Octokit) => (await pending(run, by)).map((each) => each.current_user_can_approve)
    expect(await can(octokit(github(), 'of-ana'))).toEqual([true])
    expect(await can(octokit(github(), 'of-ben'))).toEqual([false])
    expect(await can(bot)).toEqual([false])
    const by = (who: Octokit) =>
      who.actions.reviewPendingDeploymentsForRun({
        ...blogApi,
        run_id: run.id,
        environment_ids: [production().id],
        state: 'approved',
        comment: '',
      })
    expect(await refusal(by(bot))).toEqual({ status: 403, message: 'Resource not accessible by integration' })
    expect(await refusal(by(octokit(github(), 'of-ben')))).toMatchObject({ status: 403 })
    await by(octokit(github(), 'of-ana'))
    expect(await can(octokit(github(), 'of-ana'))).toEqual([false])
    world().cancelRun(run.id)
  })
})

describe('an environment', () => {
  const shown = async () =>
    (await bot.repos.getEnvironment({ ...blogApi, environment_name: 'production' })).data
  const rules = async () =>
    (await bot.repos.getAllDeploymentProtectionRules({ ...blogApi, environment_name: 'production' })).data
  const admin = () => {
    const full = { ...permissions, administration: 'write' } as const
    world().tokens.set('of-admin', { account: account('ana'), kind: 'user', permissions: full })
    return octokit(github(), 'of-admin')
  }
  const enable = (by: Octokit, id: number) =>
    by.repos.createDeploymentProtectionRule({
      ...blogApi,
      environment_name: 'production',
      integration_id: id,
    })

  it('an environment shows its rules, its branches and whether administrators may bypass them', async () => {
    production().branches = ['main']
    expect(await shown()).toMatchObject({
      can_admins_bypass: true,
      deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
      protection_rules: [{ type: 'custom' }, { type: 'branch_policy' }],
    })
    expect(await rules()).toMatchObject({
      total_count: 1,
      custom_deployment_protection_rules: [{ enabled: true, app: { id: world().app.id, slug: 'twokey' } }],
    })
  })

  it('a job of another branch fails at once', async () => {
    production().branches = ['release']
    expect(await ended(world(), world().startRun())).toBe('failure')
  })

  it('an administrator enables and disables up to six rules', async () => {
    expect(await refusal(enable(bot, world().app.id))).toMatchObject({ status: 403 })
    for (let at = 0; at < 5; at += 1) await enable(admin(), world().addApp(`gate-${at}`).id)
    expect(await refusal(enable(admin(), world().addApp('gate-7').id))).toMatchObject({ status: 422 })
    expect((await rules()).total_count).toBe(6)
    await admin().repos.disableDeploymentProtectionRule({
      ...blogApi,
      environment_name: 'production',
      protection_rule_id: production().rules![0]!.id,
    })
    expect((await rules()).total_count).toBe(5)
    const { data } = await admin().repos.listCustomDeploymentRuleIntegrations({
      ...blogApi,
      environment_name: 'production',
    })
    expect(data.available_custom_deployment_protection_rule_integrations?.[0]).toMatchObject({
      slug: 'twokey',
    })
  })

  it('a private repository below Enterprise has no rules', async () => {
    world().repository().plan = 'team'
    production().reviewers = [account('ana')]
    expect(await shown()).toMatchObject({ protection_rules: [] })
    expect((await rules()).total_count).toBe(0)
    expect(() => world().gates.enableRule({ environment: 'dev' })).toThrow(/billing plan/)
    expect((await refusal(enable(admin(), world().addApp('late').id))).message).toMatch(/billing plan/)
    expect(await ended(world(), world().startRun())).toBe('success')
  })
})
