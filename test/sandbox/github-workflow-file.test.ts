import { describe, expect, it } from 'vitest'
import { evaluate, render, type Value } from '../../src/sandbox/github/expression.ts'
import {
  deployWorkflow,
  dispatchInputs,
  readWorkflow,
  startsOnPush,
} from '../../src/sandbox/github/workflow-file.ts'

const names = {
  'inputs.environment': 'production',
  'inputs.sha': '',
  'github.ref_name': 'main',
  'inputs.dry': false,
}

describe('expressions', () => {
  it.each<[string, Value]>([
    ['inputs.environment', 'production'],
    ['inputs.nothing', null],
    ["inputs.sha || 'tip'", 'tip'],
    ["inputs.environment && '-'", '-'],
    ["inputs.sha && '-'", ''],
    ["github.ref_name == 'main' && 'production' || 'dev'", 'production'],
    ["(inputs.sha || github.ref_name) == 'MAIN'", true],
    ["github.ref_name != 'main'", false],
    ['!inputs.dry', true],
    ["'it''s'", "it's"],
    ['0 || 7', 7],
    ['true', true],
  ])('%s', (expression, value) => {
    expect(evaluate(expression, names)).toBe(value)
  })

  it.each(["'open", 'a b', '(a', 'a &&', 'format(a)'])('does not read %s', (expression) => {
    expect(() => evaluate(expression, names)).toThrow(SyntaxError)
  })

  it('are rendered within text', () => {
    const text = ['deploy $', '{{ inputs.environment }} [$', '{{ inputs.nothing }}]'].join('')
    expect(render(text, names)).toBe('deploy production []')
  })
})

describe('the deploy workflow', () => {
  it('declares what twokey sends', () => {
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
  ])('may be less: %o', (variant, inputs) => {
    const declared = dispatchInputs(readWorkflow(deployWorkflow(variant)))
    expect(declared && Object.keys(declared)).toEqual(inputs)
  })

  it.each([
    ['on: push', 'any', true],
    ['on: [workflow_dispatch]', 'main', false],
    ['on: { push: { branches: [main] } }', 'main', true],
    ['on: { push: { branches: [main] } }', 'develop', false],
    ['on: { push: }', 'develop', true],
  ])('%s and a push to %s', (on, branch, starts) => {
    expect(startsOnPush(readWorkflow(`${on}\njobs: {}`), branch)).toBe(starts)
  })
})
