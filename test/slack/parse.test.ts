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
const status = (service: string | null = null, environment: string | null = null) => ({
  ask: 'status',
  service,
  environment,
  page: 0,
})
const history = (differs: object = {}) => ({
  ask: 'history',
  service: null,
  environment: null,
  requester: null,
  from: null,
  ...differs,
})
const lock = (reason: string, differs: object = {}) => ({
  ask: 'lock',
  environment: 'prod',
  service: null,
  reason,
  until: null,
  as: { hold: 'free' },
  ...differs,
})
const take = { hold: 'take', shown: null }
const hour = 60 * 60_000

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
    ['/deploy status', status()],
    ['/deploy status prod', status(null, 'prod')],
    ['/deploy status blog-api', status('blog-api')],
    ['/deploy status PROD `blog-api`', status('blog-api', 'prod')],
    [
      '/deploy prod blog-api --emergency  checkout is down',
      { ask: 'deploy', service: 'blog-api', environment: 'prod', ref: null, emergency: 'checkout is down' },
    ],
    [
      '/deploy blog-api prod 3f2c1ab —emergency it &lt;burns&gt;: see prod',
      {
        ask: 'deploy',
        service: 'blog-api',
        environment: 'prod',
        ref: '3f2c1ab',
        emergency: 'it <burns>: see prod',
      },
    ],
    [
      '/deploy prod –EMERGENCY: `checkout` is down',
      { ask: 'deploy', service: null, environment: 'prod', ref: null, emergency: '`checkout` is down' },
    ],
    ['/deploy cancel', { ask: 'cancel' }],
    ['/deploy history', history()],
    ['/deploy history blog-api prod', history({ service: 'blog-api', environment: 'prod' })],
    ['/deploy history prod', history({ environment: 'prod' })],
    ['/deploy history me', history({ requester: 'me' })],
    [
      '/deploy history prod ME blog-api',
      history({ service: 'blog-api', environment: 'prod', requester: 'me' }),
    ],
    ['/deploy history <@U0ANA|ana>', history({ requester: 'U0ANA' })],
    ['/deploy history <@U0ANA>, shop', history({ service: 'shop', requester: 'U0ANA' })],
    ['/deploy history dev <@W0BEN|Ben the Builder>', history({ environment: 'dev', requester: 'W0BEN' })],
    ['/deploy lock prod  The database moves (until 5pm)', lock('The database moves (until 5pm)')],
    ['/deploy lock prod blog-api it &lt;leaks&gt;', lock('it <leaks>', { service: 'blog-api' })],
    [
      '/deploy lock prod read <https://status.example/a?b=1&amp;c=2|the page>, <http://x.io|x.io> or ask <@U0BEN|ben> in <#C1|ops> &lt;now&gt;',
      lock('read the page, x.io or ask @ben in #ops <now>'),
    ],
    ['/deploy lock prod for 2h an incident', lock('an incident', { until: { afterMs: 2 * hour } })],
    ['/deploy lock prod FOR 30min an incident', lock('an incident', { until: { afterMs: hour / 2 } })],
    [
      '/deploy lock prod blog-api for 3d x',
      lock('x', { service: 'blog-api', until: { afterMs: 72 * hour } }),
    ],
    ['/deploy lock prod until 18:00 fix', lock('fix', { until: { day: 'today', time: '18:00' } })],
    ['/deploy lock prod until today 8:05 fix', lock('fix', { until: { day: 'today', time: '08:05' } })],
    ['/deploy lock prod until tomorrow 9:00 fix', lock('fix', { until: { day: 'tomorrow', time: '09:00' } })],
    [
      '/deploy lock prod until 2026-11-24 09:00 the sale',
      lock('the sale', { until: { day: '2026-11-24', time: '09:00' } }),
    ],
    ['/deploy lock prod --take mine now', lock('mine now', { as: take })],
    ['/deploy lock prod —take for 2h mine', lock('mine', { as: take, until: { afterMs: 2 * hour } })],
    ['/deploy lock prod for 2h --take mine', lock('mine', { as: take, until: { afterMs: 2 * hour } })],
    ['/deploy lock prod for maintenance', lock('for maintenance')],
    ['/deploy lock prod until further notice', lock('until further notice')],
    ['/deploy lock prod db migration', lock('db migration')],
    ['/deploy lock prod until 18:00 db', lock('db', { until: { day: 'today', time: '18:00' } })],
    ['/deploy lock prod unit tests are red', lock('unit tests are red')],
    ['/deploy lock prod waiting for 2h', lock('waiting for 2h')],
    ['/deploy unlock prod', { ask: 'unlock', environment: 'prod', service: null }],
    ['/deploy unlock blog-api prod', { ask: 'unlock', environment: 'prod', service: 'blog-api' }],
  ])('%j', (line, asked) => {
    expect(read(line, many)).toEqual(asked)
  })

  it.each([
    ['/deploy prd', '/deploy prod'],
    ['/deploy prod --emergency', '/deploy prod --emergency <reason>'],
    ['/deploy prod --emergency &lt;reason&gt;', '/deploy prod --emergency <reason>'],
    ['/deploy lock prod for 2h &lt;reason&gt;', '/deploy lock prod <reason>'],
    ['/deploy blog-api prod V1.2 —emergency  ', '/deploy prod blog-api V1.2 --emergency <reason>'],
    ['/deploy prd --emergency it burns', '/deploy prod --emergency <reason>'],
    ['/deploy --emergency prod burns', '/deploy dev --emergency <reason>'],
    ['/deploy prod --emergancy it burns', '/deploy prod'],
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
    ['/deploy status prd', '/deploy status prod'],
    ['/deploy status blog-api 42', '/deploy status blog-api'],
    ['/deploy status blog-api shop', '/deploy status blog-api'],
    ['/deploy staus prod', '/deploy status prod'],
    ['/deploy cancel blog-api', '/deploy cancel'],
    ['/deploy history prd', '/deploy history prod'],
    ['/deploy history @ana', '/deploy history'],
    ['/deploy history blog-api @ana', '/deploy history blog-api'],
    ['/deploy history me <@U0ANA|ana>', '/deploy history'],
    ['/deploy history <@U0ANA|ana> <@U0BEN|ben>', '/deploy history'],
    ['/deploy blog-api:42', '/rollback blog-api 42'],
    ['/deploy rollback blog-api 42', '/rollback blog-api 42'],
    ['/deploy lock', '/deploy lock dev <reason>'],
    ['/deploy lock prod', '/deploy lock prod <reason>'],
    ['/deploy lock prod blog-apj it leaks', '/deploy lock prod blog-api <reason>'],
    ['/deploy lock the database moves', '/deploy lock dev <reason>'],
    ['/deploy lock prod for 2h', '/deploy lock prod <reason>'],
    ['/deploy lock prod --take', '/deploy lock prod <reason>'],
    ['/deploy lock prod for a while an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod for 2 hours an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod until friday', '/deploy lock prod <reason>'],
    ['/deploy lock prod until tomorrow an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod until tomorrow', '/deploy lock prod <reason>'],
    ['/deploy lock prod until', '/deploy lock prod <reason>'],
    ['/deploy lock prod until 6pm an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod until 25:00 an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod until 2026-02-30 09:00 an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod until 24.11. 09:00 an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod until 2026-11-24 an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod for 2h until 18:00 an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod 2h an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod 18:00 an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod till 18:00 an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod untill 18:00 an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod fro 2h an incident', '/deploy lock prod <reason>'],
    ['/deploy lock prod --steal mine', '/deploy lock prod <reason>'],
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
