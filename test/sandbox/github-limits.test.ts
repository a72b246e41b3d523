import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import { Octokit } from '@octokit/rest'
import { afterEach, describe, expect, it } from 'vitest'
import { permissions } from '../../sandbox/github/access.ts'
import { account } from '../../sandbox/github/people.ts'
import { blogApi, octokit, oneGitHub, refusal } from './github-client.ts'

const { client, github, world } = oneGitHub()

afterEach(() => {
  world().rate.used = 0
  world().secondary = undefined
})

describe('authentication', () => {
  const as = (auth: string | undefined) =>
    refusal(new Octokit({ baseUrl: github().url, auth, log: quiet }).repos.get(blogApi))

  it('a request needs a known and valid token', async () => {
    const kind = 'installation' as const
    world().tokens.set('ghs_old', {
      account: account('x[bot]'),
      kind,
      permissions,
      expiresAt: Date.now() - 1,
    })
    expect(await as(undefined)).toEqual({ status: 401, message: 'Requires authentication' })
    expect(await as('ghp_wrong')).toEqual({ status: 401, message: 'Bad credentials' })
    expect(await as('ghs_old')).toEqual({ status: 401, message: 'Bad credentials' })
  })

  it('a token is limited to its permissions', async () => {
    const kind = 'user' as const
    const few = { actions: 'none', contents: 'read', checks: 'none', statuses: 'none' } as const
    world().tokens.set('github_pat_few', { account: account('few'), kind, permissions: few })
    const limited = octokit(github(), 'github_pat_few')
    const refused = { status: 403, message: 'Resource not accessible by personal access token' }
    expect(await refusal(limited.actions.listRepoWorkflows(blogApi))).toEqual(refused)
    expect(await refusal(limited.checks.listForRef({ ...blogApi, ref: 'main' }))).toEqual(refused)
    expect(await refusal(limited.repos.getCombinedStatusForRef({ ...blogApi, ref: 'main' }))).toEqual(refused)
    expect((await limited.git.getRef({ ...blogApi, ref: 'heads/main' })).status).toBe(200)
  })
})

describe('conditional requests', () => {
  it('a conditional request answers 304 without counting while nothing changed', async () => {
    const run = world().startRun()
    await world().until(() => run.attempts[0]!.status === 'completed')
    const get = (etag: string) =>
      client().actions.getWorkflowRun({ ...blogApi, run_id: run.id, headers: { 'if-none-match': etag } })
    const { headers } = await get('')
    const { used } = world().rate
    expect(await refusal(get(headers.etag!))).toMatchObject({ status: 304 })
    expect(world().rate.used).toBe(used)
    world().rerun(run.id)
    expect((await get(headers.etag!)).status).toBe(200)
  })
})

describe('pages', () => {
  it('lists have linked pages, 30 items by default and 100 at most', async () => {
    for (let at = 0; at < 105; at += 1) world().push('long', { message: `Commit ${at}` })
    const first = await client().repos.listCommits({ ...blogApi, sha: 'long' })
    const largest = await client().repos.listCommits({ ...blogApi, sha: 'long', per_page: 500 })
    const last = await client().repos.listCommits({ ...blogApi, sha: 'long', per_page: 100, page: 2 })
    expect([first.data.length, largest.data.length, last.data.length]).toEqual([30, 100, 11])
    expect(first.headers.link).toMatch(/[?&]page=2>; rel="next", <.*[?&]page=4>; rel="last"$/)
    expect(last.headers.link).toMatch(/rel="prev", <.*rel="first"$/)
  })
})

describe('limits', () => {
  it('every answer has the rate limit headers', async () => {
    const before = world().rate.used
    const { headers } = await client().repos.get(blogApi)
    expect(headers).toMatchObject({
      'x-ratelimit-limit': '5000',
      'x-ratelimit-used': String(before + 1),
      'x-ratelimit-remaining': String(4999 - before),
      'x-ratelimit-resource': 'core',
    })
    expect(headers['x-github-request-id']).toMatch(/^[0-9A-F]{16}$/)
  })

  it('an exhausted rate limit answers 403, except to GET /rate_limit', async () => {
    world().rate.used = 5000
    await expect(client().repos.get(blogApi)).rejects.toMatchObject({
      status: 403,
      response: { headers: { 'x-ratelimit-remaining': '0' } },
    })
    const { data } = await client().rateLimit.get()
    expect(data.resources.core).toMatchObject({ limit: 5000, remaining: 0 })
  })

  it('the rate limit resets after an hour', async () => {
    world().rate.used = 5000
    world().rate.reset = Math.floor(Date.now() / 1000)
    await client().repos.get(blogApi)
    expect(world().rate.used).toBe(1)
    expect(world().rate.reset * 1000).toBeGreaterThan(Date.now())
  })

  it.each([403, 429] as const)('the secondary rate limit answers %i with retry-after', async (status) => {
    world().secondary = { status, retryAfterSeconds: 60 }
    await expect(client().repos.get(blogApi)).rejects.toMatchObject({
      status,
      response: { headers: { 'retry-after': '60' } },
    })
  })

  it('Octokit’s plugins handle both rate limits', async () => {
    const limits: string[] = []
    const Careful = Octokit.plugin(retry, throttling)
    const careful = new Careful({
      baseUrl: github().url,
      auth: github().env.GITHUB_TOKEN,
      log: quiet,
      throttle: {
        onRateLimit: () => {
          limits.push('primary')
        },
        onSecondaryRateLimit: () => {
          limits.push('secondary')
        },
      },
      retry: { doNotRetry: [403, 429] },
    })
    world().secondary = { status: 403, retryAfterSeconds: 1 }
    await refusal(careful.repos.get(blogApi))
    world().secondary = undefined
    world().rate.used = 5000
    await refusal(careful.repos.get(blogApi))
    expect(limits).toEqual(['secondary', 'primary'])
  })
})

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
