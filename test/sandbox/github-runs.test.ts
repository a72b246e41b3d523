import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { permissions } from '../../sandbox/github/access.ts'
import { account } from '../../sandbox/github/people.ts'
import { latest, type Run } from '../../sandbox/github/runs.ts'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { mainCommits } from '../../sandbox/seed.ts'
import { blogApi, ended, octokit, oneGitHub, refusal, steps } from './github-client.ts'

const { client, github, world } = oneGitHub()

const jobsOf = async (run: Run, attempt = 1) => {
  const { data } = await client().actions.listJobsForWorkflowRunAttempt({
    ...blogApi,
    run_id: run.id,
    attempt_number: attempt,
  })
  return data.jobs.map(({ name, status, conclusion }) => ({ name, status, conclusion }))
}
const seen = async (run: Run) => {
  const { data } = await client().actions.getWorkflowRun({ ...blogApi, run_id: run.id })
  return { status: data.status, conclusion: data.conclusion, attempt: data.run_attempt }
}
const cancel = (run: Run) => client().actions.cancelWorkflowRun({ ...blogApi, run_id: run.id })
const dispatched = (inputs: Record<string, string>) =>
  world().startRun({ event: 'workflow_dispatch', inputs: { environment: 'production', ...inputs } })

describe('a run', () => {
  it('a run executes its jobs until its end', async () => {
    world().next.holdAt = 'Build'
    const run = world().startRun()
    await world().until(
      () => latest(run).jobs[1]?.steps.find(({ status }) => status === 'in_progress')?.name === 'Build',
    )
    expect(await seen(run)).toEqual({ status: 'in_progress', conclusion: null, attempt: 1 })
    expect(await jobsOf(run)).toEqual([
      { name: 'test', status: 'completed', conclusion: 'success' },
      { name: 'deploy', status: 'in_progress', conclusion: null },
    ])
    world().letGo(run.id)
    expect(await ended(world(), run)).toBe('success')
    expect(await seen(run)).toEqual({ status: 'completed', conclusion: 'success', attempt: 1 })
  })

  it('a push starts a run only on a branch that the workflow names', () => {
    const before = world().repository().runs.length
    const sha = world().push('main', { message: 'Ship me', author: 'Ben' })
    world().push('elsewhere', { message: 'Not me' })
    const started = world().repository().runs.slice(before)
    expect(started).toMatchObject([
      { event: 'push', headSha: sha, actor: { login: 'ben' }, title: 'deploy main [push]' },
    ])
  })

  it('the jobs of a run are checks of its commit', async () => {
    const sha = world().push('main', { message: 'Check me' })
    await ended(world(), world().repository().runs.at(-1)!)
    const { data } = await client().checks.listForRef({ ...blogApi, ref: sha, filter: 'latest' })
    expect(data.check_runs.map(({ name, app }) => [name, app?.slug])).toEqual([
      ['test', 'github-actions'],
      ['deploy', 'github-actions'],
    ])
  })

  it('a run refuses a commit that is not on its branch', async () => {
    const apart = world().push('apart', { message: 'Not on main' })
    const run = dispatched({ sha: apart })
    expect(await ended(world(), run)).toBe('failure')
    expect(steps(run, 'deploy')).toContain('Prove that the commit lies on the branch: failure')
  })

  it('a run fails if its commit cannot be checked out', async () => {
    const run = dispatched({ sha: 'f'.repeat(40) })
    expect(await ended(world(), run)).toBe('failure')
    expect(steps(run, 'test')).toContain('Checkout: failure')
  })
})

describe('failures of a run', () => {
  it('a failed step of the first job skips the second job', async () => {
    world().next.failStep = 'Test'
    const run = world().startRun()
    expect(await ended(world(), run)).toBe('failure')
    expect(await jobsOf(run)).toEqual([
      { name: 'test', status: 'completed', conclusion: 'failure' },
      { name: 'deploy', status: 'completed', conclusion: 'skipped' },
    ])
  })

  it('a failed step of the second job skips its later steps', async () => {
    world().next.failStep = 'Build'
    const run = world().startRun()
    expect(await ended(world(), run)).toBe('failure')
    expect(steps(run, 'deploy').slice(4)).toEqual([
      'Log in to ECR: success',
      'Build: failure',
      'Migrate: skipped',
      'Render: skipped',
      'Deploy: skipped',
      'Smoke test: skipped',
      'Complete job: success',
    ])
  })

  it('a run can be cancelled during a step', async () => {
    world().next.cancelAt = 'Render'
    const run = world().startRun()
    expect(await ended(world(), run)).toBe('cancelled')
    expect(steps(run, 'deploy').slice(6, 9)).toEqual([
      'Migrate: success',
      'Render: cancelled',
      'Deploy: skipped',
    ])
  })

  it.each(['timed_out', 'cancelled'] as const)('a job that times out is reported as %s', async (as) => {
    world().next.timeOut = { step: 'Deploy', as }
    const run = world().startRun()
    expect(await ended(world(), run)).toBe(as)
    expect(await jobsOf(run)).toContainEqual({ name: 'deploy', status: 'completed', conclusion: as })
  })

  it('a run without a runner stays queued', async () => {
    world().next.stuck = 'queued'
    const run = world().startRun()
    await world().until(() => latest(run).jobs.length > 0)
    expect(await seen(run)).toMatchObject({ status: 'queued' })
    await cancel(run)
    expect(await ended(world(), run)).toBe('cancelled')
  })

  it('a planned failure happens only once', async () => {
    world().next.failStep = 'Build'
    await ended(world(), world().startRun())
    expect(await ended(world(), world().startRun())).toBe('success')
  })
})

describe('cancelling', () => {
  it('a cancellation is accepted, then the run ends', async () => {
    world().next.holdAt = 'Test'
    const run = world().startRun()
    expect((await cancel(run)).status).toBe(202)
    expect(await ended(world(), run)).toBe('cancelled')
  })

  it('a cancellation of a finished run is refused', async () => {
    const run = world().startRun()
    await ended(world(), run)
    expect(await refusal(cancel(run))).toEqual({
      status: 409,
      message: 'Cannot cancel a workflow run that is completed.',
    })
  })

  it('a run may ignore a cancellation until it is forced', async () => {
    world().next = { cancellation: 'ignored', holdAt: 'Test' }
    const run = world().startRun()
    await cancel(run)
    expect(await seen(run)).not.toMatchObject({ status: 'completed' })
    const forced = await client().actions.forceCancelWorkflowRun({ ...blogApi, run_id: run.id })
    expect(forced.status).toBe(202)
    expect(await ended(world(), run)).toBe('cancelled')
  })
})

/** An expression of a workflow file. */
const x = (expression: string) => ['$', `{{ ${expression} }}`].join('')

describe('a run that is run again', () => {
  const rerunFailed = (run: Run) => client().actions.reRunWorkflowFailedJobs({ ...blogApi, run_id: run.id })

  it('a re-run of failed jobs runs them and those after them, and keeps the others', async () => {
    world().next.failStep = 'Build'
    const run = dispatched({})
    await ended(world(), run)
    const [tested] = latest(run).jobs
    expect((await rerunFailed(run)).status).toBe(201)
    expect(await ended(world(), run)).toBe('success')
    expect(latest(run).jobs).toMatchObject([
      { key: 'test', isKept: true, startedAt: tested!.startedAt, conclusion: 'success' },
      { key: 'deploy', conclusion: 'success' },
    ])
    expect(await seen(run)).toMatchObject({ attempt: 2 })
  })

  it('a re-run of failed jobs passes on the outputs of those that it keeps', async () => {
    const text = [
      'on: workflow_dispatch',
      'jobs:',
      '  one:',
      `    outputs: { tag: "${x('steps.a.outputs.tag')}" }`,
      '    steps: [{ id: a, run: echo "tag=v1" >> "$GITHUB_OUTPUT" }]',
      `  two: { needs: one, steps: [{ name: Two, run: "echo ${x('needs.one.outputs.tag')}" }] }`,
      '  three: { needs: two, steps: [{ run: echo 3 }] }',
    ].join('\n')
    world().push('main', { message: 'Three jobs', files: { '.github/workflows/three.yml': text } })
    world().next.failStep = 'Two'
    const run = world().startRun({ workflow: 'three.yml', event: 'workflow_dispatch' })
    await ended(world(), run)
    expect(latest(run).jobs.map(({ conclusion }) => conclusion)).toEqual(['success', 'failure', 'skipped'])
    await rerunFailed(run)
    expect(await ended(world(), run)).toBe('success')
    expect(latest(run).jobs.map(({ isKept = false }) => isKept)).toEqual([true, false, false])
    expect(latest(run).jobs[1]!.log.join('\n')).toContain('v1')
  })

  it('a run without failed jobs, or that is under way, is refused', async () => {
    world().next.holdAt = 'Test'
    const run = dispatched({})
    expect(await refusal(rerunFailed(run))).toEqual({
      status: 403,
      message: 'This workflow is already running',
    })
    world().letGo(run.id)
    await ended(world(), run)
    expect(await refusal(rerunFailed(run))).toEqual({
      status: 403,
      message: 'This workflow run cannot be retried',
    })
  })

  it('a run that is more than 30 days old is refused', async () => {
    world().next.failStep = 'Test'
    const run = world().startRun()
    await ended(world(), run)
    Object.assign(run, { createdAt: Date.now() - 31 * 24 * 60 * 60_000 })
    expect(await refusal(rerunFailed(run))).toEqual({
      status: 403,
      message: 'Unable to retry this workflow run because it was created over a month ago',
    })
    expect(run.attempts).toHaveLength(1)
  })

  it('a re-run keeps its first attempt', async () => {
    world().next.failStep = 'Test'
    const run = world().startRun()
    await ended(world(), run)
    world().rerun(run.id, 'chloe')
    expect(await ended(world(), run)).toBe('success')
    expect(await seen(run)).toEqual({ status: 'completed', conclusion: 'success', attempt: 2 })
    expect((await jobsOf(run, 1))[0]).toMatchObject({ conclusion: 'failure' })
    expect((await jobsOf(run, 2))[0]).toMatchObject({ conclusion: 'success' })
    const { data } = await client().actions.getWorkflowRunAttempt({
      ...blogApi,
      run_id: run.id,
      attempt_number: 1,
    })
    expect(data).toMatchObject({ run_attempt: 1, conclusion: 'failure', actor: { login: 'ben' } })
    const all = await client().actions.listJobsForWorkflowRun({ ...blogApi, run_id: run.id, filter: 'all' })
    expect(all.data.total_count).toBe(4)
  })
})

describe('logs', () => {
  const logs = (run: Run, job: number) =>
    client().actions.downloadJobLogsForWorkflowRun({ ...blogApi, job_id: latest(run).jobs[job]!.id })

  it('logs have a temporary address', async () => {
    world().next.failStep = 'Build'
    const run = world().startRun()
    await ended(world(), run)
    expect((await logs(run, 1)).data).toMatch(/^\d{4}-.*Z ##\[error\]Process completed with exit code 1\.$/m)
    world().logsLiveFor = -1
    expect(await refusal(logs(run, 1))).toMatchObject({ status: 403 })
    world().logsLiveFor = 60_000
  })

  it('the log store accepts only the token in the address, not the API token', async () => {
    const run = world().startRun()
    await ended(world(), run)
    const { repositories } = world()
    const path = `/repos/${repositories[0]!.fullName}/actions/jobs/${latest(run).jobs[0]!.id}/logs`
    const { url, env } = github()
    const headers = { authorization: `Bearer ${env.GITHUB_TOKEN}` }
    const { status, headers: answered } = await fetch(`${url}${path}`, { headers, redirect: 'manual' })
    const address = answered.get('location')!
    expect([status, new URL(address).origin === url]).toEqual([302, false])
    expect((await fetch(address)).status).toBe(200)
    expect((await fetch(address, { headers })).status).toBe(400)
  })

  it('logs are missing while the job runs', async () => {
    world().next.holdAt = 'Test'
    const run = world().startRun()
    await world().until(() => latest(run).jobs[0]?.startedAt)
    const missing = (await logs(run, 0).catch((thrown: unknown) => thrown)) as {
      status: number
      response: { data: ArrayBuffer }
    }
    expect(missing.status).toBe(404)
    expect(Buffer.from(missing.response.data).toString()).toContain('<Code>BlobNotFound</Code>')
    world().cancelRun(run.id)
    await ended(world(), run)
    expect(await refusal(logs(run, 1))).toMatchObject({ status: 404, message: 'Not Found' })
  })
})

/** The date in UTC, this many days from now. */
const daysFromNow = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

describe('lists of runs', () => {
  it.each<[Record<string, string>, (run: Run) => boolean]>([
    [{ event: 'push' }, (run) => run.event === 'push'],
    [{ status: 'cancelled' }, (run) => latest(run).conclusion === 'cancelled'],
    [{ branch: 'main', actor: 'ben' }, (run) => run.actor.login === 'ben'],
    [{ head_sha: mainCommits.at(-1)!.sha }, (run) => run.headSha === mainCommits.at(-1)!.sha],
    [{ created: `>=${daysFromNow(2)}T00:00:00Z` }, () => false],
    [
      { created: `${daysFromNow(-1)}..${daysFromNow(2)}` },
      (run) => run.createdAt >= Date.parse(`${daysFromNow(-1)}T00:00:00Z`),
    ],
  ])('runs can be filtered by %o', async (filter, holds) => {
    const all = await client().paginate(client().actions.listWorkflowRunsForRepo, { ...blogApi, ...filter })
    const wanted = world()
      .repository()
      .runs.filter(holds)
      .map(({ id }) => id)
    expect(all.map(({ id }) => id)).toEqual(wanted.toReversed())
  })
})

describe('the gate of an environment', () => {
  const gated = () => world().repository().environment('production')!
  const pending = async (run: Run, by = client()) =>
    (await by.actions.getPendingDeploymentsForRun({ ...blogApi, run_id: run.id })).data
  const review = (run: Run, state: 'approved' | 'rejected', by = client()) =>
    by.actions.reviewPendingDeploymentsForRun({
      ...blogApi,
      run_id: run.id,
      environment_ids: [gated().id],
      state,
      comment: 'Looked at it',
    })

  beforeEach(() => {
    gated().reviewers = [account('twokey-bot')]
  })
  afterEach(() => {
    gated().reviewers = []
  })

  async function waiting(): Promise<Run> {
    const run = world().startRun()
    await world().until(() => latest(run).status === 'waiting')
    return run
  }

  it.each([
    ['approved', 'success'],
    ['rejected', 'failure'],
  ] as const)('a run whose gate is %s by a reviewer ends with %s', async (state, conclusion) => {
    const run = await waiting()
    expect(await pending(run)).toMatchObject([
      { environment: { name: 'production' }, current_user_can_approve: true },
    ])
    expect((await review(run, state)).data).toMatchObject([{ environment: 'production', sha: run.headSha }])
    expect(await ended(world(), run)).toBe(conclusion)
    const { data } = await client().actions.getReviewsForRun({ ...blogApi, run_id: run.id })
    expect(data).toMatchObject([{ state, user: { login: 'twokey-bot' }, comment: 'Looked at it' }])
  })

  it('a gate refuses people who are not reviewers, and takes one review', async () => {
    world().tokens.set('github_pat_eli', { account: account('eli'), kind: 'user', permissions })
    const eli = octokit(github(), 'github_pat_eli')
    const run = await waiting()
    expect(await pending(run, eli)).toMatchObject([{ current_user_can_approve: false }])
    expect(await refusal(review(run, 'approved', eli))).toMatchObject({ status: 403 })
    await review(run, 'approved')
    await ended(world(), run)
    expect(await refusal(review(run, 'approved'))).toEqual({
      status: 422,
      message: 'No pending deployment requests to approve or reject',
    })
  })

  it('a re-run needs a new review at the gate', async () => {
    const run = await waiting()
    await review(run, 'rejected')
    await ended(world(), run)
    world().rerun(run.id)
    await world().until(() => latest(run).status === 'waiting')
    await review(run, 'approved')
    expect(await ended(world(), run)).toBe('success')
  })

  it('an environment shows its reviewers and wait timer', async () => {
    gated().waitMs = 300_000
    const { data } = await client().repos.getEnvironment({ ...blogApi, environment_name: 'production' })
    gated().waitMs = 0
    expect(data.protection_rules).toMatchObject([
      { type: 'wait_timer', wait_timer: 5 },
      { type: 'required_reviewers', reviewers: [{ type: 'User', reviewer: { login: 'twokey-bot' } }] },
    ])
  })
})

describe('deployments', () => {
  it('a deployment follows its job, and its success makes the previous one inactive', async () => {
    const [first, second] = [world().startRun(), world().startRun()]
    await ended(world(), first)
    await ended(world(), second)
    const third = world().startRun()
    await ended(world(), third)
    const { data } = await client().repos.listDeployments({ ...blogApi, environment: 'production' })
    const states = async (id: number) => {
      const answer = await client().repos.listDeploymentStatuses({ ...blogApi, deployment_id: id })
      return answer.data.map(({ state }) => state)
    }
    expect(await states(data[0]!.id)).toEqual(['success', 'in_progress', 'queued'])
    expect((await states(data[1]!.id))[0]).toBe('inactive')
  })
})

describe('reduced and removed workflows', () => {
  it('a reduced workflow accepts only its declared inputs', async () => {
    const files = { [deployPath]: deployWorkflow({ inputs: ['environment'] }) }
    const sha = world().push('main', { message: 'Fewer inputs', files })
    await ended(world(), world().repository().runs.at(-1)!)
    const { data } = await client().request(
      'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches',
      {
        ...blogApi,
        workflow_id: 'deploy.yml',
        ref: 'main',
        inputs: { environment: 'dev' },
        return_run_details: true,
      },
    )
    const { workflow_run_id } = data as unknown as { workflow_run_id: number }
    const { run } = world().find(workflow_run_id)
    expect(run).toMatchObject({
      inputs: { environment: 'dev' },
      headSha: sha,
      title: 'deploy dev [workflow_dispatch]',
    })
    expect(await ended(world(), run)).toBe('success')
  })

  it('a workflow disappears with its file', async () => {
    world().push('main', { message: 'No more', files: { [deployPath]: null } })
    const { data } = await client().actions.getWorkflow({ ...blogApi, workflow_id: 'deploy.yml' })
    expect(data.state).toBe('deleted')
    world().push('main', { message: 'Once more', files: { [deployPath]: deployWorkflow() } })
    const again = await client().actions.getWorkflow({ ...blogApi, workflow_id: 'deploy.yml' })
    expect(again.data.state).toBe('active')
  })
})
