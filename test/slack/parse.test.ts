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
const either = 'requester or approver'
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
    ['/deploy doctor', { ask: 'doctor', environment: null }],
    ['/deploy DOCTOR prod', { ask: 'doctor', environment: 'prod' }],
    ['/deploy notify', { ask: 'notify', choice: null }],
    ['/deploy notify on', { ask: 'notify', choice: 'on' }],
    ['/deploy Notify OFF', { ask: 'notify', choice: 'off' }],
    ['/deploy history', history()],
    ['/deploy history blog-api prod', history({ service: 'blog-api', environment: 'prod' })],
    ['/deploy history prod', history({ environment: 'prod' })],
    ['/deploy history me', history({ requester: 'me', as: either })],
    ['/deploy history requested by me', history({ requester: 'me' })],
    [
      '/deploy history prod approved by <@U0ANA|ana>',
      history({ environment: 'prod', requester: 'U0ANA', as: 'approver' }),
    ],
    ['/deploy history by <@U0ANA|ana>', history({ requester: 'U0ANA', as: either })],
    ['/deploy history since tuesday', history({ period: { since: 'tuesday' } })],
    [
      '/deploy history prod since Mon until 2026-11-24',
      history({ environment: 'prod', period: { since: 'monday', until: '2026-11-24' } }),
    ],
    [
      '/deploy history yesterday blog-api',
      history({ service: 'blog-api', period: { since: 'yesterday', until: 'yesterday' } }),
    ],
    ['/deploy history on 2026-11-24', history({ period: { since: '2026-11-24', until: '2026-11-24' } })],
    ['/deploy history me since today', history({ requester: 'me', as: either, period: { since: 'today' } })],
    [
      '/deploy history prod ME blog-api',
      history({ service: 'blog-api', environment: 'prod', requester: 'me', as: either }),
    ],
    ['/deploy history <@U0ANA|ana>', history({ requester: 'U0ANA', as: either })],
    ['/deploy history <@U0ANA>, shop', history({ service: 'shop', requester: 'U0ANA', as: either })],
    [
      '/deploy history dev <@W0BEN|Ben the Builder>',
      history({ environment: 'dev', requester: 'W0BEN', as: either }),
    ],
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
    ['/deploy lock prod waiting for 2h', lock('waiting', { until: { afterMs: 2 * hour } })],
    ['/deploy lock prod load test for 2h.', lock('load test', { until: { afterMs: 2 * hour } })],
    [
      '/deploy lock prod blog-api the sale until 18:00',
      lock('the sale', { service: 'blog-api', until: { day: 'today', time: '18:00' } }),
    ],
    [
      '/deploy lock prod --take the sale until tomorrow 9:00',
      lock('the sale', { as: take, until: { day: 'tomorrow', time: '09:00' } }),
    ],
    ['/deploy lock prod for maintenance for 2h', lock('for maintenance', { until: { afterMs: 2 * hour } })],
    ['/deploy lock prod wait for 2h and see', lock('wait for 2h and see')],
    ['/deploy lock prod waiting for 2 reviews', lock('waiting for 2 reviews')],
    ['/deploy lock prod waiting for tomorrow', lock('waiting for tomorrow')],
    ['/deploy unlock prod', { ask: 'unlock', environment: 'prod', service: null }],
    ['/deploy unlock blog-api prod', { ask: 'unlock', environment: 'prod', service: 'blog-api' }],
  ])('understands %j', (line, asked) => {
    expect(read(line, many)).toEqual(asked)
  })

  it.each([
    ['/deploy prd', '/deploy prod'],
    ['/deploy PRDO', '/deploy prod'],
    ['/deploy blog-apj prod', '/deploy prod blog-api'],
    ['/deploy prod blog-apii', '/deploy prod blog-api'],
    ['/deploy prod “blog-apj” v1.4.2', '/deploy prod blog-api v1.4.2'],
    ['/deploy prd blog-api Fix/Login', '/deploy prod blog-api Fix/Login'],
    ['/deploy blog-api@v1.4.2 prod', '/deploy prod blog-api v1.4.2'],
    ['/deploy blog-apj@v1.4.2 prod', '/deploy prod blog-api v1.4.2'],
    ['/deploy v1.4.2 prod blog-api', '/deploy prod blog-api v1.4.2'],
    ['/deploy blog-api v1.4.2 to prod', '/deploy prod blog-api v1.4.2'],
    ['/deploy 153b136 in prd blog-api', '/deploy prod blog-api 153b136'],
    ['/deploy prd --emergency it burns', '/deploy prod --emergency it burns'],
    ['/deploy prod --emergancy it burns', '/deploy prod --emergency it burns'],
    ['/deploy prod --emergency', '/deploy prod --emergency <reason>'],
    ['/deploy prod --emergency &lt;reason&gt;', '/deploy prod --emergency <reason>'],
    ['/deploy blog-api prod V1.2 —emergency  ', '/deploy prod blog-api V1.2 --emergency <reason>'],
    ['/deploy staus', '/deploy status'],
    ['/deploy hlep', '/deploy help'],
    ['/deploy canel', '/deploy cancel'],
    ['/deploy notfy on', '/deploy notify on'],
    ['/deploy notify of', '/deploy notify off'],
    ['/deploy notify offf', '/deploy notify off'],
    ['/rollback notify off', '/deploy notify off'],
    ['/deploy histroy blog-api', '/deploy history blog-api'],
    ['/deploy histroy blog-api <@U0ANA|ana>', '/deploy history blog-api @ana'],
    ['/deploy staus prod', '/deploy status prod'],
    ['/deploy status prd', '/deploy status prod'],
    ['/deploy history prd me', '/deploy history prod me'],
    ['/deploy history sinse tuesday', '/deploy history since tuesday'],
    ['/deploy history prd since tuesday', '/deploy history prod since tuesday'],
    ['/deploy unlock prd blog-api', '/deploy unlock prod blog-api'],
    ['/deploy lock prod', '/deploy lock prod <reason>'],
    ['/deploy lock prd', '/deploy lock prod <reason>'],
    ['/deploy lock prod for 2h', '/deploy lock prod for 2h <reason>'],
    ['/deploy lock prod for 2h &lt;reason&gt;', '/deploy lock prod for 2h <reason>'],
    ['/deploy lock prod --take', '/deploy lock prod --take <reason>'],
    ['/deploy lokc prod blog-api it leaks', '/deploy lock prod blog-api it leaks'],
    ['/deploy lock prod blog-apj it leaks', '/deploy lock prod blog-api it leaks'],
    ['/deploy lock prod untill 18:00 an incident', '/deploy lock prod until 18:00 an incident'],
    ['/deploy lock prod fro 2h an incident', '/deploy lock prod for 2h an incident'],
    ['/deploy lock prod --tkae mine', '/deploy lock prod --take mine'],
    ['/deploy blog-api:42', '/rollback blog-api 42'],
    ['/deploy blog-api:42 prod', '/rollback blog-api 42 prod'],
    ['/deploy rollback blog-api 42', '/rollback blog-api 42'],
    ['/deploy rolback blog-api 42 dev', '/rollback blog-api 42 dev'],
    ['/rollback status', '/deploy status'],
    ['/rollback cancel', '/deploy cancel'],
    ['/rollback blog-apj 42', '/rollback blog-api 42'],
    ['/rollback blog-api to 42', '/rollback blog-api 42'],
    ['/rollback blog-api@42 prd', '/rollback blog-api 42 prod'],
  ])('deploys nothing for %j, and suggests %s', (line, nearest) => {
    expect(read(line, many)).toMatchObject(unclear(nearest))
  })

  it.each([
    // The command names no environment, and none is guessed.
    '/deploy blog-api',
    '/deploy blog-api@v1.4.2',
    '/deploy everything',
    '/deploy --emergency prod burns',
    '/deploy lock',
    '/deploy lock the database moves',
    '/deploy unlock',
    '/deploy rollback prod',
    '/rollback',
    '/rollback 42',
    // The command does not name the service, which decides what a version refers to.
    '/deploy v1.4.2 to prod',
    '/deploy 153b136 prod',
    '/deploy prod v1.4.2',
    // The suggestion would have to leave something out.
    '/deploy prod blog-api blog-apj',
    '/deploy prod blog-api prod1',
    '/deploy prod blog-api staus',
    '/deploy dev prod',
    '/deploy prod prod blog-api',
    '/deploy prod blog-api shop',
    '/deploy prod blog-api v1 v2',
    '/deploy prod blog-api --force',
    '/deploy restart prod blog-api',
    '/deploy prod blog-api at 18:00',
    '/deploy --env=prod --service=blog-api',
    '/deploy prod blog-api --ref=v1.4.2',
    '/deploy prod blog-api a..b',
    '/deploy prod blog-api <!channel>^',
    '/deploy status blog-api 42',
    '/deploy status blog-api shop',
    '/deploy cancel blog-api',
    '/deploy notify prod',
    '/deploy notify on prod',
    '/deploy notify prod blog-api',
    '/deploy notify yes',
    '/deploy history @ana',
    '/deploy history blog-api @ana',
    '/deploy history me <@U0ANA|ana>',
    '/deploy history <@U0ANA|ana> <@U0BEN|ben>',
    '/deploy history approved by',
    '/deploy history approved',
    '/deploy history since',
    '/deploy history since last week',
    '/deploy history since 2026-02-30',
    '/deploy history since 24.11.',
    '/deploy history 2026-11-24 until friday',
    '/deploy history tomorrow',
    '/deploy unlock prod please',
    '/rollback blog-api 42 43',
    '/rollback blog-api 42 dev prod',
    '/rollback blog-api shop 42',
    '/rollback blog-api v1.4.2',
    '/rollback blog-api 42 --force',
    '/rollback blog-api 0',
    '/rollback blog-api -1',
    '/rollback blog-api 4.5',
    '/rollback blog-api 9999999999',
    // More than one edit, or an edit of a digit, makes another name.
    '/deploy production',
    '/deploy prod2',
    '/deploy xrpd',
    // A time that cannot be read.
    '/deploy lock prod for a while an incident',
    '/deploy lock prod for 2 hours an incident',
    '/deploy lock prod until friday',
    '/deploy lock prod until tomorrow an incident',
    '/deploy lock prod until tomorrow',
    '/deploy lock prod until',
    '/deploy lock prod until 6pm an incident',
    '/deploy lock prod until 25:00 an incident',
    '/deploy lock prod until 2026-02-30 09:00 an incident',
    '/deploy lock prod until 24.11. 09:00 an incident',
    '/deploy lock prod until 2026-11-24 an incident',
    '/deploy lock prod for 2h until 18:00 an incident',
    '/deploy lock prod load test for 2 hours',
    '/deploy lock prod load test until 5pm',
    '/deploy lock prod load test until friday',
    '/deploy lock prod until 18:00 load test for 2h',
    '/deploy lock prod 2h an incident',
    '/deploy lock prod 18:00 an incident',
    '/deploy lock prod till 18:00 an incident',
    '/deploy lock prod --steal mine',
  ])('deploys nothing for %j, and shows only the usage', (line) => {
    expect(read(line, many)).toMatchObject({
      ...unclear(null),
      usage: expect.stringMatching(/^\/(deploy|rollback) /),
    })
  })

  it.each([
    ['/deploy stats blog-api', '/deploy stats'],
    ['/deploy prod --plan', '--plan'],
    ['/deploy prod blog-api v1.4.2 —plan', '--plan'],
    ['/deploy prd --plan', '--plan'],
    ['/deploy --plan prod --emergency it burns', '--plan'],
  ])('refuses %j as not supported yet', (line, what) => {
    expect(read(line, many)).toEqual({ ask: 'unsupported', what })
  })

  it('accepts a reason that mentions a plan, and a service named like a planned command', () => {
    expect(read('/deploy prod --emergency see --plan', many)).toMatchObject({ emergency: 'see --plan' })
    const stats = { services: ['stats'], environments: ['prod'] }
    expect(read('/deploy stats prod', stats)).toMatchObject(deploy('prod', 'stats'))
  })

  it.each(['?', '-h', '--help', '—help'])('answers %j with help', (word) => {
    expect(read(`/deploy ${word}`, many)).toEqual({ ask: 'help', command: '/deploy' })
    expect(read(`/rollback ${word}`, many)).toEqual({ ask: 'help', command: '/rollback' })
  })

  it.each([
    ['/deploy rollback prod', '/rollback <service> prod'],
    ['/deploy rollback', '/rollback <service>'],
    ['/deploy roll back blog-api', '/rollback blog-api'],
    ['/deploy rolback prod', '/rollback <service> prod'],
    ['/deploy approve', 'press Approve on the card'],
    ['/deploy aprove prod', 'press Approve on the card'],
    ['/deploy withdraw', 'press Withdraw approval on the card'],
    ['/deploy retry prod blog-api', 'press Retry on the card'],
    ['/deploy look again', 'press Look again on the card'],
    ['/deploy staging', 'no service or environment named'],
  ])('explains for %j what to do instead: %s, and suggests no deploy', (line, why) => {
    const asked = read(line, many)
    expect(asked).toMatchObject({ ask: 'unclear', why: expect.stringContaining(why) })
    if (asked.ask === 'unclear') expect(asked.nearest ?? '').not.toMatch(/^\/deploy/)
  })

  it('deploys a service that is named like a button', () => {
    const named = { services: ['retry'], environments: ['prod'] }
    expect(read('/deploy retry prod', named)).toMatchObject(deploy('prod', 'retry'))
  })

  it('suggests nothing if two names are equally near', () => {
    const near = { services: ['blog-api'], environments: ['prod-eu', 'prod-us'] }
    expect(read('/deploy prod-eus', near)).toMatchObject(unclear(null))
    expect(read('/deploy prod-e', near)).toMatchObject(unclear('/deploy prod-eu'))
  })

  it('suggests nothing that would be cut', () => {
    expect(read(`/deploy prd --emergency ${'it burns '.repeat(60)}`, many)).toMatchObject(unclear(null))
  })
})

describe('/deploy of a single service', () => {
  it.each([
    ['/deploy prod', deploy('prod')],
    ['/deploy prod v1.4.2', deploy('prod', null, 'v1.4.2')],
    ['/deploy prod blog-api v1.4.2', deploy('prod', 'blog-api', 'v1.4.2')],
    ['/deploy prod blog-apj', unclear('/deploy prod blog-api')],
    ['/deploy prod help', unclear(null)],
    ['/deploy prod dve', unclear(null)],
    ['/deploy v1.4.2', unclear(null)],
    ['/deploy v1.4.2 to prod', unclear('/deploy prod v1.4.2')],
    ['/deploy 153b136 prod', unclear('/deploy prod 153b136')],
    ['/deploy prd v1.4.2', unclear('/deploy prod v1.4.2')],
    ['/deploy rollback prod', unclear(null)],
  ])('understands %j', (line, asked) => {
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
  ])('understands %j', (line, asked) => {
    expect(read(line, many)).toMatchObject(asked)
  })

  it('lists the revisions of the only service without a name, and rolls nothing back', () => {
    expect(read('/rollback', one)).toEqual(rollback('blog-api'))
    expect(read('/rollback 42', one)).toMatchObject(unclear(null))
  })
})

describe('any text', () => {
  const vocabularies: readonly Vocabulary[] = [many, one, { services: [], environments: [] }]
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
  ])('deploys nothing for %s, throws nothing, and repeats it short and clean', (_, text) => {
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

  it('suggestions never drop, add or change a name, over thousands of mistyped lines', () => {
    let offered = 0
    for (let seed = 1; seed <= 3_000; seed += 1) {
      const { of, typo } = chance(seed)
      const vocabulary = of(vocabularies)
      const pool = [
        ...vocabulary.services,
        ...vocabulary.environments,
        ...versions,
        ...[
          'status',
          'history',
          'lock',
          'unlock',
          'cancel',
          'rollback',
          'to',
          'in',
          'me',
          'please',
          'for',
          '2h',
          'until',
        ],
        ...['--emergency', '--take', '--plan', '--force', '--env=prod', 'it', 'leaks', '?', '42'],
        ...vocabulary.services.flatMap((service) => [
          `${service}@v1.4.2`,
          `${service}:42`,
          service.toUpperCase(),
        ]),
      ]
      const any = () =>
        Array.from({ length: of([1, 2, 2, 3, 3, 4, 5]) }, () => of([of(pool), typo(of(pool))]))
      const orderly = () => {
        const name = (names: readonly string[]) => of([...names, 'prod'])
        const place = [name(vocabulary.environments), name(vocabulary.services)]
        const words = of([
          place,
          place.toReversed(),
          [...place, of(versions)],
          [of(versions), 'to', ...place],
          place.slice(0, 1),
        ])
        const line = [...of([[], [], [of(['status', 'history', 'unlock', 'lock'])]]), ...words]
        return line.with(chosen(line.length), typo(line[chosen(line.length)]!))
      }
      const chosen = (length: number) => seed % length
      const typed = of([any, orderly])()
      const command = of(['/deploy', '/deploy', '/rollback'] as const)
      const asked = parse(command, typed.join(' '), vocabulary)
      if (asked.ask !== 'unclear' || asked.nearest === null) continue
      offered += 1
      const line = `${command} ${typed.join(' ')}`
      const [, nearestCommand = '', rest = ''] = /^(\/\S+) ?(.*)$/s.exec(asked.nearest) ?? []
      const filled = rest.replace(/<reason>$/, 'why')
      const meant = parse(nearestCommand as Command, filled, vocabulary)
      expect(['unclear', 'unsupported'], line).not.toContain(meant.ask)
      const [before, after] = [wordsIn(typed.join(' ')), wordsIn(rest)].map((words) =>
        words.filter((word) => !['to', 'in', '<reason>'].includes(word) && !isRollback(word)),
      )
      const lost = without(before!, after!)
      const added = without(after!, before!)
      expect(lost.length, line).toBeLessThanOrEqual(1)
      expect(added.length, line).toBe(lost.length)
      for (const [at, word] of lost.entries()) {
        expect([...vocabulary.services, ...vocabulary.environments, ...versions], line).not.toContain(word)
        expect(isOneEdit(word, added[at]!), `${line}: ${asked.nearest}`).toBe(true)
      }
      const named = namesOf(meant)
      for (const name of named)
        expect(wordsIn(rest), `${line}: ${asked.nearest}`).toContain(String(name).toLowerCase())
    }
    expect(offered).toBeGreaterThan(200)
  })

  it('no word one edit away from a name counts as a commit', () => {
    for (const name of ['prod', 'blog-api', 'status', 'cancel', 'shop'])
      for (let at = 0; at < name.length; at += 1) {
        const without = name.slice(0, at) + name.slice(at + 1)
        expect(read(`/deploy prod blog-api ${without}`, many).ask).toBe('unclear')
      }
  })
})

const versions = ['v1.4.2', '153b136', 'v2', '3f2c1ab', 'release/7']

/** Words as the property compares them: in lower case, with `blog-api@v1.4.2` and `blog-api:42` split in two. */
function wordsIn(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[\s@]+|:(?=\d)/)
    .filter((word) => word !== '')
}

function without(words: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others]
  return words.filter((word) => {
    const at = left.indexOf(word)
    if (at !== -1) left.splice(at, 1)
    return at === -1
  })
}

function namesOf(meant: ReturnType<typeof parse>): readonly (string | number)[] {
  if (!('service' in meant)) return []
  const { service, environment } = meant
  const more = 'revision' in meant ? [meant.revision] : 'ref' in meant ? [meant.ref] : []
  return [service, environment, ...more].filter((name) => name !== null)
}

/** Whether the suggestion is the other command. */
function isRollback(word: string): boolean {
  return word === 'rollback' || isOneEdit(word, 'rollback')
}

function isOneEdit(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  const same = [...short].findIndex((character, at) => character !== long[at])
  const at = same === -1 ? short.length : same
  return (
    short.slice(at) === long.slice(at + 1) ||
    (short.length === long.length &&
      (short.slice(at + 1) === long.slice(at + 1) ||
        (short.slice(at + 2) === long.slice(at + 2) &&
          short[at] === long[at + 1] &&
          short[at + 1] === long[at])))
  )
}

/** Pseudorandom choices, the same for the same seed. */
function chance(seed: number) {
  let state = seed * 2_654_435_761
  const below = (most: number) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0
    return state % most
  }
  const of = <T>(choices: readonly T[]): T => choices[below(choices.length)]!
  return {
    of,
    typo(word: string): string {
      const at = below(word.length)
      const [before, here, after] = [word.slice(0, at), word.slice(at, at + 1), word.slice(at + 1)]
      return of([
        before + after,
        `${before}x${after}`,
        `${before}${here}q${after}`,
        `${before}${after.slice(0, 1)}${here}${after.slice(1)}`,
      ])
    },
  }
}
