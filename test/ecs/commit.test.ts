import type { ContainerDefinition, Tag } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { carriedBy, commitsOf, revisionOf } from '../../src/ecs/commit.ts'

const sha = '3f2c1ab8649bf9537d520624d1892f9402a9f25a'
const other = '8649bf9537d520624d1892f9402a9f25ab9ee7ee'
const label = 'org.opencontainers.image.revision'
const of = (containers: readonly ContainerDefinition[], tags: readonly Tag[] = []) => ({
  definition: { containerDefinitions: [...containers] },
  tags,
})

describe('the commit that an image carries', () => {
  it.each<[string, string, readonly string[]]>([
    ['the full sha', `blog-api:${sha}`, [sha]],
    ['a short one', 'blog-api:3f2c1ab', ['3f2c1ab']],
    ['with sha- in front', 'blog-api:sha-3f2c1ab', ['3f2c1ab']],
    ['behind a port, before a digest', `localhost:5000/blog/api:${sha}@sha256:${'0'.repeat(64)}`, [sha]],
    ['a digest alone', `blog-api@sha256:${'a'.repeat(64)}`, []],
    ['no tag, behind a port', 'localhost:5000/blog-api', []],
    ['latest', 'blog-api:latest', []],
    ['a version', 'blog-api:v1.4.2', []],
    ['a date', 'blog-api:20261117', []],
    ['too short', 'blog-api:3f2c1a', []],
  ])('%s', (_, image, commits) => {
    expect(commitsOf(of([{ name: 'api', image }]), ['api'])).toEqual(commits)
  })

  const two = [
    { name: 'api', image: `blog-api:${sha}` },
    { name: 'proxy', image: `proxy:${other}` },
  ]
  it('counts the named containers only', () => {
    expect(commitsOf(of(two), ['api'])).toEqual([sha])
  })
  it('counts all where none is named', () => {
    expect(commitsOf(of(two), [])).toEqual([sha, other])
  })

  it.each<[string, ContainerDefinition, readonly Tag[]]>([
    ['a tag of the task definition', { image: 'blog-api:latest' }, [{ key: label, value: sha }]],
    ['a label', { image: 'blog-api:latest', dockerLabels: { [label]: sha } }, []],
    ['GIT_SHA', { image: 'blog-api:latest', environment: [{ name: 'GIT_SHA', value: sha }] }, []],
  ])('else %s tells it', (_, container, tags) => {
    expect(commitsOf(of([{ name: 'api', ...container }], tags), ['api'])).toEqual([sha])
  })

  const plain = { name: 'proxy', image: 'proxy:latest' }
  const carries = (container: string, commit: string) => ({ container, carries: 'commit', commit })
  it.each<[string, readonly ContainerDefinition[], readonly Tag[], readonly object[]]>([
    ['their own tags', two, [], [carries('api', sha), carries('proxy', other)]],
    [
      'nothing, beside one whose tag tells',
      [two[0]!, { ...plain, environment: [{ name: 'GIT_SHA', value: other }] }],
      [{ key: label, value: sha }],
      [carries('api', sha), { container: 'proxy', carries: 'nothing' }],
    ],
    [
      'their own label before the tag of the task definition, where no image tells',
      [
        { name: 'api', image: 'blog-api:latest' },
        { ...plain, dockerLabels: { [label]: other } },
      ],
      [{ key: label, value: sha }],
      [carries('api', sha), carries('proxy', other)],
    ],
    [
      'that it is not there',
      [two[0]!],
      [],
      [carries('api', sha), { container: 'proxy', carries: 'missing' }],
    ],
  ])('each named container says for itself: %s', (_, definitions, tags, carried) => {
    expect(carriedBy(of(definitions, tags), ['api', 'proxy'])).toEqual(carried)
    expect(carriedBy(of(definitions, tags), [])).toEqual([])
  })

  it('a revision has a commit only where its images agree', () => {
    const arn = 'arn:aws:ecs:ap-northeast-2:123456789012:task-definition/blog-api:42'
    expect(revisionOf(arn, of(two), ['api'])).toEqual({ name: 'blog-api:42', arn, commit: sha })
    expect(revisionOf(arn, of(two), []).commit).toBeNull()
    expect(revisionOf(arn, undefined, ['api']).commit).toBeNull()
  })
})
