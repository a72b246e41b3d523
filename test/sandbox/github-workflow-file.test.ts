import { describe, expect, it } from 'vitest'
import { evaluate, evaluated, isMet, render, type Value } from '../../sandbox/github/expression.ts'
import { deployWorkflow, dispatchInputs, startsOnPush } from '../../sandbox/github/workflow-file.ts'
import { readWorkflow } from '../../sandbox/github/workflow-problems.ts'

const contexts = {
  github: { ref_name: 'main', event: { inputs: { dry: 'false' } } },
  inputs: { environment: 'production', sha: '', dry: false, count: 3 },
  needs: { target: { result: 'success', outputs: { matrix: '{"include":[{"environment":"dev"}]}' } } },
  steps: { image: { outputs: { tag: 'abc' }, outcome: 'success' } },
  vars: { CLUSTER: 'blog-cluster-dev' },
}
/** `${{ … }}` around an expression. */
const marked = (expression: string) => ['$', `{{ ${expression} }}`].join('')

describe('expressions', () => {
  it.each<[string, Value]>([
    ['inputs.environment', 'production'],
    ['inputs.nothing', null],
    ["inputs.sha || 'tip'", 'tip'],
    ["inputs.sha && '-'", ''],
    ["github.ref_name == 'main' && 'production' || 'dev'", 'production'],
    ["(inputs.sha || github.ref_name) == 'MAIN'", true],
    ['!inputs.dry', true],
    ['!github.event.inputs.dry', false],
    ['inputs.count > 2', true],
    ["'it''s'", "it's"],
    ["contains(github.ref_name, 'ai')", true],
    ["startsWith(github.ref_name, 'm') && endsWith(github.ref_name, 'n')", true],
    ["format('{0}-{1}', inputs.environment, 1)", 'production-1'],
    ["join(fromJSON('[1,2]'), ',')", '1,2'],
    ['fromJSON(needs.target.outputs.matrix).include[0].environment', 'dev'],
    ['steps.image.outputs.tag', 'abc'],
    ['vars.CLUSTER', 'blog-cluster-dev'],
    ['toJSON(inputs.count)', '3'],
  ])('the expression %s has its value', (expression, value) => {
    expect(evaluate(expression, contexts)).toEqual(value)
  })

  it.each(["'open", 'a b', '(inputs.sha', 'inputs.sha &&', 'shell(inputs.sha)', 'nowhere.sha'])(
    'the expression %s is refused',
    (expression) => {
      expect(() => evaluate(expression, contexts)).toThrow()
    },
  )

  it('expressions are rendered within text', () => {
    const text = `deploy ${marked('inputs.environment')} [${marked('inputs.nothing')}]`
    expect(render(text, contexts)).toBe('deploy production []')
  })

  it('a setting that is one expression keeps the type of its value', () => {
    expect(evaluated({ matrix: marked('fromJSON(needs.target.outputs.matrix)') }, contexts)).toEqual({
      matrix: { include: [{ environment: 'dev' }] },
    })
  })

  const good = { success: true, failure: false, cancelled: false }
  const bad = { success: false, failure: true, cancelled: false }
  it.each([
    [undefined, good, true],
    [undefined, bad, false],
    ["github.ref_name == 'main'", good, true],
    ["github.ref_name == 'main'", bad, false],
    ['failure()', bad, true],
    ['failure()', good, false],
    ['always()', bad, true],
    ["always() && github.ref_name == 'develop'", bad, false],
    ['!cancelled()', bad, true],
    [marked("github.ref_name == 'develop'"), good, false],
    [`${marked("github.ref_name == 'develop'")} && true`, good, true],
  ])('the condition %s is evaluated after %o', (condition, status, holds) => {
    expect(isMet(condition, contexts, status)).toBe(holds)
  })
})

describe('the deploy workflow', () => {
  it('the deploy workflow declares the inputs that twokey sends', () => {
    expect(dispatchInputs(readWorkflow(deployWorkflow()))).toMatchObject({
      environment: { type: 'choice', options: ['dev', 'production'], required: true },
      sha: { required: false },
      release_id: { required: false },
    })
  })

  it.each([
    [{ inputs: [] }, []],
    [{ inputs: ['environment', 'sha'] as const }, ['environment', 'sha']],
    [{ on: ['push'] as const }, undefined],
  ])('the deploy workflow can be reduced: %o', (variant, inputs) => {
    const declared = dispatchInputs(readWorkflow(deployWorkflow(variant)))
    expect(declared && Object.keys(declared)).toEqual(inputs)
  })

  it.each([
    ['on: push', 'any', true],
    ['on: [workflow_dispatch]', 'main', false],
    ['on: { push: { branches: [main] } }', 'main', true],
    ['on: { push: { branches: [main] } }', 'develop', false],
    ['on: { push: }', 'develop', true],
    ['on: { push: { branches: [release/**] } }', 'release/1/2', true],
    ['on: { push: { branches: [release/*] } }', 'release/1/2', false],
    ['on: { push: { branches-ignore: [main] } }', 'main', false],
    ['on: { push: { tags: ["v*"] } }', 'main', false],
  ])('the trigger %s is checked for a push to %s', (on, branch, starts) => {
    expect(startsOnPush(readWorkflow(`${on}\njobs: {}`), branch)).toBe(starts)
  })
})

describe('an invalid workflow file', () => {
  const dispatch = (inputs: string) => `on:\n  workflow_dispatch:\n    inputs:\n${inputs}\njobs: {}\n`
  it.each([
    [
      'an unknown type of input',
      dispatch('      a: { type: text }'),
      "(Line: 4, Col: 18): Unexpected value 'text'",
    ],
    [
      'an unknown key of a job',
      'on: push\njobs:\n  a:\n    step: []\n',
      "(Line: 4, Col: 5): Unexpected value 'step'",
    ],
    [
      'a merge key',
      'on: push\nenv: &e { A: 1 }\njobs:\n  a:\n    env:\n      <<: *e\n    steps: []\n',
      "(Line: 6, Col: 7): Unexpected value '<<'",
    ],
    [
      'more than 25 inputs',
      dispatch(Array.from({ length: 26 }, (_, at) => `      i${at}: {}`).join('\n')),
      'you may only define up to 25 `inputs` for a `workflow_dispatch` event',
    ],
    [
      'an expression that is none',
      `on: push\nrun-name: a ${marked("github.sha ?? ''")}\njobs: {}\n`,
      '(Line: 2, Col: 11): Unexpected symbol',
    ],
    [
      'a job that needs one that is not there',
      'on: push\njobs:\n  a:\n    needs: b\n    steps: []\n',
      "Job 'a' depends on unknown job 'b'.",
    ],
    ['a text that is no YAML', 'on: [push\njobs: {}\n', '(Line: '],
  ])('a workflow file is refused: %s', (_, text, message) => {
    expect(() => readWorkflow(text)).toThrow(message)
  })

  it('a workflow file with anchors is valid', () => {
    const text = 'on: push\nenv:\n  A: &a one\njobs:\n  j:\n    env:\n      B: *a\n    steps: []\n'
    expect(readWorkflow(text).jobs.j!.env).toEqual({ B: 'one' })
  })

  it('a workflow file may have numbers as options and booleans as defaults, which become strings', () => {
    const text = dispatch(
      '      a: { type: choice, options: [1, 2] }\n      b: { type: boolean, default: true }',
    )
    expect(dispatchInputs(readWorkflow(text))).toMatchObject({
      a: { options: ['1', '2'] },
      b: { type: 'boolean', default: true },
    })
  })
})
