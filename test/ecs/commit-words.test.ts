import { describe, expect, it } from 'vitest'
import { commitText, tagOf } from '../../src/aws/ecs/commit-words.ts'

const sha = '3f2c1ab8649bf9537d520624d1892f9402a9f25a'
const other = '8649bf9537d520624d1892f9402a9f25ab9ee7ee'
const [seven, eight, ten, twelve] = [7, 8, 10, 12].map((length) => sha.slice(0, length)) as [
  string,
  string,
  string,
  string,
]

/** Schemes of image tags from public workflows, with the words in each that may be a commit. */
const schemes: readonly (readonly [scheme: string, tag: string, words: readonly string[]])[] = [
  ['the sha', sha, [sha]],
  ['the short sha', seven, [seven]],
  ['eight figures', eight, [eight]],
  ['ten figures', ten, [ten]],
  ['twelve figures', twelve, [twelve]],
  ['in capitals', seven.toUpperCase(), [seven]],
  ['sha-<short>, as docker/metadata-action has it', `sha-${seven}`, [seven]],
  ['sha-<sha>', `sha-${sha}`, [sha]],
  ['sha<short>', `sha${seven}`, [seven]],
  ['git-<sha>', `git-${sha}`, [sha]],
  ['git-<short>', `git-${seven}`, [seven]],
  ['commit-<short>', `commit-${seven}`, [seven]],
  ['rev-<short>', `rev-${seven}`, [seven]],
  ['v<sha>', `v${sha}`, [sha]],
  ['<branch>-<short>', `main-${seven}`, [seven]],
  ['<branch with dashes>-<sha>', `feature-new-checkout-${sha}`, [sha]],
  ['<branch>-<short>-<unix time>', `main-${seven}-1795878300`, [seven]],
  ['<branch>-<run number>-<sha>', `main-124-${sha}`, [sha]],
  ['<branch>-<sha>-<run number>', `develop-${sha}-1042`, [sha]],
  ['<branch>.<short>', `develop.${seven}`, [seven]],
  ['<environment>-<sha>', `production-${sha}`, [sha]],
  ['<environment>_<sha>', `staging_${sha}`, [sha]],
  ['<short>-<environment>', `${seven}-prod`, [seven]],
  ['<service>-<sha>, several in one repository of ECR', `blog-api-${sha}`, [sha]],
  ['<service>-<environment>-<short>', `api-prod-${seven}`, [seven]],
  ['<timestamp>-<short>', `20261128164500-${eight}`, [eight]],
  ['<date>-<short>', `20261128-${seven}`, [seven]],
  ['<date with dashes>-<short>', `2026-11-28-${seven}`, [seven]],
  ['<date>.<time>.<short>', `20261128.164500.${seven}`, [seven]],
  ['v<date>-<short>', `v20261128-${ten}`, [ten]],
  ['<short>-<timestamp>', `${seven}-20261128164500`, [seven]],
  ['<version>-<short>', `1.4.2-${seven}`, [seven]],
  ['v<version>-<short>', `v1.4.2-${seven}`, [seven]],
  ['v<version>_<short>', `v1.4.2_${seven}`, [seven]],
  ['v<version>-<timestamp>-<short>', `v3.0.0-20261128164500-${seven}`, [seven]],
  ['git describe', `v1.4.2-14-g${seven}`, [seven]],
  ['git describe, of a tree with changes', `v1.4.2-14-g${seven}-dirty`, [seven]],
  ['git describe --always', seven, [seven]],
  ['build-<number>-<short>', `build-1234-${seven}`, [seven]],
  ['<run number>-<short>', `42-${seven}`, [seven]],
  ['<sha>-<run number>', `${sha}-42`, [sha]],
  ['<sha>-<run id>-<attempt>', `candidate-${sha}-17012345678-1`, [sha]],
  ['release-<sha>', `release-${sha}`, [sha]],
  ['release-<date>-<short>', `release-20261128-${seven}`, [seven]],
  ['pr-<number>-<sha>', `pr-123-${sha}`, [sha]],
  ['<sha>-<platform>', `${sha}-arm64`, [sha]],
  ['<short>-<platform>', `${seven}-linux-amd64`, [seven]],
  ['two hex words', `${seven}-${other.slice(0, 7)}`, [seven, other.slice(0, 7)]],
  ['the commit before, and the one', `from-${other}-to-${sha}`, [other, sha]],
  ['one word twice', `${seven}-${seven}`, [seven]],
  // Whether the repository has them must be looked up.
  ['a build number that is a hex word', '1234567a', ['1234567a']],
  ['figures alone, which a short sha may be', '1234567', ['1234567']],
  ['a date', '20261128', ['20261128']],
  ['a timestamp', '20261128164500', ['20261128164500']],
  ['an English word', 'main-defaced', ['defaced']],
  // Nothing that could be a commit.
  ['latest', 'latest', []],
  ['a branch', 'main', []],
  ['a version', 'v1.4.2', []],
  ['a version of a release candidate', '1.4.2-rc.1', []],
  ['release-<date>.<number>', 'release-20261128.3', ['20261128']],
  ['pr-<number>', 'pr-123', []],
  ['build-<number>', 'build-1234', []],
  ['<environment>-latest', 'prod-latest', []],
  ['six figures', '3f2c1a', []],
  ['more than forty figures', `${sha}a`, []],
  ['hex figures inside a word', `prodx${seven}`, []],
  ['a UUID', '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed', ['1b9d6bcd', 'ab8dfbbd4bed']],
]

describe('words of a tag that may be commits', () => {
  it.each(schemes)('finds words in %s: %s', (_, tag, words) => {
    expect(commitText(tag)).toEqual(words)
    expect(commitText(tagOf(`123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/blog-api:${tag}`))).toEqual(
      words,
    )
  })

  it('finds at most eight words, in the first 4,096 characters', () => {
    const words = Array.from({ length: 9 }, (_, at) => `abcdef${at}`)
    expect(commitText(words.join('-'))).toEqual(words.slice(0, 8))
    expect(commitText(`${' '.repeat(4_096)}${sha}`)).toEqual([])
  })

  it('finds words in 32 KiB without delay', () => {
    for (const text of ['a'.repeat(32_768), 'g'.repeat(32_768), 'a-'.repeat(16_384), ' '.repeat(32_768)])
      expect(commitText(text)).toEqual([])
  })
})

describe('the tag of an image', () => {
  it.each([
    ['blog-api:3f2c1ab', '3f2c1ab'],
    [`localhost:5000/blog/api:${sha}@sha256:${'0'.repeat(64)}`, sha],
    [`blog-api@sha256:${'a'.repeat(64)}`, ''],
    ['localhost:5000/blog-api', ''],
    ['localhost:5000/3f2c1ab', ''],
    ['3f2c1ab', ''],
    ['', ''],
  ])('the tag of %s is %s', (image, tag) => {
    expect(tagOf(image)).toBe(tag)
  })
})
