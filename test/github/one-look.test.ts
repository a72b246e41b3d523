import { setImmediate as turn } from 'node:timers/promises'
import { Evaluator } from '@actions/expressions'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { deployPath } from '../../sandbox/github/workflow-file.ts'
import type { GitHub } from '../../src/ports/ports.ts'
import { bindingRules } from '../release/bound.ts'
import { gitHubForEach, repository, workflow } from './harness.ts'

const harness = gitHubForEach()
afterEach(() => vi.restoreAllMocks())

const on = (text: string) => `\${{ ${text} }}`
const full = 'c0ffee'.repeat(7).slice(0, 40)
const takingSha = 'on: { workflow_dispatch: { inputs: { sha: { required: true } } } }'

/** This many lines, by their index. */
function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('')
}

/** A workflow that calls a file of the repository this many times. */
function calling(times: number, name: (index: number) => string = () => 'inner'): string {
  return `${takingSha}\njobs:\n${lines(times, (at) => `  call${at}: { uses: ./.github/workflows/${name(at)}.yml }`)}`
}

/** One job with a checkout of the tip and these actions of the repository. */
function using(actions: readonly string[]): string {
  return `${takingSha}\njobs:\n  ship:\n    steps:\n      - uses: actions/checkout@${full}\n${actions.map((name) => `      - uses: ./${name}\n`).join('')}`
}

function push(text: string, files: Readonly<Record<string, string>> = {}): void {
  harness.sandbox.world.push('main', { message: 'CI', files: { [deployPath]: text, ...files } })
}

async function tip(github: GitHub = harness.connect()) {
  const found = await github.inspect({
    repository,
    workflow,
    branch: 'main',
    ref: null,
    running: [{ commit: null }],
    rules: (sha) => bindingRules({ values: { ...bindingRules().values, sha } }),
  })
  if ('refused' in found) throw new Error(found.refused.sentence)
  return found.tip
}

async function notes(github: GitHub = harness.connect()) {
  return (await tip(github)).notes
}

/** The statuses that a look gets from GitHub. */
async function statuses(github: GitHub): Promise<readonly (number | undefined)[]> {
  const before = harness.sandbox.log.exchanges.length
  await notes(github)
  return harness.sandbox.log.exchanges.slice(before).map(({ status }) => status)
}

const notEvaluated = { note: 'not-read', what: 'expressions', why: expect.any(String) }

/** Conditions of one job, each evaluated for each of ten combinations. */
const idleJob = `on: workflow_call\njobs:\n  idle:\n    environment: x\n    strategy: { matrix: { a: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] } }\n    steps:\n${lines(50, (at) => `      - { if: "matrix.a == 99${at}" }`)}`

describe('a look at a workflow that calls one file again and again', () => {
  test.each([
    ['conditions', idleJob],
    [
      'defaults of inputs',
      `on:\n  workflow_call:\n    inputs:\n${lines(500, (at) => `      i${at}: { default: "${on('1')}" }`)}jobs: { a: { steps: [] } }`,
    ],
    [
      'scripts',
      `on: workflow_call\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@${full}\n      - run: "${on('1').repeat(500)}"\n`,
    ],
  ])('evaluates at most 5,000 %s of a called workflow, and says so', async (_, inner) => {
    push(calling(40), { '.github/workflows/inner.yml': inner })
    const evaluated = vi.spyOn(Evaluator.prototype, 'evaluate')
    expect(await notes()).toContainEqual(notEvaluated)
    expect(evaluated.mock.calls.length).toBeLessThanOrEqual(5_000)
    expect(evaluated.mock.calls.length).toBeGreaterThan(4_500)
  })

  test('yields to other work after each file, and notes nothing if everything is evaluated', async () => {
    push(calling(5), { '.github/workflows/inner.yml': idleJob })
    const { found, evaluated, longest } = await inTurns()
    expect(found).not.toContainEqual(notEvaluated)
    expect(evaluated).toBeGreaterThanOrEqual(5 * 500)
    expect(longest).toBeLessThan(2 * 500)
  })
})

/** A look, with the number of expressions it evaluated, and the number before it first yielded. */
async function inTurns() {
  const evaluate = vi.spyOn(Evaluator.prototype, 'evaluate')
  const counts: number[] = [0]
  let isDone = false
  const counting = (async () => {
    while (!isDone) {
      await turn()
      counts.push(evaluate.mock.calls.length)
    }
  })()
  const found = await notes()
  isDone = true
  await counting
  const longest = Math.max(...counts.slice(1).map((count, index) => count - counts[index]!))
  return { found, evaluated: counts.at(-1), longest }
}

describe('a look at scripts that are longer when rendered', () => {
  const tooLong = { note: 'not-read', what: 'scripts', why: expect.stringContaining('too long') }
  const ofMain = expect.objectContaining({ note: 'checkout-not-bound', ref: 'main' })
  const long = "'".repeat(48_000)
  const step = '      - run: '
  const said = `${step}${on('env.B')}\n`
  const settings = `      - { uses: a/b@${full}, with: { a: "${on('env.B')}" } }\n`
  const before = `${takingSha}\njobs:\n  ship:\n    env: { B: "${long}" }\n    steps:\n      - uses: actions/checkout@${full}\n`
  const moving = `${step}git checkout main\n`

  test.each([
    ['scripts that are one long variable', before + said.repeat(40) + moving],
    ['settings that are', before + settings.repeat(40) + moving],
    [
      'scripts that are one long input of an action of the repository',
      `${before}      - { uses: $/ci/input, with: { x: "${long}" } }\n${moving}`,
    ],
    [
      'a script that names the folder of its action',
      before + '      - uses: $/ci/path\n'.repeat(40) + moving,
    ],
  ])('stops at %s, and says so', async (_, text) => {
    const composite = (run: string) => `runs:\n  using: composite\n  steps:\n${run}`
    push(text, {
      'ci/input/action.yml': composite(`    - { shell: bash, run: "${on('inputs.x')}" }\n`.repeat(40)),
      'ci/path/action.yml': composite(
        `    - { shell: bash, run: "${'$GITHUB_ACTION_PATH '.repeat(1_000)}" }\n`,
      ),
    })
    const found = await notes()
    expect(found).toContainEqual(tooLong)
    expect(found).not.toContainEqual(ofMain)
  })

  test('continues if the rendered scripts are within the limit', async () => {
    push(before + said.repeat(3) + moving)
    const found = await notes()
    expect(found).not.toContainEqual(tooLong)
    expect(found).toContainEqual(ofMain)
  })

  test('yields to other work after each script', async () => {
    push(before + said.repeat(1_800))
    const { found, evaluated, longest } = await inTurns()
    expect(found).toContainEqual(tooLong)
    expect(evaluated).toBeGreaterThan(5)
    expect(longest).toBeLessThanOrEqual(2)
  })

  test('treats a working directory longer than any path as known only in the run', async () => {
    const folder = `{ working-directory: "${'ci/../'.repeat(60)}ci", run: ./ship.sh }`
    const text = `${takingSha}\njobs:\n  ship:\n    steps:\n      - uses: actions/checkout@${full}\n      - ${folder}\n`
    push(text, { 'ci/ship.sh': 'echo\n' })
    const { paths } = await tip()
    expect(paths).toEqual([])
  })
})

describe('a second look without changes', () => {
  test.each([
    [
      'sixty actions that have no action.yml',
      using(Array.from({ length: 60 }, (_, at) => `ci/a${at}`)),
      Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`ci/a${at}/Dockerfile`, 'FROM scratch\n'])),
    ],
    [
      'an action with an action.yaml',
      using(['ci/ship']),
      { 'ci/ship/action.yaml': 'runs: { using: node24, main: index.js }' },
    ],
    ['sixty workflows that are called and not there', calling(60, (at) => `gone${at}`), {}],
  ])('uses no rate limit for a second look with %s', async (_, text, files) => {
    push(text, files)
    const github = harness.connect()
    expect(await statuses(github)).not.toContain(404)
    expect(new Set(await statuses(github))).toEqual(new Set([304]))
  })

  test('notes in one line that actions beyond fifty are not read', async () => {
    const names = Array.from({ length: 60 }, (_, at) => `.github/actions/a${at}`)
    const action = 'runs: { using: node24, main: index.js }'
    push(using(names), Object.fromEntries(names.map((name) => [`${name}/action.yml`, action])))
    expect((await notes()).filter(({ note }) => note === 'not-read')).toEqual([
      { note: 'not-read', what: '10 actions', why: expect.stringContaining('50') },
    ])
  })
})
