import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { account } from '../../sandbox/github/people.ts'
import type { Run } from '../../sandbox/github/runs.ts'
import { type Env, type Listening, listen } from '../../sandbox/http.ts'
import { bindingRules } from '../release/bound.ts'
import { gitHubForEach, repository, workflow } from './harness.ts'

const harness = gitHubForEach()
const old = 'myorg/blog'

/**
 * GitHub for a repository that was renamed: reads of the old name are answered 301, other requests 307, and both lead
 * to an address by the number of the repository.
 * https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
 */
let renamed: Listening
const redirected: string[] = []

beforeEach(async () => {
  redirected.length = 0
  const app = new Hono<Env>()
  app.all('*', async ({ req }) => {
    const { pathname, search } = new URL(req.url)
    if (pathname.startsWith(`/repos/${old}/`)) {
      const status = req.method === 'GET' ? 301 : 307
      redirected.push(`${req.method} ${status}`)
      const location = `${renamed.url}${pathname.replace(`/repos/${old}`, '/repositories/7')}${search}`
      return new Response(null, { status, headers: { location } })
    }
    const path = pathname.replace('/repositories/7', `/repos/${repository}`)
    const body = req.method === 'GET' ? undefined : await req.text()
    return fetch(`${harness.sandbox.url}${path}${search}`, {
      method: req.method,
      headers: req.raw.headers,
      body,
    })
  })
  renamed = await listen(app)
})
afterEach(() => renamed.close())

test('reads, dispatches and follows a renamed repository by its old name', async () => {
  const github = harness.connect({ apiUrl: renamed.url })
  const inspected = await github.inspect({
    repository: old,
    workflow,
    branch: 'main',
    ref: null,
    running: [{ commit: null }],
    rules: () => bindingRules(),
  })
  expect(inspected).toMatchObject({ commit: { sha: harness.tip() } })

  harness.sandbox.world.next = { holdAt: 'Build' }
  const inputs = { environment: 'production', release_id: 'r-7' }
  const answer = await github.dispatch({
    repository: old,
    workflow,
    ref: 'main',
    inputs,
    details: 'asked',
    maySend: async () => true,
  })
  const { runs } = harness.sandbox.world.repository()
  expect(runs.map((run) => run.inputs)).toMatchObject([inputs])
  const [{ id: runId }] = runs as [Run]
  expect(answer).toMatchObject({ answer: 'run', runId })
  const seen = await github.run({ repository: old, runId, attempt: 1, releaseId: 'r-1a2b' })
  expect(seen).toMatchObject({ found: 'one', run: { id: runId } })
  expect(new Set(redirected)).toEqual(new Set(['GET 301', 'POST 307']))
  harness.sandbox.world.letGo(runId)
})

test('a run of a renamed repository that waits at a gate is of that repository, not of a fork', async () => {
  const github = harness.connect({ apiUrl: renamed.url })
  const { world } = harness.sandbox
  world.repository().environment('production')!.reviewers = [account('twokey-bot')]
  world.push('main', { message: 'Show drafts', author: 'Ana' })
  const look = { repository: old, environments: ['production'], workflows: [workflow] }
  const waiting = async () => (await github.waitingRuns(look))[0]?.headRepository
  await expect.poll(waiting, { interval: 20 }).toBe(old)
})
