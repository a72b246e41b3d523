import { describe, expect, test } from 'vitest'
import { deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { readTrigger } from '../../src/github/workflow-file.ts'

const dispatched = (inputs: object[] = []) => ({ trigger: 'dispatch', inputs, jobs: [] })

describe('the triggers of a workflow file', () => {
  test.each<[string, string, object]>([
    ['one event', 'on: workflow_dispatch', dispatched()],
    ['a list', 'on: [push, workflow_dispatch]', dispatched()],
    ['a map', 'on:\n  push:\n  workflow_dispatch:\n', dispatched()],
    ['a quoted key', '"on":\n  workflow_dispatch:\n', dispatched()],
    ['YAML 1.1, where on is true', '%YAML 1.1\n---\non:\n  workflow_dispatch:\n', dispatched()],
    ['a mark of its byte order', '\uFEFFon:\n  workflow_dispatch:\n', dispatched()],
    ['lines of Windows', 'on:\r\n  push:\r\n  workflow_dispatch:\r\n', dispatched()],
    ['empty inputs', 'on:\n  workflow_dispatch:\n    inputs:\n', dispatched()],
    [
      'an input without a word',
      'on:\n  workflow_dispatch:\n    inputs:\n      sha:\n',
      dispatched([{ name: 'sha', line: 4, type: 'string', required: false, default: null, options: [] }]),
    ],
    ['an anchor', 'x: &t { workflow_dispatch: null }\non: *t\n', dispatched()],
    ['another event', 'on: push', { trigger: 'other', events: { push: null } }],
    [
      'other events',
      'on: [push, pull_request]',
      { trigger: 'other', events: { push: null, pull_request: null } },
    ],
    ['a reusable one', 'on:\n  workflow_call:\n', { trigger: 'other', events: { workflow_call: null } }],
    ['no events', 'on: {}', { trigger: 'other', events: {} }],
  ])('reads a trigger written as %s', (_, text, trigger) => {
    expect(readTrigger(text)).toMatchObject(trigger)
  })

  test.each([
    ['nothing', ''],
    ['comments alone', '# on: push\n# jobs: {}\n'],
    ['no on', 'jobs: {}'],
    ['no map', '- a\n- b\n'],
    ['a number', 'on: 3'],
    ['broken YAML', 'on: [push'],
    ['a key twice', 'on: push\non: push\n'],
    ['inputs as a list', 'on:\n  workflow_dispatch:\n    inputs: [sha]\n'],
    [
      'aliases without end',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(20)}]\nc: &c [${'*b,'.repeat(20)}]\non: *c\n`,
    ],
  ])('rejects a trigger with %s', (_, text) => {
    expect(readTrigger(text)).toMatchObject({ trigger: 'unreadable', why: expect.stringMatching(/./) })
  })
})

describe('inputs of a workflow file', () => {
  const declaring = (inputs: string) =>
    readTrigger(`on:\n  workflow_dispatch:\n    inputs:\n${inputs.replaceAll(/^/gm, '      ')}\n`)
  const declared = (inputs: string) => {
    const trigger = declaring(inputs)
    if (trigger.trigger !== 'dispatch') throw new Error(JSON.stringify(trigger))
    return trigger.inputs
  }

  test('reads inputs as they are written, each with its line', () => {
    const inputs = declared(
      [
        'env: { type: choice, options: [dev, production], default: production, required: true }',
        'version: { type: choice, options: [1.10, 2], default: 1.10 }',
        "dry_run: { type: boolean, default: false, required: 'true' }",
        'size: { type: number, default: 0x10 }',
        'target: { type: environment }',
        'note: { default: }',
        "tag: { default: '' }",
      ].join('\n'),
    )
    const none = { required: false, default: null, options: [] }
    expect(inputs).toEqual([
      {
        name: 'env',
        line: 4,
        type: 'choice',
        required: true,
        default: 'production',
        options: ['dev', 'production'],
      },
      { name: 'version', line: 5, type: 'choice', required: false, default: '1.10', options: ['1.10', '2'] },
      { ...none, name: 'dry_run', line: 6, type: 'boolean', required: true, default: 'false' },
      { ...none, name: 'size', line: 7, type: 'number', default: '0x10' },
      { ...none, name: 'target', line: 8, type: 'environment' },
      { ...none, name: 'note', line: 9, type: 'string' },
      { ...none, name: 'tag', line: 10, type: 'string', default: '' },
    ])
  })

  test('resolves anchors in inputs, as GitHub does', () => {
    const inputs = declared('sha: &text { type: string, required: true }\nrelease_id: *text')
    expect(inputs.map(({ name, required }) => [name, required])).toEqual([
      ['sha', true],
      ['release_id', true],
    ])
  })

  test.each([
    ['merge keys', '<<: { sha: {} }', /line 4.*merge/],
    [
      '60 of them',
      Array.from({ length: 60 }, (_, at) => `input_${at}: {}`).join('\n'),
      /line 4.*60 inputs.*25/,
    ],
    ['a type that GitHub does not know', 'sha: { type: commit }', /line 4.*commit/],
    ['one name twice', 'sha: {}\nsha: {}', /line 5.*sha/],
    ['names that differ in case alone', 'sha: {}\nSHA: {}', /line 5.*SHA/],
    ['a name that is none', '"my input": {}', /line 4.*my input/],
    ['text in place of a mapping', 'sha: yes please', /line 4.*sha/],
    ['a choice without options', 'env: { type: choice }', /line 4.*env/],
  ])('rejects inputs with %s, and names the line', (_, inputs, why) => {
    expect(declaring(inputs)).toMatchObject({ trigger: 'unreadable', why: expect.stringMatching(why) })
  })

  test('does not parse a file longer than GitHub allows', () => {
    const keys = Array.from({ length: 90_000 }, (_, at) => `k${at}: 1`).join('\n')
    expect(readTrigger(`on: workflow_dispatch\nenv:\n  ${keys}`)).toMatchObject({
      trigger: 'unreadable',
      why: expect.stringContaining('100 KiB'),
    })
  })

  test('the sandbox’s deploy workflow has all inputs of twokey', () => {
    const trigger = readTrigger(deployWorkflow())
    expect(trigger.trigger === 'dispatch' && trigger.inputs.map(({ name }) => name)).toEqual([
      'environment',
      'sha',
      'release_id',
    ])
  })
})

test.each([
  ['keys', Array.from({ length: 8_001 }, (_, index) => `k${index}: 1`).join('\n')],
  ['lists in lists', `a: ${'['.repeat(8_001)}`],
  ['items', `a: [${'x,'.repeat(8_001)}x]`],
  [
    'steps that anchors repeat',
    `on: workflow_dispatch\njobs:\n  ship:\n    steps: &s\n${'      - { if: false }\n'.repeat(600)}${Array.from(
      { length: 20 },
      (_, index) => `  j${index}: { steps: *s }\n`,
    ).join('')}`,
  ],
])('rejects a workflow file with more than 8,000 %s, though it is not longer than others', (_, text) => {
  expect(text.length).toBeLessThan(100 * 1024)
  expect(readTrigger(text)).toEqual({
    trigger: 'unreadable',
    why: expect.stringContaining('8000 lines, keys'),
  })
})
