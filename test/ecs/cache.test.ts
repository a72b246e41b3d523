import { expect, test } from 'vitest'
import { cached } from '../../src/aws/ecs/cache.ts'
import { commitOf, commitShape } from '../../src/github/commit.ts'
import { Answers } from '../../src/github/etag.ts'
import { bytesOf } from '../../src/runtime/bounded.ts'

const mib = 1024 * 1024

const commit = (sha: string, message: string) => ({
  sha: sha.padEnd(40, '0'),
  commit: { message, author: { name: 'Ana' }, committer: null, verification: { payload: message } },
  author: { login: 'ana', avatar_url: 'x'.repeat(1_000) },
})

test('keeps the title and co-authors of a commit message of a megabyte', () => {
  const trailer = 'Co-authored-by: Ben <1+ben@users.noreply.github.com>'
  const { commit: kept, ...rest } = commitShape.parse(
    commit('a', `Add drafts\n\n${'why\n'.repeat(250_000)}\n${trailer}\n`),
  )
  expect(kept.message).toBe(`Add drafts\n${trailer}`)
  expect(commitOf({ commit: kept, ...rest }).title).toBe('Add drafts')
  expect(commitShape.parse({ commit: kept, ...rest })).toEqual({ commit: kept, ...rest })
})

test('keeps 500 comparisons of 100 commits with long messages in less than 32 MiB', () => {
  const answers = new Answers()
  const shape = commitShape.array()
  const body = shape.parse(
    Array.from({ length: 100 }, () => commit('a', `${'t'.repeat(5_000)}\n${'body '.repeat(10_000)}`)),
  )
  for (let url = 0; url < 500; url += 1) answers.keep(`/compare/${url}`, { etag: 'e', shape, body })
  expect(answers.of('/compare/499', shape)).toBeDefined()
  expect(answers.bytes).toBeLessThanOrEqual(32 * mib)
  expect(bytesOf(body)).toBeLessThan(mib)
})

test('limits cached task definitions by bytes, not only by number', async () => {
  let reads = 0
  const read = cached(
    async (arn) => {
      reads += 1
      return { arn, definition: 'x'.repeat(60_000) }
    },
    { max: 1_000, maxSize: mib },
  )
  for (let revision = 0; revision < 20; revision += 1) await read(`blog-api:${revision}`)
  expect(reads).toBe(20)
  await read('blog-api:19')
  expect(reads).toBe(20)
  await read('blog-api:0')
  expect(reads).toBe(21)
})
