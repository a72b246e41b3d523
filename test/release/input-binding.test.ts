import { describe, expect, test } from 'vitest'
import { unmarked } from '../../src/release/foreign.ts'
import { bindInputs, isSameBinding, sentInputs } from '../../src/release/input-binding.ts'
import type { BindingRules, DeclaredInput, InputMap } from '../../src/release/inputs.ts'
import { sentence } from '../../src/slack/escape.ts'
import { bindingRules, devSibling } from './bound.ts'

const workflow = { workflow: 'deploy.yml' }

function input(name: string, part: Partial<DeclaredInput> = {}): DeclaredInput {
  return { name, line: 7, type: 'string', required: false, default: null, options: [], ...part }
}

function map(rules: Readonly<Record<string, string>>): InputMap {
  return Object.fromEntries(
    Object.entries(rules).map(([name, value]) => [
      name,
      value.startsWith('$')
        ? { from: value.slice(1) as 'sha', line: 31 }
        : { from: 'literal' as const, value, line: 31 },
    ]),
  )
}

/** The sent inputs, or the code and the text of the refusal. */
function bound(inputs: readonly DeclaredInput[], rules: Partial<BindingRules> = {}) {
  const result = bindInputs(workflow, inputs, bindingRules(rules))
  if ('inputs' in result) return sentInputs(result.inputs)
  const { code, sentence, next } = result.refused
  return unmarked(`${code}: ${sentence} ${next}`)
}

const choice = (name: string, options: readonly string[], part: Partial<DeclaredInput> = {}) =>
  input(name, { type: 'choice', options, ...part })

describe('inputs that are sent', () => {
  test('sends what the workflow declares, by the default names and by the map', () => {
    expect(
      bound([input('environment'), input('sha'), input('ref'), input('app'), input('by'), input('note')], {
        map: map({ ref: '$branch', app: '$service', by: '$requester' }),
      }),
    ).toEqual({
      environment: 'production',
      sha: bindingRules().values.sha,
      ref: 'main',
      app: 'blog-api',
      by: 'U0ANA',
    })
  })

  test('leaves the inputs to the workflow that the map leaves to it', () => {
    expect(bound([input('size', { default: 'large' })], { map: map({ size: '$default' }) })).toEqual({})
  })

  test('sends where a value comes from if the map says so', () => {
    const inputs = [input('from_env'), input('to_env')]
    expect(bound(inputs, { map: map({ from_env: 'dev', to_env: '$environment' }) })).toEqual({
      from_env: 'dev',
      to_env: 'production',
    })
  })
})

describe('inputs that are refused', () => {
  test.each<[string, readonly DeclaredInput[], Readonly<Record<string, string>>, RegExp]>([
    [
      'a required input',
      [input('ticket', { required: true })],
      {},
      /^input_missing.*`ticket` \(line 7, required\)/,
    ],
    [
      'a default',
      [input('env', { default: 'dev' })],
      {},
      /^input_missing.*default `dev`.*env: \$environment/,
    ],
    [
      'a ref by default',
      [input('image_tag', { default: 'latest' })],
      {},
      /^input_missing.*image_tag: \$sha .*image_tag: \$default/,
    ],
    ['a switch by default', [input('dry_run', { type: 'boolean', default: 'true' })], {}, /dry_run: false/],
    [
      'what the workflow lacks',
      [input('env')],
      { stage: '$environment' },
      /^input_missing.*line 31.*`stage`/,
    ],
    ['a default that is none', [input('size')], { size: '$default' }, /^input_missing.*`size`/],
    [
      'no option',
      [choice('environment', ['dev', 'staging'])],
      {},
      /^input_invalid.*dev, staging.*`production`/,
    ],
    ['an option in other letters', [choice('environment', ['Production'])], {}, /^input_invalid.*Production/],
    ['a commit in a boolean', [input('sha', { type: 'boolean' })], {}, /^input_invalid.*boolean/],
    ['a name in a number', [input('environment', { type: 'number' })], {}, /^input_invalid.*number/],
    [
      'another environment, written',
      [input('env')],
      { env: 'DEV' },
      /^input_invalid.*environment dev, not prod/,
    ],
    [
      'another environment, by default',
      [input('env', { default: 'dev' })],
      { env: '$default' },
      /^input_invalid.*by default.*environment dev/,
    ],
    ['more than GitHub takes', [input('note')], { note: 'x'.repeat(70_000) }, /^input_invalid.*65,535/],
  ])('an input binding is refused: %s', (_, inputs, rules, words) => {
    expect(bound(inputs, { map: map(rules) })).toMatch(words)
  })

  test.each([
    ['node_version', '22'],
    ['terraform-version', '1.9'],
    ['ops-ref', 'main'],
    ['db_user', 'app'],
    ['env_file', '.env'],
    ['from_env', 'dev'],
  ])('%s may not carry a commit, person or environment by accident', (name, value) => {
    expect(bound([input(name, { default: value })])).not.toMatch(new RegExp(`${name}: \\$(?!default)`))
  })

  test('escapes mentions and code in names and values of the workflow', () => {
    const refused = bindInputs(workflow, [input('a', { default: '`<@U0ANA>' })], bindingRules())
    if ('inputs' in refused) throw new Error('nothing was refused')
    expect(sentence(refused.refused.sentence)).not.toContain('<@U0ANA>')
  })

  test('a refusal never suggests another environment', () => {
    expect(bound([choice('target', ['dev', 'test'], { default: 'dev' })])).not.toContain('$default')
  })

  test.each<[string, readonly DeclaredInput[], Partial<BindingRules>, boolean]>([
    ['the input of the environment', [input('environment')], {}, true],
    ['nothing', [], {}, false],
    [
      'an input that both leave to the workflow',
      [input('size', { default: 'large' })],
      { map: map({ size: '$default' }) },
      false,
    ],
    ['the branch', [], { environmentFrom: 'branch' }, true],
  ])('service environments of one workflow need different %s, or are refused', (_, inputs, rules, isTold) => {
    const answer = bound(inputs, { siblings: [devSibling], ...rules })
    expect(typeof answer === 'string').toBe(!isTold)
    if (!isTold) expect(answer).toMatch(/^input_missing.*blog-api in dev/)
  })
})

test('bindings compare equal in any order, and differ by names, values and sources', () => {
  const [one, other] = [
    { name: 'a', from: 'literal', value: '1' },
    { name: 'b', from: 'default', value: '2' },
  ] as const
  expect(isSameBinding([one, other], [other, one])).toBe(true)
  expect(isSameBinding([one, other], [one])).toBe(false)
  expect(isSameBinding([one, other], [one, { ...other, from: 'literal' }])).toBe(false)
  expect(isSameBinding([one, other], [one, { ...other, value: '3' }])).toBe(false)
})
