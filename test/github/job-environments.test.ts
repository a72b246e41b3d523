import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { Allowance } from '../../src/github/allowance.ts'
import { allowance, partlyRendered, rendered } from '../../src/github/expression.ts'
import {
  calledInputs,
  dispatchContexts,
  jobEnvironments,
  withoutSkipped,
} from '../../src/github/job-environments.ts'
import { jobPlans } from '../../src/github/job-plans.ts'
import type { BoundInput, DeclaredInput } from '../../src/release/inputs.ts'

const declared: readonly DeclaredInput[] = [
  { name: 'stage', line: 4, type: 'choice', required: false, default: 'dev', options: ['dev', 'production'] },
  { name: 'dry_run', line: 5, type: 'boolean', required: false, default: null, options: [] },
]

/** Where the jobs of this workflow run, dispatched on the branch with these inputs: `job: environment`, null if not known. */
function environments(
  jobs: string,
  branch = 'develop',
  inputs: readonly BoundInput[] = [],
): readonly unknown[] {
  const contexts = dispatchContexts({ repository: 'myorg/blog-api', branch, declared, inputs })
  const running = withoutSkipped(jobPlans({ jobs: parse(jobs) }), contexts)
  return jobEnvironments(running, contexts).map(({ environment }) => environment)
}

const steps = 'steps: [{ run: make ship }]'
const on = (text: string) => `\${{ ${text} }}`

describe('environments of the jobs of a workflow', () => {
  test.each<[string, string, readonly (string | null)[]]>([
    ['a name', `ship: { environment: production, ${steps} }`, ['production']],
    [
      'a name with an address',
      `ship: { environment: { name: production, url: "https://example.com" }, ${steps} }`,
      ['production'],
    ],
    ['no environment', `ship: { ${steps} }`, []],
    [
      'the branch',
      `ship:\n  environment: ${on("github.ref_name == 'main' && 'production' || 'dev'")}`,
      ['dev'],
    ],
    [
      'the branch by its whole name',
      `ship:\n  environment: ${on("github.ref == 'refs/heads/develop' && 'dev' || 'production'")}`,
      ['dev'],
    ],
    [
      'a function',
      `ship:\n  environment: ${on("contains(fromJSON('[\"develop\"]'), github.ref_name) && 'dev' || 'production'")}`,
      ['dev'],
    ],
    [
      'a name with an address, by one expression',
      `ship:\n  environment: ${on('fromJSON(\'{"name":"production","url":"https://example.com"}\')')}`,
      ['production'],
    ],
    ['an input', `ship:\n  environment: ${on('inputs.stage')}`, ['production']],
    ['an input of the event', `ship:\n  environment: ${on('github.event.inputs.stage')}`, ['production']],
    [
      'a boolean input that is not given',
      `ship:\n  environment: ${on("inputs.dry_run && 'none' || 'production'")}`,
      ['production'],
    ],
    [
      'a field of the event',
      `ship:\n  environment: ${on("github.event.ref == 'refs/heads/develop' && 'dev' || 'production'")}`,
      ['dev'],
    ],
    [
      'a field of the event that is not known',
      `ship:\n  environment: ${on("github.ref_name == github.event.repository.default_branch && 'production' || 'dev'")}`,
      [null],
    ],
    [
      'a matrix of expressions',
      `ship:\n  strategy: { matrix: { env: ["${on('vars.X')}"] } }\n  environment: ${on('matrix.env')}`,
      [null],
    ],
    [
      'a condition on failure',
      `undo: { environment: production, if: "failure()", ${steps} }`,
      ['production'],
    ],
    [
      'calls within calls',
      `ship:\n  environment: ${on(`${'toJSON('.repeat(40)}'x'${')'.repeat(40)}`)}`,
      [null],
    ],
    [
      'formats within formats, of half a gigabyte',
      `ship:\n  environment: production\n  if: "contains(${formats(5)}, 'b') == (${formats(5)} == ${formats(5)})"\n  ${steps}`,
      ['production'],
    ],
    [
      'a list joined by a long text',
      `ship:\n  environment: ${on(`join(fromJSON('[${'1,'.repeat(900)}1]'), '${'x'.repeat(900)}')`)}`,
      [null],
    ],
    [
      'lists nested a thousand deep',
      `ship:\n  environment: ${on(`toJSON(fromJSON('${'['.repeat(999)}${']'.repeat(999)}'))`)}`,
      [null],
    ],
    [
      'a condition on all of a context, of which a part is known',
      `ship: { environment: production, if: "contains(toJSON(github), 'repository_owner')", ${steps} }`,
      ['production'],
    ],
    [
      'a condition in a block of lines, which is a text and so true',
      `ship:\n  environment: production\n  if: |\n    ${on("github.ref_name == 'main'")}\n  ${steps}`,
      ['production'],
    ],
    [
      'a condition with an expression inside its text, which is true',
      `ship:\n  environment: production\n  if: false && '${on('inputs.stage')}'\n  ${steps}`,
      ['production'],
    ],
    [
      'a comparison with an expression inside its text',
      `ship:\n  environment: production\n  if: github.ref == 'refs/heads/${on('inputs.stage')}'\n  ${steps}`,
      ['production'],
    ],
    ['a variable of the repository', `ship:\n  environment: ${on('vars.TARGET')}`, [null]],
    ['an output of another job', `ship:\n  environment: ${on('needs.plan.outputs.environment')}`, [null]],
    ['what is no expression', `ship:\n  environment: ${on('github.ref_name ==')}`, [null]],
    [
      'a condition that holds elsewhere',
      `ship: { environment: production, if: "github.ref == 'refs/heads/main'", ${steps} }`,
      [],
    ],
    [
      'a condition that cannot hold, whatever a job before it says',
      `ship: { environment: production, if: "needs.test.outputs.changed == 'true' && github.ref_name == 'main'", ${steps} }`,
      [],
    ],
    [
      'a condition that may hold',
      `ship: { environment: production, if: "needs.test.outputs.changed == 'true' || github.ref_name == 'main'", ${steps} }`,
      ['production'],
    ],
    [
      'a condition on an event',
      `ship: { environment: production, if: "github.event_name == 'push'", ${steps} }`,
      [],
    ],
    [
      'a condition on success',
      `ship: { environment: production, if: "success()", ${steps} }`,
      ['production'],
    ],
    [
      'a job that needs one that is skipped',
      `plan: { if: "github.ref_name == 'main'", ${steps} }\nship: { needs: plan, environment: production, ${steps} }`,
      [],
    ],
    [
      'a job that runs though one that it needs is skipped',
      `plan: { if: "github.ref_name == 'main'", ${steps} }\nship: { needs: plan, if: "always()", environment: production, ${steps} }`,
      ['production'],
    ],
    [
      'a matrix',
      `ship:\n  strategy: { matrix: { environment: [dev, production] } }\n  environment: ${on('matrix.environment')}`,
      ['dev', 'production'],
    ],
    [
      'a matrix of which one is left out',
      `ship:\n  strategy: { matrix: { environment: [dev, production], exclude: [{ environment: production }] } }\n  environment: ${on('matrix.environment')}`,
      ['dev'],
    ],
    [
      'a matrix that the branch chooses',
      `ship:\n  strategy:\n    matrix: ${on(`fromJSON(github.ref_name == 'main' && '{"environment":["production"]}' || '{"environment":["dev"]}')`)}\n  environment: ${on('matrix.environment')}`,
      ['dev'],
    ],
    [
      'a matrix whose steps ask for the branch',
      `ship:\n  strategy:\n    matrix:\n      include: [{ branch: develop, environment: dev }, { branch: main, environment: production }]\n  environment: ${on('matrix.environment')}\n  steps: [{ if: "matrix.branch == github.ref_name", run: make }]`,
      ['dev'],
    ],
    [
      'a matrix of another job’s output',
      `ship:\n  strategy: { matrix: { include: "${on('fromJSON(needs.plan.outputs.matrix)')}" } }\n  environment: ${on('matrix.environment')}`,
      [null],
    ],
  ])('finds the environments with %s', (_, jobs, found) => {
    const inputs: readonly BoundInput[] = [{ name: 'stage', from: 'literal', value: 'production' }]
    expect(environments(jobs, 'develop', inputs)).toEqual(found)
  })
})

/** A list of this many numbers, in YAML. */
function numbers(count: number): string {
  return JSON.stringify(Array.from({ length: count }, (_, at) => at))
}

/** A call whose value is 34 times longer with each level. */
function formats(levels: number): string {
  return levels === 0 ? "'abcdefghij'" : `format('${'{0}'.repeat(34)}', ${formats(levels - 1)})`
}

test('substitutes expressions up to a limit of 64 Ki characters', () => {
  const contexts = { [allowance]: new Allowance(), env: { LONG: 'a/b '.repeat(10_000) } }
  const text = `${on('env.LONG')} `.repeat(3_800)
  expect(rendered(text, contexts)).toBeNull()
  expect(partlyRendered(text, contexts).length).toBeLessThan(64 * 1024 + text.length)
})

test('follows a chain of jobs once, however long it is', () => {
  const jobs = Array.from(
    { length: 3_000 },
    (_, at) =>
      `j${at}: { ${at === 0 ? 'if: false' : `needs: j${at - 1}`}, environment: production, ${steps} }`,
  )
  expect(environments(jobs.join('\n'))).toEqual([])
})

test('evaluates a condition without the matrix once, whatever the number of combinations', () => {
  const list = numbers(256)
  const idle = Array.from({ length: 2_000 }, (_, at) => `{ if: "1 == ${at + 2}" }`).join(', ')
  const ship = (more: string) =>
    `ship:\n  strategy: { matrix: { n: ${list} } }\n  environment: production\n  steps: [${idle}${more}]`
  expect(environments(ship(''))).toEqual([])
  expect(environments(ship(', { run: make ship }'))).toEqual(['production'])
})

test('treats conditions on the matrix beyond the limit as possibly true', () => {
  const list = numbers(256)
  const idle = Array.from({ length: 9 }, (_, at) => `{ if: "matrix.n == ${at + 300}" }`)
  const ship = (steps: readonly string[]) =>
    `ship:\n  strategy: { matrix: { n: ${list} } }\n  environment: production\n  steps: [${steps.join(', ')}]`
  expect(environments(ship(idle.slice(0, 2)))).toEqual([])
  expect(environments(ship(idle))).toEqual(['production'])
})

test('does not know the environment of combinations beyond the limit of a file', () => {
  const list = numbers(250)
  const jobs = Array.from(
    { length: 17 },
    (_, at) => `j${at}: { strategy: { matrix: { n: ${list} } }, environment: "e${at}", ${steps} }`,
  )
  expect(environments(jobs.join('\n'))).toEqual([...Array.from({ length: 16 }, (_, at) => `e${at}`), null])
})

test.each([
  [
    'rows that leave combinations out',
    `{ n: ${numbers(256)}, exclude: [${numbers(256).slice(1, -1).replaceAll(/\d+/g, '{ n: $& }')}] }`,
  ],
  ['lists', `{ ${Array.from({ length: 2_000 }, (_, at) => `l${at}: [1]`).join(', ')} }`],
])('does not know the environment of matrices with too many %s', (_, matrix) => {
  const jobs = ['a', 'b'].map(
    (job) => `${job}: { strategy: { matrix: ${matrix} }, environment: x, ${steps} }`,
  )
  expect(environments(jobs.join('\n'))).toContain(null)
})

test('does not know a matrix with more combinations than GitHub runs', () => {
  const list = JSON.stringify(Array.from({ length: 40 }, (_, at) => `e${at}`))
  const lists = Array.from({ length: 40 }, (_, at) => `l${at}: ${list}`).join(', ')
  expect(
    environments(`ship:\n  strategy: { matrix: { ${lists} } }\n  environment: ${on('matrix.l0')}`),
  ).toEqual([null])
})

test.each<[string, unknown, Record<string, unknown>, Record<string, unknown>]>([
  ['what it is called with', { env: {} }, { ENV: 'production' }, { env: 'production' }],
  ['its default', { env: { default: 'dev' } }, {}, { env: 'dev' }],
  ['an expression', { env: {} }, { env: on("github.ref_name == 'develop' && 'dev'") }, { env: 'dev' }],
  [
    'a boolean by an expression',
    { prod: { type: 'boolean' } },
    { prod: on("github.ref_name == 'main'") },
    { prod: false },
  ],
  ['a boolean that is not given', { prod: { type: 'boolean' } }, {}, { prod: false }],
  ['what is not known', { env: {} }, { env: on('vars.X') }, { env: undefined }],
  ['a default that is not known', { env: { default: on('vars.X') } }, {}, { env: undefined }],
])('a called workflow gets %s', (_, inputs, given, found) => {
  const contexts = dispatchContexts({ repository: 'myorg/blog-api', branch: 'develop', declared, inputs: [] })
  expect(calledInputs({ inputs }, given, contexts)).toEqual(found)
})
