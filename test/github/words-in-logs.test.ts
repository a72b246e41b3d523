import { expect, test } from 'vitest'
import type { Client } from '../../src/github/client.ts'
import { wordsInLogs } from '../../src/github/logs.ts'

/** GitHub with these logs, each in chunks as they arrive; null: the job has no log. */
function withLogs(...logs: readonly (readonly string[] | null)[]): Client {
  let at = 0
  const stream = async () => {
    const pieces = logs[at++] ?? null
    return pieces && ReadableStream.from(pieces.map((piece) => new TextEncoder().encode(piece)))
  }
  return { stream } as unknown as Client
}

const ask = { repository: 'myorg/blog-api', jobIds: [1, 2], words: ['blog-api:4'] }

test.each<[string, readonly (readonly string[] | null)[], boolean]>([
  ['in the first log', [['registered blog-api:4.\n']], true],
  ['in the second, where the first job has none', [null, ['blog-api:4\n']], true],
  ['at the very end', [['now at blog-api:4']], true],
  ['across two pieces', [['now at blog-', 'api:4 \n']], true],
  ['as the begin of another', [['blog-api:44\n']], false],
  ['as the begin of another, across two pieces', [['blog-api:4', '4 is there\n']], false],
  ['nowhere', [['nothing\n'], ['nothing\n']], false],
])('a revision that occurs %s: %s', async (_, logs, isThere) => {
  expect([...(await wordsInLogs(withLogs(...logs), ask))]).toEqual(isThere ? ['blog-api:4'] : [])
})

test('reads no log if there are no words', async () => {
  expect(await wordsInLogs(withLogs(['blog-api:4']), { ...ask, jobIds: [], words: [] })).toEqual(new Set())
})
