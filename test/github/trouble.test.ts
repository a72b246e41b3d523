import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Fault } from '../../sandbox/faults.ts'
import { Answers } from '../../src/github/etag.ts'
import { failureOf } from '../../src/github/failure.ts'
import { limitEnd } from '../../src/github/trouble.ts'
import { Trouble } from '../../src/ports/ports.ts'
import { bindingRules } from '../release/bound.ts'
import { gitHubForEach, repository, routes, workflow } from './harness.ts'

const harness = gitHubForEach()

const look = (github = harness.connect()) => github.headTree(harness.head())

const answering = (status: number, message: string, headers: Record<string, string> = {}): Fault => ({
  kind: 'answer',
  status,
  body: { message, documentation_url: 'https://docs.github.com/rest' },
  headers,
})

describe('trouble', () => {
  test.each<[string, Fault, 'passing' | 'terminal', string]>([
    ['401', answering(401, 'Bad credentials'), 'terminal', 'GITHUB_TOKEN'],
    ['403', answering(403, 'Resource not accessible by personal access token'), 'terminal', 'contents: read'],
    ['403 for an unknown reason', answering(403, 'Forbidden'), 'terminal', 'may lack contents: read'],
    [
      '403 of a proxy',
      { kind: 'answer', status: 403, body: '<html>', headers: { 'content-type': 'text/html' } },
      'terminal',
      'proxy',
    ],
    [
      '403 that names the permission',
      answering(403, 'Resource not accessible by integration', {
        'x-accepted-github-permissions': 'contents=read,metadata=read',
      }),
      'terminal',
      'contents: read',
    ],
    ['404', answering(404, 'Not Found'), 'terminal', 'no access'],
    ['410', answering(410, 'Gone'), 'terminal', 'Gone'],
    ['451', answering(451, 'Repository access blocked'), 'terminal', 'blocked'],
    [
      'the primary limit',
      answering(403, 'API rate limit exceeded', {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 1800),
      }),
      'passing',
      'rate limit holds until',
    ],
    [
      'the secondary limit',
      answering(403, 'You have exceeded a secondary rate limit', { 'retry-after': '60' }),
      'passing',
      'rate limit holds until',
    ],
    ['429', answering(429, 'Too many requests'), 'passing', 'rate limit holds until'],
  ])('reports trouble for a %s after one request', async (_, fault, kind, words) => {
    harness.sandbox.faults.queue(routes.tree, fault)
    const trouble = await look().catch((error: unknown) => error)
    expect(trouble).toBeInstanceOf(Trouble)
    expect(trouble).toMatchObject({ kind, message: expect.stringContaining(words) })
    expect(String(trouble)).not.toContain(harness.sandbox.env.GITHUB_TOKEN)
    expect(harness.sandbox.log.of(routes.tree)).toHaveLength(1)
  })

  test.each<[string, Fault]>([
    ['a 502', { kind: 'answer', status: 502 }],
    ['a reset', { kind: 'reset' }],
    ['a short limit', answering(429, 'secondary rate limit', { 'retry-after': '1' })],
  ])('recovers from %s by retrying the read', async (_, fault) => {
    harness.sandbox.faults.queue(routes.tree, fault)
    expect((await look()).githubTree).toMatch(/^[0-9a-f]{40}$/)
    expect(harness.sandbox.log.of(routes.tree)).toHaveLength(2)
  })

  test.each<[string, Fault]>([
    ['a 500', { kind: 'answer', status: 500 }],
    ['a reset', { kind: 'reset' }],
    ['no answer in time', { kind: 'delay', ms: 300 }],
  ])('reports passing trouble for %s that persists, after three requests', async (_, fault) => {
    harness.sandbox.faults.queue(routes.tree, fault, { times: 9 })
    await expect(look(harness.connect({ timeoutMs: 100 }))).rejects.toMatchObject({ kind: 'passing' })
    expect(harness.sandbox.log.of(routes.tree)).toHaveLength(3)
  })

  test('an answer that is not from GitHub is passing trouble', async () => {
    const page: Fault = {
      kind: 'answer',
      status: 200,
      body: '<html>',
      headers: { 'content-type': 'text/html' },
    }
    harness.sandbox.faults.queue(routes.tree, page)
    await expect(look()).rejects.toMatchObject({ kind: 'passing' })
  })

  test('a connection that is refused is passing trouble', async () => {
    await harness.sandbox.close()
    await expect(look()).rejects.toMatchObject({
      kind: 'passing',
    })
  })

  test('an expired token, or missing permissions, is terminal trouble for every look', async () => {
    const looks = (github: ReturnType<typeof harness.connect>) => [
      github.inspect({
        repository,
        workflow,
        branch: 'main',
        ref: null,
        running: [{ commit: null }],
        rules: () => bindingRules(),
      }),
      github.tip({
        repository,
        branch: 'main',
        commit: harness.tip(),
        workflow,
        rules: bindingRules(),
      }),
      github.findRun({ repository, workflow, releaseId: 'r-7', branch: 'main', since: 0 }),
      github.run({ repository, runId: 7, attempt: 1, releaseId: 'r-1a2b' }),
      github.headTree(harness.head()),
      github.jobLog({ log: 'job', repository, jobId: 7 }, 5),
      github.commit({ repository, sha: harness.tip() }),
    ]
    for (const outcome of await Promise.allSettled(looks(harness.connect({ token: 'ghp_expired' }))))
      expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'terminal' } })
  })

  test('writes messages only to the given log', async () => {
    const lines: string[] = []
    const log = { debug: (line: string) => lines.push(line), warn: (line: string) => lines.push(line) }
    harness.sandbox.faults.queue(routes.tree, answering(401, 'Bad credentials'))
    await look(harness.connect({ log })).catch(() => undefined)
    expect(lines.join('\n')).toContain('/git/trees/')
    expect(lines.join('\n')).not.toContain(harness.sandbox.env.GITHUB_TOKEN)
  })
})

describe('the end of a rate limit', () => {
  const answered = (status: number, headers: Record<string, string>, message = '') =>
    ({ failure: 'answered', status, message, headers, request: { method: 'GET', path: '/' } }) as const

  test.each([
    ['names how long to wait', answered(403, { 'retry-after': '30' }), 31_000],
    ['names a date', answered(429, { 'retry-after': 'Thu, 01 Jan 1970 00:01:00 GMT' }), 60_000],
    ['names a date that is over', answered(429, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }), 61_000],
    ['names no time', answered(429, { 'retry-after': '0' }), 61_000],
    ['names what is no time', answered(429, { 'retry-after': 'soon' }), 61_000],
    [
      'names a reset that is over',
      answered(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' }),
      6_000,
    ],
    ['names no reset', answered(403, { 'x-ratelimit-remaining': '0' }), 61_000],
    ['names its reset', answered(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '90' }), 90_000],
    ['names nothing', answered(403, {}, 'You have exceeded a secondary rate limit'), 61_000],
    ['is a 429', answered(429, {}), 61_000],
    [
      'is none with a 403 for another reason',
      answered(403, { 'x-ratelimit-remaining': '17' }, 'Forbidden'),
      null,
    ],
    ['is none with a 500', answered(500, { 'retry-after': '30' }), null],
  ])('computes the end of a limit that %s', (_, failure, end) => {
    expect(limitEnd(failure, 1_000)).toBe(end)
  })
})

describe('errors without an HTTP answer', () => {
  const caused = (code: string) =>
    Object.assign(new Error('fetch failed', { cause: Object.assign(new Error('no'), { code }) }), {
      status: 500,
    })

  test.each([
    ['ECONNREFUSED', 'never'],
    ['ENOTFOUND', 'never'],
    ['UND_ERR_CONNECT_TIMEOUT', 'never'],
    ['ECONNRESET', 'perhaps'],
    ['UND_ERR_SOCKET', 'perhaps'],
    ['EPIPE', 'perhaps'],
  ])('after %s the request was sent: %s', (code, sent) => {
    expect(failureOf(caused(code))).toMatchObject({ failure: 'unanswered', sent })
  })
})

describe('cached answers', () => {
  const shape = z.unknown()
  const kept = (etag: string) => ({ etag, shape, body: etag })

  test('limits cached answers, and evicts the least recently used', () => {
    const answers = new Answers({ max: 2, maxSize: 10_000 })
    answers.keep('a', kept('1'))
    answers.keep('b', kept('2'))
    answers.of('a', shape)
    answers.keep('c', kept('3'))
    expect(['a', 'b', 'c'].map((url) => answers.of(url, shape)?.etag)).toEqual(['1', undefined, '3'])
  })

  test('keeps what is read again and again of a hundred repositories', () => {
    const answers = new Answers()
    const urls = Array.from({ length: 1_000 }, (_, index) => `https://api.github.com/repos/${index}`)
    for (const url of urls) answers.keep(url, kept('1'))
    expect(urls.every((url) => answers.of(url, shape) !== undefined)).toBe(true)
  })

  test('does not use a cached answer for another schema', () => {
    const answers = new Answers()
    answers.keep('a', kept('1'))
    expect(answers.of('a', z.string())).toBeUndefined()
  })
})
