import type { ContainerDefinition, Tag } from '@aws-sdk/client-ecs'
import { describe, expect, it, test } from 'vitest'
import { commitsBy, mentions } from '../../src/aws/ecs/commit.ts'
import { Trouble } from '../../src/ports/ports.ts'
import type { CommitFrom } from '../../src/release/commit-source.ts'

const repository = 'myorg/blog-api'
const sha = '3f2c1ab8649bf9537d520624d1892f9402a9f25a'
const other = '8649bf9537d520624d1892f9402a9f25ab9ee7ee'
const label = 'org.opencontainers.image.revision'
const arn = 'arn:aws:ecs:ap-northeast-2:123456789012:task-definition/blog-api:42'

const of = (containers: readonly ContainerDefinition[], tags: readonly Tag[] = []) => ({
  definition: { taskDefinitionArn: arn, containerDefinitions: [...containers] },
  tags,
})
const api = (part: ContainerDefinition) => ({ name: 'api', image: 'blog-api:latest', ...part })
const env = (variables: Readonly<Record<string, string>>) => ({
  environment: Object.entries(variables).map(([name, value]) => ({ name, value })),
})

/** A repository with these two commits, and the words that were looked up. */
function repositoryWithTwo() {
  const asked: string[] = []
  const commits = commitsBy(async ({ words }) => {
    asked.push(...words)
    return new Map(words.map((word) => [word, [sha, other].find((each) => each.startsWith(word)) ?? null]))
  })
  return { asked, commits }
}

/** A GitHub that does not answer. */
const silent = commitsBy(async () => {
  throw new Trouble('passing', 'GitHub could not be reached')
})

async function built(
  definition: ReturnType<typeof of>,
  { containers = ['api'], known = null }: { containers?: readonly string[]; known?: string | null } = {},
) {
  const { commits, asked } = repositoryWithTwo()
  return { ...(await commits.built(definition, { source: { repository, containers }, known })), asked }
}

describe('the commit of a container', () => {
  it.each<[string, ContainerDefinition]>([
    ['the tag of its image', { image: 'blog-api:git-3f2c1ab' }],
    ['its label', { dockerLabels: { [label]: sha } }],
    ['the label of Datadog', { dockerLabels: { 'com.datadoghq.tags.version': '3f2c1ab' } }],
    ['GIT_SHA', env({ GIT_SHA: sha })],
    ['GIT_COMMIT', env({ GIT_COMMIT: sha })],
    ['GIT_COMMIT_SHA', env({ GIT_COMMIT_SHA: sha })],
    ['GIT_REVISION', env({ GIT_REVISION: sha })],
    ['COMMIT_SHA', env({ COMMIT_SHA: sha })],
    ['GITHUB_SHA', env({ GITHUB_SHA: sha })],
    ['SOURCE_COMMIT', env({ SOURCE_COMMIT: sha })],
    ['SOURCE_VERSION', env({ SOURCE_VERSION: sha })],
    ['HEROKU_SLUG_COMMIT', env({ HEROKU_SLUG_COMMIT: sha })],
    ['APP_REVISION', env({ APP_REVISION: sha })],
    ['HONEYBADGER_REVISION', env({ HONEYBADGER_REVISION: sha })],
    ['DD_GIT_COMMIT_SHA', env({ DD_GIT_COMMIT_SHA: sha })],
    [
      'the commit in DD_TAGS',
      env({ DD_TAGS: `git.repository_url:github.com/myorg/blog-api,git.commit.sha:${sha}` }),
    ],
    ['DD_VERSION', env({ DD_VERSION: '3f2c1ab' })],
    ['a version with a commit in DD_VERSION', env({ DD_VERSION: '1.4.2+3f2c1ab' })],
    ['SENTRY_RELEASE', env({ SENTRY_RELEASE: `blog-api@${sha}` })],
    [
      'the commit in OTEL_RESOURCE_ATTRIBUTES',
      env({
        OTEL_RESOURCE_ATTRIBUTES: `service.version=8649bf9,vcs.ref.head.revision=${sha},service.name=blog-api`,
      }),
    ],
    [
      'the version in OTEL_RESOURCE_ATTRIBUTES',
      env({ OTEL_RESOURCE_ATTRIBUTES: `service.name=blog-api, service.version=${sha}` }),
    ],
    ['APP_VERSION', env({ APP_VERSION: 'main-3f2c1ab' })],
    ['RELEASE_VERSION', env({ RELEASE_VERSION: sha })],
  ])('finds the commit of a container in %s', async (_, container) => {
    expect((await built(of([api(container)]))).carried).toEqual([
      { container: 'api', carries: 'commit', commit: sha },
    ])
  })

  it.each<[string, ContainerDefinition]>([
    ['a tag before a label', { image: 'blog-api:3f2c1ab', dockerLabels: { [label]: other } }],
    ['a tag before a variable', { image: 'blog-api:3f2c1ab', ...env({ GIT_SHA: other }) }],
    ['a label before a variable', { dockerLabels: { [label]: sha }, ...env({ GIT_SHA: other }) }],
    ['a commit before a version', env({ DD_VERSION: other, GIT_COMMIT: sha })],
    ['a variable, where the tag is a build number', { image: 'blog-api:1234567a', ...env({ GIT_SHA: sha }) }],
    ['the second variable, where the first names none', env({ GIT_SHA: 'unknown', DD_VERSION: sha })],
    [
      'the last of two of one name, as in a container',
      {
        environment: [
          { name: 'GIT_SHA', value: other },
          { name: 'GIT_SHA', value: sha },
        ],
      },
    ],
  ])('prefers %s for the commit of a container', async (_, container) => {
    expect((await built(of([api(container)]))).commits).toEqual([sha])
  })

  it.each([
    ['a build number', 'blog-api:1234567a'],
    ['a date', 'blog-api:20261128'],
    ['latest', 'blog-api:latest'],
    ['a digest alone', `blog-api@sha256:${sha}${'0'.repeat(24)}`],
    ['nothing', 'blog-api'],
  ])('finds no commit if the image tag is %s', async (_, image) => {
    expect(await built(of([api({ image })]))).toMatchObject({
      carried: [{ container: 'api', carries: 'nothing' }],
      commits: [],
    })
  })

  it('finds both commits of a tag that names two', async () => {
    const two = await built(of([api({ image: 'blog-api:8649bf9-3f2c1ab-1234567a' })]))
    expect(two.carried).toEqual([{ container: 'api', carries: 'several', commits: [other, sha] }])
    expect(two.unknown).toEqual({ because: 'several', commits: [other, sha] })
  })

  it('looks up every commit, unless it is the approved one', async () => {
    const definition = of([api({ image: 'blog-api:20261128-3f2c1ab' })])
    expect((await built(definition, { known: sha })).asked).toEqual([])
    expect((await built(definition)).asked).toEqual(['3f2c1ab'])
    expect((await built(of([api({ image: 'blog-api:3f2c1ab-1234567a' })]), { known: sha })).asked).toEqual([
      '1234567a',
    ])
  })

  it('looks up at most fifty words of a task definition', async () => {
    const words = (at: number) => Array.from({ length: 8 }, (_, word) => `abcdef${at}${word}`).join('-')
    const forty = Array.from({ length: 40 }, (_, at) => ({ name: `c${at}`, image: `blog-api:${words(at)}` }))
    const { commits, asked } = repositoryWithTwo()
    const source = { repository, containers: forty.map(({ name }) => name) }
    await expect(commits.built(of(forty), { source })).rejects.toMatchObject({ kind: 'terminal' })
    expect(asked.length).toBeLessThanOrEqual(50)
    expect(await commits.revision(arn, of(forty), { source })).toMatchObject({
      commit: null,
      unknown: { because: 'unread', reason: expect.stringContaining('blog-api:42') },
    })
  })

  it('finds the commit among forty containers, and in a variable of 32 KiB', async () => {
    const forty = Array.from({ length: 40 }, (_, at) => ({
      name: `c${at}`,
      image: `blog-api:${sha}`,
      ...env({ DD_VERSION: 'a1b2c3d4 '.repeat(4_000) }),
    }))
    const all = await built(of(forty), { containers: forty.map(({ name }) => name) })
    expect(all).toMatchObject({ commits: [sha] })
    expect(all.carried).toHaveLength(40)
    const long = await built(of([api(env({ SENTRY_RELEASE: `${'x '.repeat(16_384)}`, APP_VERSION: sha }))]))
    expect(long).toMatchObject({ commits: [sha] })
  })
})

describe('commits of several containers', () => {
  const two = [
    { name: 'api', image: `blog-api:${sha}` },
    { name: 'proxy', image: `proxy:${other}` },
  ]
  const plain = { name: 'proxy', image: 'proxy:latest' }
  const carries = (container: string, commit: string) => ({ container, carries: 'commit', commit })

  it.each<[string, readonly ContainerDefinition[], readonly Tag[], readonly object[]]>([
    ['their own tags', two, [], [carries('api', sha), carries('proxy', other)]],
    [
      'its variable beside one whose tag tells',
      [two[0]!, { ...plain, ...env({ GIT_SHA: other }) }],
      [],
      [carries('api', sha), carries('proxy', other)],
    ],
    [
      'nothing beside one whose tag tells, whatever the task definition is tagged with',
      [two[0]!, plain],
      [{ key: label, value: other }],
      [carries('api', sha), { container: 'proxy', carries: 'nothing' }],
    ],
    [
      'the tag of the task definition, where no container tells',
      [api({}), plain],
      [{ key: label, value: sha }],
      [carries('api', sha), carries('proxy', sha)],
    ],
    [
      'that it is not there',
      [two[0]!],
      [],
      [carries('api', sha), { container: 'proxy', carries: 'missing' }],
    ],
  ])('determines the commit of each container separately: %s', async (_, definitions, tags, carried) => {
    const definition = of(definitions, tags)
    expect((await built(definition, { containers: ['api', 'proxy'] })).carried).toEqual(carried)
    expect((await built(definition, { containers: [] })).carried).toEqual([])
  })

  it('includes only the configured containers, or all if none is configured', async () => {
    expect((await built(of(two))).commits).toEqual([sha])
    expect((await built(of(two), { containers: [] })).commits).toEqual([sha, other])
  })
})

describe('a revision with its commit', () => {
  const source = { repository, containers: ['api'] }
  const { commits } = repositoryWithTwo()

  test('a revision contains the full sha of its single commit', async () => {
    const definition = of([api({ image: 'blog-api:3f2c1ab' })])
    expect(await commits.revision(arn, definition, { source })).toEqual({
      name: 'blog-api:42',
      arn,
      commit: sha,
    })
  })

  test.each<[string, ReturnType<typeof of> | undefined, object | undefined, string[]?]>([
    [
      'a hex word that is no commit, without a word of it',
      of([api({ image: 'blog-api:1234567a' })]),
      undefined,
    ],
    [
      'two commits, and names both',
      of([api({ image: 'blog-api:3f2c1ab-8649bf9' })]),
      { because: 'several', commits: [sha, other] },
    ],
    [
      'no container that twokey.yml names, and says which',
      of([{ ...api({}), name: 'web' }]),
      { because: 'missing', reason: 'blog-api:42 has no container api, which twokey.yml lists' },
    ],
    [
      'one of the containers that twokey.yml names, which names none: the others may be another target’s',
      of([{ ...api({}), name: 'worker' }]),
      undefined,
      ['api', 'worker'],
    ],
    [
      'no task definition any more, and says so',
      undefined,
      { because: 'missing', reason: 'ECS does not show the task definition blog-api:42' },
    ],
  ])(
    'a revision contains no commit if there is %s',
    async (_, definition, unknown, containers = source.containers) => {
      const revision = await commits.revision(arn, definition, { source: { ...source, containers } })
      expect(revision).toEqual({ name: 'blog-api:42', arn, commit: null, ...(unknown && { unknown }) })
    },
  )

  test('a revision distinguishes a commit that could not be looked up from no commit', async () => {
    const definition = of([api({ image: 'blog-api:1234567a', ...env({ GIT_SHA: sha }) })])
    const unknown = { because: 'unread', reason: 'GitHub could not be reached' }
    expect(await silent.revision(arn, definition, { source })).toMatchObject({ commit: null, unknown })
    expect(await silent.builtOrUnread(definition, { source })).toMatchObject({ commits: [], unknown })
    await expect(silent.built(definition, { source })).rejects.toThrow('GitHub could not be reached')
  })

  test('knows the approved commit without GitHub', async () => {
    const definition = of([api({ image: 'blog-api:20261128-3f2c1ab' })])
    expect(await silent.revision(arn, definition, { source, known: sha })).toMatchObject({ commit: sha })
  })
})

test.each<[string, ReturnType<typeof of>, boolean]>([
  ['in a tag', of([api({ image: 'blog-api:main-3f2c1ab' })]), true],
  [
    'in a variable behind another tag',
    of([api({ image: `blog-api:${other}`, ...env({ DD_VERSION: sha }) })]),
    true,
  ],
  ['in a tag of the task definition', of([api({})], [{ key: label, value: sha }]), true],
  ['in a container that is not named', of([{ name: 'proxy', image: `proxy:${sha}` }]), false],
  ['nowhere', of([api({ image: `blog-api:${other}` })]), false],
])('finds a commit that a task definition mentions %s', (_, definition, isMentioned) => {
  expect(mentions(definition, { repository, containers: ['api'] }, sha)).toBe(isMentioned)
})

describe('the source that commitFrom names', () => {
  const at = (commitFrom: CommitFrom) => ({ repository, containers: ['api'], commitFrom })
  const carried = async (part: ContainerDefinition, commitFrom: CommitFrom, tags: readonly Tag[] = []) => {
    const { commits } = repositoryWithTwo()
    return commits.built(of([api(part)], tags), { source: at(commitFrom) })
  }
  const revision = { env: 'APP_COMMIT' }

  test.each<[string, CommitFrom, ContainerDefinition]>([
    ['a variable', revision, env({ APP_COMMIT: `release-${sha}` })],
    ['a label', { label: 'com.example.commit' }, { dockerLabels: { 'com.example.commit': '3f2c1ab' } }],
    [
      'a value in a list',
      { env: 'OTEL_RESOURCE_ATTRIBUTES' },
      env({ OTEL_RESOURCE_ATTRIBUTES: 'host.id=8649bf9,service.version=3f2c1ab' }),
    ],
  ])('reads the commit from %s', async (_, commitFrom, part) => {
    expect((await carried(part, commitFrom)).commits).toEqual([sha])
  })

  test('ignores the tag, other variables and the task definition if commitFrom is set', async () => {
    const elsewhere = { image: `blog-api:${other}`, ...env({ GIT_SHA: other, APP_COMMIT: sha }) }
    expect((await carried(elsewhere, revision)).commits).toEqual([sha])
    const nowhere = { image: `blog-api:${other}`, ...env({ GIT_SHA: other }) }
    expect((await carried(nowhere, revision, [{ key: label, value: other }])).carried).toEqual([
      { container: 'api', carries: 'nothing' },
    ])
    expect(mentions(of([api(nowhere)]), at(revision), other)).toBe(false)
    expect(mentions(of([api(elsewhere)]), at(revision), sha)).toBe(true)
  })

  test.each<[string, CommitFrom, ContainerDefinition, string]>([
    ['is missing', revision, {}, 'container api of blog-api:42 has no variable APP_COMMIT'],
    [
      'is empty',
      revision,
      env({ APP_COMMIT: '' }),
      'container api of blog-api:42 has no variable APP_COMMIT',
    ],
    [
      'is a label that is missing',
      { label: 'commit' },
      {},
      'container api of blog-api:42 has no label commit',
    ],
    [
      'is a secret',
      revision,
      { secrets: [{ name: 'APP_COMMIT', valueFrom: 'arn:aws:ssm:ap-northeast-2:123456789012:parameter/x' }] },
      'the variable APP_COMMIT of container api of blog-api:42 is a secret',
    ],
    [
      'carries no commit',
      revision,
      env({ APP_COMMIT: '1234567a' }),
      'the variable APP_COMMIT of container api of blog-api:42 carries no commit of myorg/blog-api',
    ],
  ])('explains why there is no commit if the source %s', async (_, commitFrom, part, reason) => {
    expect((await carried(part, commitFrom)).unknown).toEqual({
      because: 'missing',
      reason: expect.stringContaining(reason),
    })
  })

  test('service environments with the same task definition may name different sources of the commit', async () => {
    const { commits } = repositoryWithTwo()
    const definition = of([api({ image: `blog-api:${other}`, ...env({ APP_COMMIT: sha }) })])
    const one = { source: { repository, containers: ['api'] } }
    expect((await commits.revision(arn, definition, one)).commit).toBe(other)
    expect((await commits.revision(arn, definition, { source: at(revision) })).commit).toBe(sha)
    expect((await commits.revision(arn, definition, one)).commit).toBe(other)
  })
})
