import { expect, test } from 'vitest'
import type { Client } from '../../src/github/client.ts'
import { namesInLogs } from '../../src/github/log-names.ts'
import type { AskOf } from '../../src/release/look.ts'

const arn = 'arn:aws:ecs:ap-northeast-2:123456789012:task-definition/blog-api:44'
const masked = arn.replace('123456789012', '***')
const deployment = 'arn:aws:ecs:ap-northeast-2:123456789012:service-deployment/blog-cluster-prod/blog-api/aB3'

const encoded = (text: string) => new TextEncoder().encode(text)

/** A client whose jobs have these logs, each in chunks as they arrive; null: the job has no log. */
function withLogs(...logs: readonly (AsyncIterable<Uint8Array> | readonly string[] | null)[]): Client {
  let at = 0
  const stream = async () => {
    const log = logs[at++] ?? null
    return Array.isArray(log) ? ReadableStream.from(log.map(encoded)) : log
  }
  return { stream } as unknown as Client
}

const ask = { repository: 'myorg/blog-api', jobs: [1], families: ['blog-api'] } as const

/** The names only, without their times. */
async function named(client: Client, part: Partial<AskOf<'runLog'>> = {}) {
  const { names, extent } = await namesInLogs(client, { ...ask, ...part })
  return [names.map(({ name }) => name), extent]
}

test.each<[string, readonly string[], readonly string[]]>([
  ['the ARN of a revision', [`2026-11-28T16:45:00.1234567Z   "taskDefinition": "${arn}",\n`], [arn]],
  ['one whose account is masked', [`task: ${masked}\n`], [masked]],
  ['one in colours', [`\x1b[36mtask: ${arn.replace('44', '\x1b[1m44')}\x1b[0m\n`], [arn]],
  ['one with nothing before and after it', [arn], [arn]],
  ['one across two pieces', [arn.slice(0, -1), `${arn.slice(-1)}\n`], [arn]],
  ['one across two pieces, of which the first could be another', [arn, '4\n'], [`${arn}4`]],
  ['one in a line of a megabyte', [`${'x'.repeat(70_000)} ${arn}`, `, ${'x'.repeat(1_000_000)}\n`], [arn]],
  ['the bare name of one, as of a task definition', ['Task definition is blog-api:44.\n'], ['blog-api:44']],
  ['the same as an option', ['aws ecs … --task-definition blog-api:44\n'], ['blog-api:44']],
  ['the same in quotes', ["task_definition = 'blog-api:44'\n"], ['blog-api:44']],
  ['a service deployment', [`Started ${deployment}\n`], [deployment]],
  ['a deployment', ['"id": "ecs-svc/1234567890123456789",\n'], ['ecs-svc/1234567890123456789']],
  ['two of them', [`${arn}\n${arn.replace('44', '45')}\n`], [arn, arn.replace('44', '45')]],
  ['an image with such a name', ['naming to registry/blog-api:44, pushing blog-api:44\n'], []],
  ['an image beside a task definition', ['task definition with registry/blog-api:44\n'], []],
  ['a port', ['task definition: http://blog-api:80, blog-api:44.1\n'], []],
  ['another family', [`${arn.replace('blog-api', 'blog-api-2')}, my-${arn}\n`], []],
  ['a family that ends alike', ['task definition the-blog-api:44\n'], []],
  ['a part of a longer id', ['ecs-svc/12ab ecs-svc/12-3 xecs-svc/1\n'], []],
  ['nothing', ['nothing\n'], []],
])('finds the names in a log with %s', async (_, log, names) => {
  expect(await named(withLogs(log))).toEqual([names, 'whole'])
})

test('reads the logs of all jobs that ran, and lists each name once', async () => {
  const client = withLogs([`${arn}\n`], ['nothing\n'], [`${arn} ${deployment}\n`])
  expect(await named(client, { jobs: [3, 2, 1] })).toEqual([[arn, deployment], 'whole'])
})

test('lists the times at which any job printed a name, earliest first', async () => {
  const late = [`2026-11-28T16:50:00.0000000Z ${arn}\n2026-11-28T16:51:00.0000000Z ${deployment}\n`]
  const early = [`\uFEFF2026-11-28T16:45:00.1234567Z \x1b[36m${arn}\n`, `ecs-svc/1 ${deployment}\n`]
  const { names } = await namesInLogs(withLogs(late, early), { ...ask, jobs: [2, 1] })
  expect(names).toEqual([
    { name: arn, at: Date.UTC(2026, 10, 28, 16, 45, 0, 123), later: [Date.UTC(2026, 10, 28, 16, 50)] },
    { name: deployment, at: Date.UTC(2026, 10, 28, 16, 51) },
    { name: 'ecs-svc/1', at: null },
  ])
})

test('keeps ten times of a name that a waiter prints in each line', async () => {
  const lines = Array.from({ length: 500 }, (_, at) => `${new Date(at * 1_000).toISOString()} ${arn}\n`)
  const { names } = await namesInLogs(withLogs(lines.toReversed()), ask)
  expect(names).toEqual([{ name: arn, at: 0, later: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((at) => at * 1_000) }])
})

test('throws if a job has no log, because the names in it are unknown', async () => {
  const client = withLogs([`${arn}\n`], null)
  await expect(namesInLogs(client, { ...ask, jobs: [7, 8] })).rejects.toMatchObject({
    kind: 'terminal',
    message: expect.stringContaining('8'),
  })
})

/** A log of this many MB, in chunks of 64 KiB; counts what was read of it, and whether the transfer was ended. */
function large(megabytes: number) {
  const line = `2026-11-28T16:45:00.1234567Z ${'#12 [stage 3/9] RUN npm ci '.repeat(3)}\n`
  const piece = encoded(line.repeat(Math.ceil(65_536 / line.length)))
  const read = { bytes: 0, isEnded: false }
  async function* pieces() {
    try {
      while (read.bytes < megabytes * 1_000_000) {
        read.bytes += piece.length
        yield piece
      }
      yield encoded(`${arn}\n`)
    } finally {
      read.isEnded = true
    }
  }
  return { pieces: pieces(), read }
}

test('reads a log of 20 MB to its end', async () => {
  const { pieces } = large(20)
  expect(await named(withLogs(pieces))).toEqual([[arn], 'whole'])
})

test('reads 32 MiB of a log of 50 MB, and requests no further log', async () => {
  const { pieces, read } = large(50)
  const found = await namesInLogs(withLogs(pieces), { ...ask, jobs: [1, 2] })
  expect(found).toEqual({ names: [], extent: 'part' })
  expect(read).toEqual({ bytes: expect.any(Number), isEnded: true })
  expect(read.bytes).toBeLessThan(33 * 1024 * 1024)
})

test('does not keep more names than anybody would print', async () => {
  const lines = Array.from({ length: 200 }, (_, at) => `ecs-svc/${at}\n`)
  const { names, extent } = await namesInLogs(withLogs(lines), ask)
  expect([names.length, extent]).toEqual([50, 'part'])
})

test('throws if a run has more logs than the limit, because their names are unknown', async () => {
  const jobs = Array.from({ length: 31 }, (_, at) => at)
  const logs = jobs.map(() => [`${arn}\n`])
  expect(await named(withLogs(...logs), { jobs })).toEqual([[arn], 'part'])
})
