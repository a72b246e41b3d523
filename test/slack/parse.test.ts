import { describe, expect, it } from 'vitest'
import { type Command, parse, type Vocabulary } from '../../src/slack/parse.ts'

const many: Vocabulary = { services: ['blog-api', 'shop'], environments: ['dev', 'prod'] }
const one: Vocabulary = { services: ['blog-api'], environments: ['dev', 'prod'] }

const deploy = (environment: string, service: string | null = null, ref: string | null = null) => ({
  ask: 'deploy',
  service,
  environment,
  ref,
})
const rollback = (service: string, revision: number | null = null, environment: string | null = null) => ({
  ask: 'rollback',
  service,
  environment,
  revision,
})
/** Not understood, with this command to copy. */
const unclear = (nearest: string | null) => ({ ask: 'unclear', nearest })

function read(line: string, vocabulary: Vocabulary) {
  const [, command = '', text = ''] = /^(\/\S+) ?(.*)$/s.exec(line) ?? []
  return parse(command as Command, text, vocabulary)
}

describe('/deploy of several services', () => {
  it.each([
    ['/deploy', { ask: 'form' }],
    ['/deploy    ', { ask: 'form' }],
    ['/deploy prod', deploy('prod')],
    ['/deploy prod blog-api', deploy('prod', 'blog-api')],
    ['/deploy blog-api prod', deploy('prod', 'blog-api')],
    ['/deploy   blog-api \t prod  ', deploy('prod', 'blog-api')],
    ['/deploy PROD Blog-Api', deploy('prod', 'blog-api')],
    ['/deploy “prod” ‘blog-api’', deploy('prod', 'blog-api')],
    ['/deploy *prod* `blog-api`', deploy('prod', 'blog-api')],
    ['/deploy prod, blog-api', deploy('prod', 'blog-api')],
    ['/deploy \u202eprod\u202c blog\u200b-api', deploy('prod', 'blog-api')],
    ['/deploy prod blog-api v1.4.2', deploy('prod', 'blog-api', 'v1.4.2')],
    ['/deploy blog-api prod v1.4.2', deploy('prod', 'blog-api', 'v1.4.2')],
    ['/deploy prod blog-api 3f2c1ab', deploy('prod', 'blog-api', '3f2c1ab')],
    ['/deploy prod blog-api Feature/Tags-&amp;-More', deploy('prod', 'blog-api', 'Feature/Tags-&-More')],
    ['/deploy prod blog-api main', deploy('prod', 'blog-api', 'main')],
    ['/deploy _prod_ blog-api _wip', deploy('prod', 'blog-api', '_wip')],
    ['/deploy help', { ask: 'help', command: '/deploy' }],
    ['/deploy HELP me', { ask: 'help', command: '/deploy' }],
    ['/deploy status', { ask: 'status' }],
    ['/deploy cancel', { ask: 'cancel' }],
    ['/deploy history', { ask: 'history', service: null, environment: null }],
    ['/deploy history blog-api prod', { ask: 'history', service: 'blog-api', environment: 'prod' }],
    ['/deploy history prod', { ask: 'history', service: null, environment: 'prod' }],
    [
      '/deploy lock prod  The database moves (until 5pm)',
      { ask: 'lock', environment: 'prod', service: null, reason: 'The database moves (until 5pm)' },
    ],
    [
      '/deploy lock prod blog-api it &lt;leaks&gt;',
      { ask: 'lock', environment: 'prod', service: 'blog-api', reason: 'it <leaks>' },
    ],
    ['/deploy unlock prod', { ask: 'unlock', environment: 'prod', service: null }],
    ['/deploy unlock blog-api prod', { ask: 'unlock', environment: 'prod', service: 'blog-api' }],
  ])('%j', (line, asked) => {
    expect(read(line, many)).toEqual(asked)
  })

  it.each([
    ['/deploy prd', '/deploy prod'],
    ['/deploy blog-api', '/deploy dev blog-api'],
    ['/deploy blog-apj prod', '/deploy prod blog-api'],
    ['/deploy prod blog-apii', '/deploy prod blog-api'],
    ['/deploy prod blog-api blog-apj', '/deploy prod blog-api'],
    ['/deploy prod blog-api prod1', '/deploy prod blog-api'],
    ['/deploy prod blog-api staus', '/deploy prod blog-api'],
    ['/deploy dev prod', '/deploy dev'],
    ['/deploy prod prod blog-api', '/deploy prod blog-api'],
    ['/deploy prod blog-api shop', '/deploy prod blog-api'],
    ['/deploy prod v1.4.2', '/deploy prod'],
    ['/deploy v1.4.2 prod blog-api', '/deploy prod blog-api'],
    ['/deploy prod blog-api v1 v2', '/deploy prod blog-api'],
    ['/deploy prod blog-api --force', '/deploy prod blog-api'],
    ['/deploy prod blog-api a..b', '/deploy prod blog-api'],
    ['/deploy prod blog-api <!channel>^', '/deploy prod blog-api'],
    ['/deploy everything', '/deploy dev'],
    ['/deploy staus', '/deploy status'],
    ['/deploy hlep', '/deploy help'],
    ['/deploy canel', '/deploy cancel'],
    ['/deploy histroy blog-api', '/deploy history blog-api'],
    ['/deploy status prod', '/deploy status'],
    ['/deploy cancel blog-api', '/deploy cancel'],
    ['/deploy history prd', '/deploy history prod'],
    ['/deploy blog-api:42', '/rollback blog-api 42'],
    ['/deploy rollback blog-api 42', '/rollback blog-api 42'],
    ['/deploy lock', '/deploy lock dev <reason>'],
    ['/deploy lock prod', '/deploy lock prod <reason>'],
    ['/deploy lock prod blog-apj it leaks', '/deploy lock prod blog-api <reason>'],
    ['/deploy lock the database moves', '/deploy lock dev <reason>'],
    ['/deploy unlock', '/deploy unlock dev'],
    ['/deploy unlock prod please', '/deploy unlock prod'],
  ])('%j deploys nothing, and comes near %s', (line, nearest) => {
    expect(read(line, many)).toMatchObject(unclear(nearest))
  })
})

describe('/deploy of a single service', () => {
  it.each([
    ['/deploy prod', deploy('prod')],
    ['/deploy prod v1.4.2', deploy('prod', null, 'v1.4.2')],
    ['/deploy prod blog-api v1.4.2', deploy('prod', 'blog-api', 'v1.4.2')],
    ['/deploy prod blog-apj', unclear('/deploy prod blog-api')],
    ['/deploy prod help', unclear('/deploy prod')],
    ['/deploy prod dve', unclear('/deploy prod')],
    ['/deploy v1.4.2', unclear('/deploy dev')],
  ])('%j', (line, asked) => {
    expect(read(line, one)).toMatchObject(asked)
  })
})

describe('/rollback', () => {
  it.each([
    ['/rollback blog-api 42', rollback('blog-api', 42)],
    ['/rollback blog-api:42', rollback('blog-api', 42)],
    ['/rollback 42 blog-api', rollback('blog-api', 42)],
    ['/rollback blog-api #42', rollback('blog-api', 42)],
    ['/rollback blog-api 42 dev', rollback('blog-api', 42, 'dev')],
    ['/rollback dev blog-api:42', rollback('blog-api', 42, 'dev')],
    ['/rollback `BLOG-API` *42*', rollback('blog-api', 42)],
    ['/rollback blog-api', rollback('blog-api')],
    ['/rollback blog-api dev', rollback('blog-api', null, 'dev')],
    ['/rollback help', { ask: 'help', command: '/rollback' }],
    ['/rollback', unclear('/rollback blog-api')],
    ['/rollback 42', unclear('/rollback blog-api 42')],
    ['/rollback blog-apj 42', unclear('/rollback blog-api 42')],
    ['/rollback blog-api 42 43', unclear('/rollback blog-api 42')],
    ['/rollback blog-api 42 dev prod', unclear('/rollback blog-api 42 dev')],
    ['/rollback blog-api shop 42', unclear('/rollback blog-api 42')],
    ['/rollback blog-api 0', unclear('/rollback blog-api')],
    ['/rollback blog-api -1', unclear('/rollback blog-api')],
    ['/rollback blog-api 4.5', unclear('/rollback blog-api')],
    ['/rollback blog-api v1.4.2', unclear('/rollback blog-api')],
    ['/rollback blog-api 9999999999', unclear('/rollback blog-api')],
    ['/rollback status', unclear('/deploy status')],
    ['/rollback cancel', unclear('/deploy cancel')],
  ])('%j', (line, asked) => {
    expect(read(line, many)).toMatchObject(asked)
  })

  it('shows the revisions of the only service unasked, and rolls nothing back', () => {
    expect(read('/rollback', one)).toEqual(rollback('blog-api'))
    expect(read('/rollback 42', one)).toMatchObject(unclear('/rollback blog-api 42'))
  })
})

describe('whatever is typed', () => {
  const vocabularies: Vocabulary[] = [many, one, { services: [], environments: [] }]
  it.each([
    ['20 kB of words', 'prod '.repeat(4_000)],
    ['20 kB of one word', 'x'.repeat(20_000)],
    ['20 kB of emoji', '🦄'.repeat(10_000)],
    ['controls', '\u0000\u0007\u001b[31mprod\u001b[0m blog-api \u0085'],
    ['bidirectional marks', '\u202e dorp \u2066 ipa-golb'],
    ['half a surrogate', '\ud83d shop2 \udc00'],
    ['mentions', '&lt;!channel&gt; <@U0ANA> <!subteam^S0ONCALL>'],
    ['an own property of every object', '__proto__ constructor toString'],
    ['slashes', '/deploy /deploy prod'],
  ])('%s: no exception, nothing deployed, and said back short and clean', (_, text) => {
    for (const vocabulary of vocabularies) {
      for (const command of ['/deploy', '/rollback'] as const) {
        const asked = parse(command, text, vocabulary)
        expect(asked.ask).toBe('unclear')
        if (asked.ask !== 'unclear') continue
        expect(asked.said.length).toBeLessThanOrEqual(100)
        expect(asked.why.length).toBeLessThan(400)
        expect(asked.said).toMatch(
          /^\/(deploy|rollback)[^\p{Cc}\p{Cs}\u200b-\u200f\u202a-\u202e\u2066-\u2069]*$/u,
        )
      }
    }
  })

  it('no word a slip away from a name is taken for a commit', () => {
    for (const name of ['prod', 'blog-api', 'status', 'cancel', 'shop'])
      for (let at = 0; at < name.length; at += 1) {
        const without = name.slice(0, at) + name.slice(at + 1)
        expect(read(`/deploy prod blog-api ${without}`, many).ask).toBe('unclear')
      }
  })
})
