import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { headersOf } from '../../sandbox/github/hooks/delivery.ts'
import type { HookFault } from '../../sandbox/github/hooks/hooks.ts'
import { account } from '../../sandbox/github/people.ts'
import { permissions } from '../../sandbox/github/permissions.ts'
import { latest, type Run } from '../../sandbox/github/runs.ts'
import { blogApi, ended, octokitApp, oneGitHub, refusal } from './github-client.ts'
import { type HookReceiver, hookReceiver } from './hook-receiver.ts'

const { github, world } = oneGitHub()
let receiver: HookReceiver

beforeAll(async () => {
  receiver = await hookReceiver()
})
afterAll(() => receiver.close())
beforeEach(() => {
  receiver.answers = 202
  world().hooks.setAppHook(receiver)
})
afterEach(async () => {
  world().hooks.patience = 10_000
  await settled()
  world().hooks.clear()
  receiver.received.length = 0
  world().gates.disableRule()
  world().app.state = 'installed'
  world().app.permissions = permissions
})

const settled = () => world().until(() => !world().hooks.isBusy)
const names = (event?: string) =>
  receiver.received.filter((each) => event === undefined || each.event === event).map(({ name }) => name)
const app = () => octokitApp(github(), 'app')
const listed = async (query: { status?: 'success' | 'failure' } = {}) => {
  const { data } = await app().request('GET /app/hook/deliveries', { per_page: 100, ...query })
  return data.map((each) => ({ ...each, id: Number(each.id) }))
}

/** A run that waits at the gate of production, with all webhooks sent. */
async function waiting(): Promise<Run> {
  const run = world().startRun()
  await world().until(() => latest(run).status === 'waiting')
  await settled()
  return run
}

/** A run that ends, with all webhooks sent. */
async function played(): Promise<Run> {
  const run = world().startRun()
  await ended(world(), run)
  await settled()
  return run
}

const approve = (run: Run) =>
  octokitApp(github(), 'installation').actions.reviewCustomGatesForRun({
    ...blogApi,
    run_id: run.id,
    environment_name: 'production',
    state: 'approved',
    comment: '',
  })

describe('webhooks of an App', () => {
  it('a run without a gate is told from its start to its end', async () => {
    await played()
    expect(names('workflow_run').toSorted()).toEqual([
      'workflow_run completed',
      'workflow_run in_progress',
      'workflow_run requested',
    ])
    expect(names('workflow_job').toSorted()).toEqual([
      'workflow_job completed',
      'workflow_job completed',
      'workflow_job in_progress',
      'workflow_job in_progress',
      'workflow_job queued',
      'workflow_job queued',
    ])
    expect(names('deployment_status').length).toBeGreaterThanOrEqual(3)
  })

  it('a job at a gate asks the App of the rule', async () => {
    world().gates.enableRule()
    const run = await waiting()
    expect(names('workflow_job')).toContain('workflow_job waiting')
    const [asked, ...more] = receiver.received.filter(({ event }) => event === 'deployment_protection_rule')
    expect(more).toEqual([])
    expect(asked).toMatchObject({
      isSigned: true,
      headers: {
        'content-type': 'application/json',
        'x-github-delivery': expect.stringMatching(/^[0-9a-f-]{36}$/),
        'x-github-hook-installation-target-id': String(world().app.id),
        'x-github-hook-installation-target-type': 'integration',
      },
      payload: {
        action: 'requested',
        environment: 'production',
        event: 'push',
        ref: 'main',
        sha: run.headSha,
        deployment: { environment: 'production' },
        deployment_callback_url: `${github().url}/repos/myorg/blog-api/actions/runs/${run.id}/deployment_protection_rule`,
        workflow_run: { id: run.id },
        installation: { id: world().app.installationId },
        repository: { full_name: 'myorg/blog-api' },
        sender: { login: 'ben' },
      },
    })
    await approve(run)
    await ended(world(), run)
  })

  it('each job of a matrix asks', async () => {
    world().gates.enableRule()
    const path = '.github/workflows/matrix.yml'
    const text = [
      'on: workflow_dispatch',
      'jobs:',
      '  a: { environment: production, strategy: { matrix: { part: [1, 2, 3] } }, steps: [{ run: echo a }] }',
    ].join('\n')
    world().push('main', { message: 'A matrix', files: { [path]: text } })
    const deploy = world().repository().runs.at(-1)!
    world().cancelRun(deploy.id)
    await ended(world(), deploy)
    const run = world().startRun({ workflow: 'matrix.yml', event: 'workflow_dispatch' })
    await world().until(() => latest(run).jobs.filter(({ status }) => status === 'waiting').length === 3)
    await settled()
    expect(names('deployment_protection_rule')).toHaveLength(3)
    await approve(run)
    expect(await ended(world(), run)).toBe('success')
  })

  it('each attempt asks again, also without a deployment', async () => {
    world().gates.enableRule()
    const run = await waiting()
    await approve(run)
    await ended(world(), run)
    world().hooks.isReduced = true
    world().rerun(run.id)
    await world().until(() => latest(run).status === 'waiting')
    await settled()
    world().hooks.isReduced = false
    const asked = receiver.received.filter(({ event }) => event === 'deployment_protection_rule')
    expect(asked.map(({ payload }) => payload.deployment === null)).toEqual([false, true])
    expect(asked[1]?.payload).not.toHaveProperty('workflow_run')
    world().cancelRun(run.id)
    await ended(world(), run)
  })

  it('the reviews of people are told', async () => {
    const production = world().repository().environment('production')!
    production.reviewers = [account('ana')]
    const run = await waiting()
    world().gates.review(run.id, { by: account('ana'), state: 'rejected', comment: 'Not today' })
    await ended(world(), run)
    await settled()
    production.reviewers = []
    expect(names('deployment_review')).toEqual(['deployment_review requested', 'deployment_review rejected'])
    expect(
      receiver.received.find(({ name }) => name === 'deployment_review rejected')?.payload,
    ).toMatchObject({
      approver: { login: 'ana' },
      comment: 'Not today',
    })
  })

  it('a deployment that an App records is told too', async () => {
    const bot = octokitApp(github(), 'installation')
    const { data } = await bot.repos.createDeployment({
      ...blogApi,
      ref: 'main',
      environment: 'dev',
      required_contexts: [],
    })
    const { id } = data as { readonly id: number }
    await bot.repos.createDeploymentStatus({ ...blogApi, deployment_id: id, state: 'success' })
    await settled()
    expect(receiver.received).toMatchObject([
      {
        name: 'deployment_status created',
        payload: {
          deployment: { id },
          deployment_status: { state: 'success' },
          sender: { login: 'twokey[bot]' },
        },
      },
    ])
  })

  it('a suspended App, or one without the permission, hears nothing of it', async () => {
    world().app.permissions = { ...permissions, deployments: 'none' }
    await played()
    expect(names('deployment_status')).toEqual([])
    expect(names('workflow_run')).toHaveLength(3)
    receiver.received.length = 0
    world().app.state = 'suspended'
    await played()
    expect(names()).toEqual([])
  })

  it('a repository’s own webhook has no installation, and no protection rules', async () => {
    world().hooks.clear()
    world().hooks.setRepositoryHook({ ...receiver, events: ['workflow_job', 'deployment_protection_rule'] })
    world().gates.enableRule()
    const run = await waiting()
    world().cancelRun(run.id)
    await ended(world(), run)
    await settled()
    expect(new Set(receiver.received.map(({ event }) => event))).toEqual(new Set(['workflow_job']))
    expect(receiver.received[0]?.headers['x-github-hook-installation-target-type']).toBe('repository')
    expect(receiver.received[0]?.payload).not.toHaveProperty('installation')
  })
})

describe('deliveries', () => {
  it('a payload is signed as in GitHub’s documentation', () => {
    const hook = world().hooks.of({ type: 'integration', id: world().app.id })!
    const delivery = { guid: 'x', hook, event: 'workflow_run' } as const
    const headers = headersOf(delivery, 'Hello, World!', "It's a Secret to Everybody")
    expect(headers['x-hub-signature-256']).toBe(
      'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    )
  })

  it('a delivery that failed is listed, and is sent again on request only', async () => {
    receiver.answers = 500
    const run = await played()
    const failed = await listed({ status: 'failure' })
    expect(failed.length).toBe(receiver.received.length)
    expect(failed[0]).toMatchObject({
      status: 'Invalid HTTP Response: 500',
      status_code: 500,
      redelivery: false,
    })
    const one = failed.find(({ event, action }) => event === 'workflow_run' && action === 'completed')!
    receiver.answers = 202
    receiver.received.length = 0
    await app().apps.redeliverWebhookDelivery({ delivery_id: one.id })
    await settled()
    expect(receiver.received).toMatchObject([
      { headers: { 'x-github-delivery': one.guid }, payload: { workflow_run: { id: run.id } } },
    ])
    const [again] = await listed({ status: 'success' })
    expect(again).toMatchObject({ guid: one.guid, redelivery: true, status: 'OK' })
    const { data } = await app().apps.getWebhookDelivery({ delivery_id: again!.id })
    expect(data).toMatchObject({ url: receiver.url, response: { payload: 'taken' } })
    expect(await refusal(app().apps.getWebhookDelivery({ delivery_id: 1 }))).toMatchObject({ status: 404 })
    expect((await app().apps.getWebhookConfigForApp()).data).toMatchObject({
      url: receiver.url,
      secret: '********',
    })
  })

  it('deliveries are listed in pages, newest first', async () => {
    await played()
    const pages = await app().paginate('GET /app/hook/deliveries', { per_page: 3 })
    const whole = await listed()
    expect(pages.map(({ id }) => Number(id)).slice(0, 9)).toEqual(whole.map(({ id }) => id).slice(0, 9))
    expect(whole.map(({ id }) => id)).toEqual(whole.map(({ id }) => id).toSorted((a, b) => b - a))
  })

  it('a receiver that does not answer in time counts as failed', async () => {
    world().hooks.patience = 50
    receiver.answers = 'never'
    await played()
    expect((await listed())[0]).toMatchObject({ status: 'timed out', status_code: 504 })
  })

  it.each<[HookFault, number, object]>([
    ['lost', 0, { listed: 1 }],
    ['unsent', 0, { listed: 0 }],
    ['repeated', 2, { listed: 1 }],
    ['forged', 1, { listed: 1, isSigned: false }],
    [30, 1, { listed: 1 }],
  ])('a delivery can be %s', async (fault, times, seen) => {
    const before = (await listed())[0]?.id ?? 0
    world().hooks.fault(fault, { event: 'workflow_run' })
    await played()
    await world().until(() => names().filter((name) => name === 'workflow_run requested').length === times)
    const arrived = receiver.received.filter(({ name }) => name === 'workflow_run requested')
    const made = (await listed()).filter(
      ({ id, event, action }) => id > before && event === 'workflow_run' && action === 'requested',
    )
    expect({ listed: made.length, isSigned: arrived[0]?.isSigned ?? true }).toEqual({
      isSigned: true,
      ...seen,
    })
    expect(new Set(arrived.map(({ headers }) => headers['x-github-delivery'])).size).toBe(Math.min(times, 1))
  })

  it('a delivery can be overtaken by the next one', async () => {
    world().hooks.fault('reordered', { event: 'workflow_run' })
    await played()
    const [first, second] = names()
    expect([first, second]).not.toContain('workflow_run requested')
    expect(names()).toContain('workflow_run requested')
  })
})
