import { describe, expect, test } from 'vitest'
import { foreignInputs, inputsOf, readTrigger } from '../../src/github/workflow-file.ts'
import { deployWorkflow } from '../../src/sandbox/github/workflow-file.ts'

const dispatched = (inputs: { name: string; needed: boolean }[] = []) => ({ trigger: 'dispatch', inputs })

describe('the triggers of a workflow file', () => {
  test.each<[string, string, object]>([
    ['one event', 'on: workflow_dispatch', dispatched()],
    ['a list', 'on: [push, workflow_dispatch]', dispatched()],
    ['a map', 'on:\n  push:\n  workflow_dispatch:\n', dispatched()],
    ['a quoted key', '"on":\n  workflow_dispatch:\n', dispatched()],
    ['YAML 1.1, where on is true', '%YAML 1.1\n---\non:\n  workflow_dispatch:\n', dispatched()],
    ['empty inputs', 'on:\n  workflow_dispatch:\n    inputs:\n', dispatched()],
    [
      'an input without a word',
      'on:\n  workflow_dispatch:\n    inputs:\n      sha:\n',
      dispatched([{ name: 'sha', needed: false }]),
    ],
    ['an anchor', 'x: &t { workflow_dispatch: null }\non: *t\n', dispatched()],
    ['another event', 'on: push', { trigger: 'other', events: ['push'] }],
    ['other events', 'on: [push, pull_request]', { trigger: 'other', events: ['push', 'pull_request'] }],
    ['a reusable one', 'on:\n  workflow_call:\n', { trigger: 'other', events: ['workflow_call'] }],
    ['no events', 'on: {}', { trigger: 'other', events: [] }],
  ])('%s', (_, text, trigger) => {
    expect(readTrigger(text)).toEqual(trigger)
  })

  test.each([
    ['nothing', ''],
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
  ])('%s cannot be read', (_, text) => {
    expect(readTrigger(text)).toMatchObject({ trigger: 'unreadable', why: expect.stringMatching(/./) })
  })
})

describe('inputs', () => {
  const declaring = (inputs: string) => {
    const trigger = readTrigger(`on:\n  workflow_dispatch:\n    inputs: ${inputs}`)
    if (trigger.trigger !== 'dispatch') throw new Error(trigger.trigger)
    return trigger.inputs
  }

  test('ours are told in one order, however they are declared', () => {
    expect(inputsOf(declaring('{ release_id: {}, verbose: {}, sha: {}, environment: {} }'))).toEqual([
      'environment',
      'sha',
      'release_id',
    ])
    expect(inputsOf(declaring('{ SHA: {} }'))).toEqual([])
  })

  test.each([
    ['{ version: { required: true } }', ['version']],
    ["{ version: { required: 'true' } }", ['version']],
    ["{ version: { required: true, default: '' } }", ['version']],
    ['{ version: { required: true, default: } }', ['version']],
    ['{ version: { required: true, default: latest } }', []],
    ['{ dry: { required: true, type: boolean, default: false } }', []],
    ['{ version: { required: false } }', []],
    ['{ version: {} }', []],
    ['{ environment: { required: true } }', []],
  ])('GitHub would miss, of %s: %j', (inputs, missed) => {
    expect(foreignInputs(declaring(inputs))).toEqual(missed)
  })

  test('the deploy workflow of the default world offers all of them', () => {
    const trigger = readTrigger(deployWorkflow())
    expect(trigger.trigger === 'dispatch' && inputsOf(trigger.inputs)).toEqual([
      'environment',
      'sha',
      'release_id',
    ])
  })
})
