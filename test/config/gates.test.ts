import { expect, test } from 'vitest'
import { weeklyWindow } from '../../src/config/freeze.ts'
import { parseConfig } from '../../src/config/load.ts'
import { serviceEnvironment } from './service-environment.ts'

/** A file with these lines for prod, for dev, and for the service in prod. */
function file({ prod = '', dev = '', own = '' }: { prod?: string; dev?: string; own?: string }): string {
  return `slack: { channel: C0DEPLOYS }
environments:
  dev: { branch: develop, approvals: { required: 0 }${dev && `, ${dev}`} }
  prod: { branch: main, approvals: { required: 2, approvers: [U0ANA, U0BEN, U0CHLOE] }${prod && `, ${prod}`} }
services:
  blog-api:
    repository: myorg/blog-api
    workflow: deploy.yml
    containers: [api]
    environments:
      dev: { cluster: blog-cluster-dev, service: blog-api }
      prod: { cluster: blog-cluster-prod, service: blog-api${own && `, ${own}`} }
`
}

function problems(said: Parameters<typeof file>[0]) {
  const loaded = parseConfig(file(said))
  return 'problems' in loaded ? loaded.problems.map(({ line, path, found }) => [line, path, found]) : []
}

function prodOf(said: Parameters<typeof file>[0]) {
  const loaded = parseConfig(file(said))
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  return serviceEnvironment(loaded.config, 'blog-api', 'prod')
}

const friday = { from: { day: 5, time: '16:00' }, to: { day: 1, time: '08:00' } }

test.each([
  'Fri 16:00 – Mon 08:00',
  'Fri 16:00 - Mon 8:00',
  'fri 16:00 to mon 08:00',
  'Friday 16:00—Monday 08:00',
])('parses a weekly freeze as people write it: %s', (text) => {
  expect(weeklyWindow(text)).toEqual(friday)
})

test.each(['', 'Fri – Mon', 'Fri 24:00 – Mon 08:00', 'Frid 16:00 – Mon 08:00', 'Fri 16:00 Mon 08:00'])(
  'rejects an ambiguous weekly freeze: "%s"',
  (text) => {
    expect(weeklyWindow(text)).toBeUndefined()
  },
)

const paris = 'timezone: Europe/Paris'
const freeze = (text: string) => `freezes: [{ ${text} }]`

test.each([
  ['in no zone', 'weekly: "Fri 16:00 – Mon 08:00"', '.timezone', 'nothing'],
  [
    'in an unknown zone',
    'weekly: "Fri 16:00 – Mon 08:00", timezone: Europe/Pari',
    '.timezone',
    '"Europe/Pari"',
  ],
  ['in an offset', 'weekly: "Fri 16:00 – Mon 08:00", timezone: "+01:00"', '.timezone', '"+01:00"'],
  ['at no time', paris, '', 'a mapping'],
  ['of both kinds', `weekly: "Fri 16:00 – Mon 08:00", from: "2026-12-20 00:00", ${paris}`, '', 'a mapping'],
  ['without an end', `from: "2026-12-20 00:00", ${paris}`, '', 'a mapping'],
  [
    'on a day that is none',
    `from: "2026-02-30 00:00", to: "2026-12-20 00:00", ${paris}`,
    '.from',
    '"2026-02-30 00:00"',
  ],
  ['backwards', `from: "2026-12-20 00:00", to: "2026-12-20 00:00", ${paris}`, '.to', '"2026-12-20 00:00"'],
  ['of other days', `weekly: "Fro 16:00 – Mon 08:00", ${paris}`, '.weekly', '"Fro 16:00 – Mon 08:00"'],
  ['for no approval', `weekly: "Fri 16:00 – Mon 08:00", ${paris}, approvals: 0`, '.approvals', '0'],
  [
    'for more approvals than there are people',
    `weekly: "Fri 16:00 – Mon 08:00", ${paris}, approvals: 4`,
    '.approvals',
    '4',
  ],
])('rejects a freeze %s everywhere', (_, text, at, found) => {
  expect(problems({ prod: freeze(text) })).toEqual([[4, `environments.prod.freezes[0]${at}`, found]])
  const own = `services.blog-api.environments.prod.freezes[0]${at}`
  expect(problems({ own: freeze(text) })).toEqual([[12, own, found]])
})

test('suggests the nearest time zone', () => {
  const loaded = parseConfig(
    file({ prod: freeze('weekly: "Fri 16:00 – Mon 08:00", timezone: europe/pariss') }),
  )
  expect('problems' in loaded && loaded.problems[0]?.message).toContain('"Europe/Paris"')
})

test('reads freezes; those of a service replace those of the environment', () => {
  const weekend = { every: 'week', ...friday, timezone: 'Europe/Paris', approvals: 3, reason: null }
  const prod = freeze(`weekly: "Fri 16:00 – Mon 08:00", ${paris}, approvals: 3`)
  expect(prodOf({ prod })?.freezes).toEqual([weekend])
  expect(prodOf({ prod, own: 'freezes: []' })?.freezes).toEqual([])
  const own = freeze(`from: "2026-12-20 00:00", to: "2027-01-02T8:00", ${paris}, reason: the holidays`)
  expect(prodOf({ prod, own })?.freezes).toEqual([
    {
      every: 'once',
      from: '2026-12-20T00:00',
      to: '2027-01-02T08:00',
      timezone: 'Europe/Paris',
      approvals: null,
      reason: 'the holidays',
    },
  ])
})

test.each([
  ['an unknown environment', { prod: 'requires: [devv]' }, [[4, 'environments.prod.requires[0]', '"devv"']]],
  ['itself', { prod: 'requires: [prod]' }, [[4, 'environments.prod.requires[0]', '"prod"']]],
  [
    'in a circle',
    { prod: 'requires: [dev]', dev: 'requires: [prod]' },
    [
      [3, 'environments.dev.requires[0]', '"prod"'],
      [4, 'environments.prod.requires[0]', '"dev"'],
    ],
  ],
  [
    'for one service, itself',
    { own: 'requires: [prod]' },
    [[12, 'services.blog-api.environments.prod.requires[0]', '"prod"']],
  ],
])('rejects requires with %s', (_, said, found) => {
  expect(problems(said)).toEqual(found)
})

test('does not suggest an environment to itself', () => {
  const loaded = parseConfig(file({ prod: 'requires: [devv]' }))
  if (!('problems' in loaded)) throw new Error('no problem')
  expect(loaded.problems.map(({ allowed }) => allowed)).toEqual(['dev'])
})

test('rejects requires of an environment that the service does not deploy to, unless the service overrides it', () => {
  const text = file({ prod: 'requires: [dev]' }).replace(/ {6}dev: .*\n/, '')
  const loaded = parseConfig(text)
  expect('problems' in loaded && loaded.problems.map(({ path }) => path)).toEqual([
    'services.blog-api.environments.prod',
  ])
  expect(
    parseConfig(text.replace('service: blog-api }', 'service: blog-api, requires: [] }')),
  ).toHaveProperty('config')
  expect(prodOf({ prod: 'requires: [dev]' })?.requires).toEqual(['dev'])
})

test('an emergency inherits from the usual policy', () => {
  const emergency = prodOf({ prod: 'wait: 5m, emergency: { approvals: { required: 1 } }' })?.emergency
  expect(emergency).toMatchObject({
    requesters: 'everyone',
    policy: { required: 1, approvers: ['U0ANA', 'U0BEN', 'U0CHLOE'] },
    waitMs: 0,
  })
  const own = prodOf({
    prod: 'emergency: { approvals: { required: 1 } }',
    own: 'emergency: { requesters: [S0ONCALL], wait: 10s, approvals: { required: 0 } }',
  })?.emergency
  expect(own).toMatchObject({ requesters: ['S0ONCALL'], policy: { required: 0 }, waitMs: 10_000 })
  expect(prodOf({})?.emergency).toBeNull()
})

test.each([
  [
    'more approvals than usual',
    { prod: 'emergency: { approvals: { required: 3 } }' },
    [[4, 'environments.prod.emergency.approvals.required', '3']],
  ],
  [
    'keys that its people cannot give',
    { prod: 'emergency: { approvals: { required: 2, approvers: [U0ELI] } }' },
    [[4, 'environments.prod.emergency.approvals.required', '2']],
  ],
  [
    'an unknown number of keys',
    { prod: 'emergency: { approvals: {} }' },
    [[4, 'environments.prod.emergency.approvals.required', 'nothing']],
  ],
  [
    'nobody who could acknowledge it',
    { dev: 'emergency: { approvals: { required: 0 } }' },
    [[3, 'environments.dev.emergency', 'a mapping']],
  ],
  [
    'more approvals than usual, for one service',
    { own: 'emergency: { approvals: { required: 3 } }' },
    [[12, 'services.blog-api.environments.prod.emergency.approvals.required', '3']],
  ],
])('rejects an emergency with %s', (_, said, found) => {
  expect(problems(said)).toEqual(found)
})

test('checks are required with or without approvals for a red commit; a service overrides either', () => {
  expect(prodOf({})?.checks).toBeNull()
  expect(prodOf({ prod: 'checks: required' })?.checks).toEqual({ redCommit: null })
  const prod = 'checks: required, redCommit: { approvals: 3 }'
  expect(prodOf({ prod })?.checks).toEqual({ redCommit: 3 })
  expect(prodOf({ prod, own: 'redCommit: { approvals: 1 }' })?.checks).toEqual({ redCommit: 1 })
  expect(prodOf({ prod: 'checks: required', own: 'checks: off' })?.checks).toBeNull()
  expect(prodOf({ own: 'checks: required' })?.checks).toEqual({ redCommit: null })
})

test.each([
  ['words that mean nothing', { prod: 'checks: green' }, [[4, 'environments.prod.checks', '"green"']]],
  [
    'words that mean nothing, beside redCommit',
    { prod: 'checks: green, redCommit: { approvals: 3 }' },
    [[4, 'environments.prod.checks', '"green"']],
  ],
  ['a number', { prod: 'checks: required, redCommit: 3' }, [[4, 'environments.prod.redCommit', '3']]],
  [
    'no approval for a red commit',
    { prod: 'checks: required, redCommit: { approvals: 0 }' },
    [[4, 'environments.prod.redCommit.approvals', '0']],
  ],
  [
    'more approvals for a red commit than there are people',
    { prod: 'checks: required, redCommit: { approvals: 4 }' },
    [[4, 'environments.prod.redCommit.approvals', '4']],
  ],
  [
    'the same for one service',
    { prod: 'checks: required', own: 'redCommit: { approvals: 4 }' },
    [[12, 'services.blog-api.environments.prod.redCommit.approvals', '4']],
  ],
  [
    'approvals for a red commit where checks are not required',
    { prod: 'redCommit: { approvals: 3 }' },
    [[4, 'environments.prod.redCommit', 'a mapping']],
  ],
  [
    'the same for one service',
    { prod: 'checks: required', own: 'checks: off, redCommit: { approvals: 3 }' },
    [[12, 'services.blog-api.environments.prod.redCommit', 'a mapping']],
  ],
])('rejects checks with %s', (_, said, found) => {
  expect(problems(said)).toEqual(found)
})
