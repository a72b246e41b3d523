import { expect, test } from 'vitest'
import { totalLimit } from '../../sandbox/slack/blocks.ts'
import type { BoundInput, WorkflowNote } from '../../src/release/inputs.ts'
import type { Missing } from '../../src/release/missing.ts'
import type { Subject } from '../../src/release/subject.ts'
import { card } from '../../src/slack/cards/card.ts'
import { everyState, plainWords } from './releases.ts'

const awaiting = everyState(plainWords)['awaiting approval']!.release

function cardWith(inputs: readonly BoundInput[]) {
  return cardOf({ inputs })
}

function cardOf(part: Partial<Extract<Subject, { kind: 'deploy' }>>) {
  const { subject } = awaiting
  if (subject.kind === 'rollback') throw new Error('a rollback runs no workflow')
  return card({ ...awaiting, subject: { ...subject, ...part } })
}

const input = (name: string, value: string, from: BoundInput['from'] = 'literal'): BoundInput => ({
  name,
  from,
  value,
})

test('a card lists the inputs that are sent, and those left to the workflow', () => {
  const { text } = cardWith([
    input('app', 'blog-api'),
    input('size', 'large', 'default'),
    input('by', 'U0ANA', 'requester'),
    input('note', ''),
  ])
  for (const words of [
    'app = blog-api',
    'size = large (the workflow’s default)',
    'by = <@U0ANA>',
    'note = empty',
  ])
    expect(text).toContain(words)
})

test('a card shows the beginning and end of a long value, because accounts differ in either', () => {
  const { text } = cardWith([input('role', `arn:aws:iam::123456789012:role/${'x'.repeat(90)}-prod`)])
  expect(text).toContain('role = arn')
  expect(text).toContain('x-prod')
})

test('the most and longest inputs that GitHub accepts leave the card its buttons', () => {
  const inputs = Array.from({ length: 25 }, (_, at) => input(`${'n'.repeat(58)}${at}`, '<&>'.repeat(400)))
  const { blocks } = cardWith(inputs)
  expect(JSON.stringify(blocks).length).toBeLessThan(totalLimit)
  expect(blocks.some(({ type }) => type === 'actions')).toBe(true)
  for (const { name } of inputs) expect(JSON.stringify(blocks)).toContain(name)
})

test('a card names the paths outside .github that the approvals cover, and counts the others', () => {
  const paths = ['ci/lib', 'ci/ship', 'ecs/task.json', 'scripts/a.sh', 'scripts/b.sh'].map((path, index) => ({
    path,
    sha: index === 1 ? null : `abcdef${index}`.padEnd(40, '0'),
  }))
  const words = JSON.stringify(cardOf({ paths }).blocks)
  for (const shown of ['ci/lib', 'abcdef0', 'ci/ship (missing)', 'ecs/task.json', '2 more paths'])
    expect(words).toContain(shown)
  expect(words).not.toContain('scripts/a.sh')
})

test.each<[string, WorkflowNote, readonly string[]]>([
  [
    'actions by branches and tags',
    {
      note: 'not-bound',
      uses: ['a/b@v1', 'c/d@v2', 'e/f@v3', 'g/h@v1', 'i/j@v1', 'myorg/shared@main', 'actions/checkout@v6'],
    },
    ['a/b@v1', 'myorg/shared@main', 'and 1 more'],
  ],
  [
    'a checkout of the tip',
    { note: 'checkout-not-bound', repository: 'myorg/blog-api', ref: null, jobs: ['ship'] },
    ['ship', 'the tip of main'],
  ],
  [
    'a checkout of another repository',
    { note: 'checkout-not-bound', repository: 'myorg/tools', ref: 'v1', jobs: ['build', 'ship'] },
    ['build and 1 more', 'myorg/tools at v1'],
  ],
  ['a symlink', { note: 'leads-outside', kind: 'symlink', path: 'ci/lib' }, ['symlink ci/lib']],
  [
    'what could not be read',
    { note: 'not-read', what: 'ci/ship', why: 'there is no such action' },
    ['ci/ship', 'no such'],
  ],
])('a card says that %s may change after the approvals', (_, note, words) => {
  const shown = JSON.stringify(cardOf({ notes: [note] }).blocks)
  for (const word of words) expect(shown).toContain(word)
})

test('a card shows every kind of note, though there are many of one kind', () => {
  const many = <T>(note: (at: number) => T) => Array.from({ length: 30 }, (_, at) => note(at))
  const notes: readonly WorkflowNote[] = [
    ...many((at) => ({ note: 'left-empty', input: `env_${at}` }) as const),
    ...many((at) => ({ note: 'leads-outside', kind: 'symlink', path: `ci/${at}` }) as const),
    { note: 'not-bound', uses: ['evil/ship@main'] },
    ...many((at) => ({ note: 'not-read', what: `ci/${at}`, why: 'there is no such action' }) as const),
    { note: 'checkout-not-bound', repository: 'evil/x', ref: 'main', jobs: ['ship'] },
  ]
  const shown = JSON.stringify(cardOf({ notes }).blocks)
  for (const word of ['env_0', 'ci/0', 'evil/ship@main', 'evil/x at main', 'and 24 more'])
    expect(shown).toContain(word)
})

test('a card shows names from a workflow as text', () => {
  const uses = ['<!channel>@main', '*bold*/_x_@`v1`']
  const shown = JSON.stringify(cardOf({ notes: [{ note: 'not-bound', uses }] }).blocks)
  expect(shown).not.toContain('<!channel>')
  expect(shown).not.toContain('*bold*')
})

const inApi = { definition: 'blog-api:43', has: ['api', 'nginx'] }

test.each<[string, Missing, readonly string[]]>([
  ['the migration’s family', { missing: 'migration family', family: 'blog-api-migrat' }, ['blog-api-migrat']],
  [
    'the migration’s container',
    { missing: 'migration container', container: 'migrate', in: inApi },
    ['blog-api:43 has api, nginx', 'migrate'],
  ],
  [
    'a container',
    { missing: 'containers', containers: ['web', 'worker'], in: [inApi] },
    ['blog-api:43 has api, nginx', 'web, worker'],
  ],
])('a card says that ECS does not have %s, and what it has', (_, missing, words) => {
  const { text, blocks } = cardOf({ missing: [missing] })
  for (const word of words) {
    expect(text).toContain(word)
    expect(JSON.stringify(blocks)).toContain(word)
  }
})

test('the longest notes and paths leave the card its buttons', () => {
  const worst = '<&>'.repeat(100)
  const notes: readonly WorkflowNote[] = [
    { note: 'not-bound', uses: Array.from({ length: 200 }, (_, at) => `${at}${worst}`) },
    ...Array.from({ length: 30 }, (_, at): readonly WorkflowNote[] => [
      { note: 'environment-unknown', job: `${at}${worst}`, written: worst },
      { note: 'other-environment', job: `${at}${worst}`, environment: worst },
      { note: 'left-empty', input: worst },
      { note: 'follows-branch', input: worst },
      { note: 'leads-outside', kind: 'submodule', path: worst },
      { note: 'not-read', what: worst, why: worst },
    ]).flat(),
    { note: 'starts-on', events: Array.from({ length: 30 }, () => worst) },
    { note: 'runs-unavailable', why: worst },
    ...Array.from(
      { length: 200 },
      (_, at): WorkflowNote => ({
        note: 'checkout-not-bound',
        repository: worst,
        ref: worst,
        jobs: Array.from({ length: 50 }, (_, job) => `${at}${job}${worst}`),
      }),
    ),
  ]
  const paths = Array.from({ length: 50 }, (_, at) => ({ path: `${at}${worst}`, sha: 'f'.repeat(40) }))
  const inputs = Array.from({ length: 25 }, (_, at) => input(`${'n'.repeat(58)}${at}`, '<&>'.repeat(400)))
  const has = Array.from({ length: 10 }, (_, at) => `${at}${worst}`)
  const defined = { definition: worst, has }
  const missing: readonly Missing[] = [
    { missing: 'containers', containers: has, in: Array.from({ length: 10 }, () => defined) },
    { missing: 'migration container', container: worst, in: defined },
  ]
  const { blocks } = cardOf({ notes, paths, inputs, missing })
  expect(JSON.stringify(blocks).length).toBeLessThan(totalLimit)
  expect(blocks.some(({ type }) => type === 'actions')).toBe(true)
})
