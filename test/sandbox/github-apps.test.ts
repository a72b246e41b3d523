import { createSign } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { permissions } from '../../sandbox/github/access.ts'
import { account } from '../../sandbox/github/people.ts'
import { mainCommits } from '../../sandbox/seed.ts'
import { blogApi, installationToken, octokit, octokitApp, oneGitHub, refusal } from './github-client.ts'

const { github, world } = oneGitHub()
const ours = {
  actions: 'write',
  deployments: 'write',
  contents: 'read',
  checks: 'read',
  statuses: 'read',
  metadata: 'read',
}

afterEach(() => {
  const { app } = world()
  app.state = 'installed'
  app.repositories = 'all'
  app.permissions = permissions
  world().installationTokensLiveFor = 3_600_000
})

describe('an App', () => {
  it('an App shows itself and its installation to its JWT', async () => {
    const app = octokitApp(github(), 'app')
    const env = github().appEnv()
    const { data: self } = await app.apps.getAuthenticated()
    const { data: all } = await app.apps.listInstallations()
    const { data: one } = await app.apps.getRepoInstallation(blogApi)
    expect(self).toMatchObject({ id: Number(env.GITHUB_APP_ID), slug: 'twokey', permissions: ours })
    expect(self?.events).toContain('deployment_protection_rule')
    expect(all).toEqual([one])
    expect((await app.apps.getInstallation({ installation_id: one.id })).data).toEqual(one)
    expect(one).toMatchObject({ id: Number(env.GITHUB_APP_INSTALLATION_ID), permissions: ours })
  })

  it('an App reads as its installation', async () => {
    const tip = await octokitApp(github(), 'installation').git.getRef({ ...blogApi, ref: 'heads/main' })
    expect(tip.data.object.sha).toBe(mainCommits.at(-1)!.sha)
  })

  it.each([
    ['signed with another key', { key: 'other' }, 401, 'A JSON web token could not be decoded'],
    ['of an unknown App', { iss: 1 }, 404, 'Integration not found'],
    ['that has expired', { exp: -1 }, 401, /^'Expiration time' claim \('exp'\) must be/],
    [
      'valid for more than 10 minutes',
      { exp: 660 },
      401,
      "'Expiration time' claim ('exp') is too far in the future",
    ],
    ['issued in the future', { iat: 120 }, 401, /^'Issued at' claim/],
  ] as const)('an App is refused with a JWT %s', async (_, wrong, status, message) => {
    const jwt = signed(wrong)
    const call = octokit(github(), jwt).request('GET /app', { headers: { authorization: `bearer ${jwt}` } })
    expect(await refusal(call)).toEqual({
      status,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
  })

  it('an App needs its JWT, not a token, for its own routes', async () => {
    const token = await installationToken(github())
    expect(await refusal(octokit(github(), token).apps.getAuthenticated())).toMatchObject({ status: 401 })
    expect(await refusal(octokit(github(), 'x.y.z').repos.get(blogApi))).toMatchObject({ status: 401 })
  })
})

describe('an installation token', () => {
  it('a token is limited to the repositories that were named', async () => {
    const other = world().addRepository('myorg/other')
    const token = await installationToken(github(), { repository_ids: [other.id] })
    const limited = octokit(github(), token)
    expect(await refusal(limited.repos.get(blogApi))).toMatchObject({ status: 404 })
    expect((await limited.repos.get({ owner: 'myorg', repo: 'other' })).status).toBe(200)
  })

  it('a token is limited to the permissions that were named', async () => {
    const limited = octokit(github(), await installationToken(github(), { permissions: { actions: 'read' } }))
    expect((await limited.actions.listRepoWorkflows(blogApi)).status).toBe(200)
    const refused = await limited.repos.listDeployments(blogApi).catch((error: unknown) => error)
    expect(refused).toMatchObject({
      status: 403,
      response: {
        data: { message: 'Resource not accessible by integration' },
        headers: { 'x-accepted-github-permissions': 'deployments=read' },
      },
    })
  })

  it('a token is refused for more than was granted', async () => {
    expect(await refusal(installationToken(github(), { repository_ids: [1] }))).toEqual({
      status: 422,
      message:
        'There is at least one repository that does not exist or is not accessible to the parent installation.',
    })
    const more = { permissions: { contents: 'write', actions: 'read' } } as const
    expect(await refusal(installationToken(github(), more))).toEqual({
      status: 422,
      message: 'The permissions requested are not granted to this installation.',
    })
  })

  it('a token of an installation expires', async () => {
    world().installationTokensLiveFor = 0
    const late = octokit(github(), await installationToken(github()))
    expect(await refusal(late.repos.get(blogApi))).toEqual({ status: 401, message: 'Bad credentials' })
  })

  it('a token of another App has an account and permissions of its own', async () => {
    const other = world().addApp('another-gate')
    other.permissions = { ...permissions, actions: 'none' }
    const token = await installationToken(github(), {}, other)
    expect(world().tokens.get(token)?.account).toEqual(account('another-gate[bot]'))
    expect(await refusal(octokit(github(), token).actions.listRepoWorkflows(blogApi))).toMatchObject({
      status: 403,
    })
  })
})

describe('an installation', () => {
  const repository = () => octokitApp(github(), 'app').apps.getRepoInstallation(blogApi)

  it('an installation that is suspended refuses its tokens, and gives no new ones', async () => {
    const held = octokit(github(), await installationToken(github()))
    world().app.state = 'suspended'
    const refused = { status: 403, message: 'This installation has been suspended' }
    expect(await refusal(held.repos.get(blogApi))).toEqual(refused)
    expect(await refusal(installationToken(github()))).toEqual(refused)
    expect((await repository()).data.suspended_at).toMatch(/Z$/)
  })

  it('an installation that was removed is unknown', async () => {
    const held = octokit(github(), await installationToken(github()))
    world().app.state = 'removed'
    expect(await refusal(held.repos.get(blogApi))).toEqual({ status: 401, message: 'Bad credentials' })
    expect(await refusal(installationToken(github()))).toMatchObject({ status: 404 })
    expect(await refusal(repository())).toMatchObject({ status: 404 })
    expect((await octokitApp(github(), 'app').apps.listInstallations()).data).toEqual([])
  })

  it('an installation without a repository does not see it', async () => {
    const held = octokit(github(), await installationToken(github()))
    world().app.repositories = new Set()
    expect(await refusal(held.repos.get(blogApi))).toMatchObject({ status: 404 })
    expect(await refusal(repository())).toMatchObject({ status: 404 })
  })
})

/** A JWT of the App with these mistakes; times are in s from now. */
function signed(wrong: {
  readonly key?: 'other'
  readonly iss?: number
  readonly iat?: number
  readonly exp?: number
}): string {
  const { app } = world()
  const now = Math.floor(Date.now() / 1000)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const { iss = app.id, iat = -30, exp = 500 } = wrong
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss, iat: now + iat, exp: now + exp })}`
  const key = wrong.key === 'other' ? world().addApp('x').privateKey : app.privateKey
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`
}
