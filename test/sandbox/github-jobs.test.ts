import { beforeAll, describe, expect, it } from 'vitest'
import { combinationsOf, suffixOf } from '../../sandbox/github/matrix.ts'
import { account } from '../../sandbox/github/people.ts'
import { latest, type Run } from '../../sandbox/github/runs.ts'
import { blogApi, ended, oneGitHub, steps } from './github-client.ts'

const { client, world } = oneGitHub()
const path = '.github/workflows/team.yml'
/** `${{ … }}` around an expression. */
const x = (expression: string) => ['$', `{{ ${expression} }}`].join('')

/** Runs a workflow with these jobs on main, and waits until it ends. */
async function run(
  jobs: string,
  of: { on?: string; files?: Record<string, string>; inputs?: Record<string, string> } = {},
) {
  const text = `on:\n  ${of.on ?? 'workflow_dispatch:'}\njobs:\n${jobs}`
  world().push('main', { message: 'A workflow of our own', files: { [path]: text, ...of.files } })
  const begun = world().startRun({ workflow: 'team.yml', event: 'workflow_dispatch', inputs: of.inputs })
  await ended(world(), begun)
  return begun
}

const jobs = (of: Run) => latest(of).jobs.map(({ name, conclusion }) => `${name}: ${conclusion}`)
const logOf = (of: Run, name: string) =>
  latest(of)
    .jobs.find((job) => job.name === name)!
    .log.join('\n')

beforeAll(() => {
  world().push('main', { message: 'No deploys here', files: { '.github/workflows/deploy.yml': null } })
})

describe('a matrix', () => {
  it.each<[string, Record<string, unknown>, unknown[]]>([
    [
      'every value with every other',
      { a: [1, 2], b: ['x'] },
      [
        { a: 1, b: 'x' },
        { a: 2, b: 'x' },
      ],
    ],
    ['without excluded combinations', { a: [1, 2], exclude: [{ a: 1 }] }, [{ a: 2 }]],
    [
      'with values from a matching include',
      { a: [1, 2], include: [{ a: 1, c: 3 }] },
      [{ a: 1, c: 3 }, { a: 2 }],
    ],
    [
      'with an extra combination from include',
      { a: [1], include: [{ a: 9, c: 3 }] },
      [{ a: 1 }, { a: 9, c: 3 }],
    ],
    [
      'with more for all',
      { a: [1, 2], include: [{ c: 3 }] },
      [
        { a: 1, c: 3 },
        { a: 2, c: 3 },
      ],
    ],
    ['only from include', { include: [{ e: 'dev' }, { e: 'prod' }] }, [{ e: 'dev' }, { e: 'prod' }]],
  ])('matrix combinations: %s', (_, matrix, combinations) => {
    expect(combinationsOf(matrix)).toEqual(combinations)
  })

  it.each([{ a: [] }, { include: [] }])('an empty matrix is refused: %o', (matrix) => {
    expect(() => combinationsOf(matrix)).toThrow('Matrix')
  })

  it('names of jobs show their matrix values', () => {
    expect(suffixOf({ environment: 'dev', target: { cluster: 'blog-cluster-dev' } })).toBe(
      ' (dev, blog-cluster-dev)',
    )
  })

  it('a matrix can come from an output of an earlier job', async () => {
    const done = await run(`
  setup:
    outputs: { matrix: "${x('steps.m.outputs.matrix')}" }
    steps:
      - id: m
        run: echo 'matrix={"environment":["dev","production"]}' >> "$GITHUB_OUTPUT"
  deploy:
    needs: setup
    strategy: { matrix: "${x('fromJSON(needs.setup.outputs.matrix)')}" }
    environment: "${x('matrix.environment')}"
    steps:
      - run: echo "to ${x('matrix.environment')}"
`)
    expect(jobs(done)).toEqual(['setup: success', 'deploy (dev): success', 'deploy (production): success'])
    expect(logOf(done, 'deploy (dev)')).toContain('to dev')
    expect(latest(done).jobs.map(({ environment }) => environment)).toEqual([undefined, 'dev', 'production'])
  })

  it('a matrix from invalid JSON fails its job', async () => {
    const done = await run(`
  deploy:
    strategy: { matrix: "${x("fromJSON('no')")}" }
    steps: [{ run: echo a }]
`)
    expect(jobs(done)).toEqual(['deploy: failure'])
  })
})

describe('conditions', () => {
  it('conditions skip jobs and steps, and can continue after a failure', async () => {
    const done = await run(`
  test:
    steps: [{ run: exit 1 }, { name: Tidy, if: always(), run: echo tidy }, { name: Alarm, if: failure(), run: echo alarm }, { name: More, run: echo more }]
  deploy: { needs: test, steps: [{ run: echo deploy }] }
  tell: { needs: [test, deploy], if: always(), steps: [{ run: "echo test ${x('needs.test.result')}, deploy ${x('needs.deploy.result')}" }] }
  develop: { if: github.ref_name == 'develop', steps: [{ run: echo develop }] }
`)
    expect(jobs(done)).toEqual(['test: failure', 'deploy: skipped', 'tell: success', 'develop: skipped'])
    expect(steps(done, 'test').slice(1, 5)).toEqual([
      'Run exit 1: failure',
      'Tidy: success',
      'Alarm: success',
      'More: skipped',
    ])
    expect(logOf(done, 'tell')).toContain('test failure, deploy skipped')
  })

  it('continue-on-error continues after a failed step', async () => {
    const done = await run(`
  test:
    steps:
      - { id: lint, run: exit 1, continue-on-error: true }
      - run: echo "lint ${x('steps.lint.outcome')}, ${x('steps.lint.conclusion')}"
`)
    expect(jobs(done)).toEqual(['test: success'])
    expect(logOf(done, 'test')).toContain('lint failure, success')
  })

  it('conditions see inputs with their types, and as strings in the event', async () => {
    const done = await run(
      `
  test:
    steps:
      - { name: Typed, if: inputs.dry, run: echo dry }
      - { name: Text, if: github.event.inputs.dry, run: "echo '${x('github.event.inputs.dry')} ${x('inputs.count')}'" }
`,
      {
        on: 'workflow_dispatch: { inputs: { dry: { type: boolean }, count: { type: number } } }',
        inputs: { dry: 'false', count: '3' },
      },
    )
    expect(steps(done, 'test').slice(1, 3)).toEqual(['Typed: skipped', 'Text: success'])
    expect(logOf(done, 'test')).toContain('false 3')
  })
})

describe('variables', () => {
  it('a step sees the variables of its workflow, job and step, and those that earlier steps exported', async () => {
    world().repository().variables = { REGION: 'here' }
    const done = await run(`
  test:
    env: { A: job, B: job }
    steps:
      - run: echo "C=exported" >> "$GITHUB_ENV"
      - { env: { B: step }, run: 'echo "$A $B $C $GITHUB_REF_NAME ${x('vars.REGION')} ${x('env.C')}"' }
`)
    expect(logOf(done, 'test')).toContain('job step exported main here exported')
  })

  it('a job sees the variables of its environment', async () => {
    const environments = world().repository().environments
    environments.push({
      ...environments[0]!,
      id: 1,
      name: 'blue',
      variables: { CLUSTER: 'blog-cluster-blue' },
    })
    const done = await run(`
  deploy: { environment: blue, steps: [{ run: "echo ${x('vars.CLUSTER')}" }] }
  test: { steps: [{ run: "echo [${x('vars.CLUSTER')}]" }] }
`)
    expect(logOf(done, 'deploy')).toContain('blog-cluster-blue')
    expect(logOf(done, 'test')).toContain('[]')
  })
})

describe('a workflow that is called', () => {
  const called = `
on:
  workflow_call:
    inputs:
      environment: { type: string, required: true }
      dry: { type: boolean, default: false }
    outputs: { shipped: { value: "${x('jobs.ship.outputs.tag')}" } }
jobs:
  ship:
    environment: "${x('inputs.environment')}"
    outputs: { tag: "${x('steps.t.outputs.tag')}" }
    steps:
      - { name: Dry, if: inputs.dry, run: echo dry }
      - { id: t, run: 'echo "tag=${x('inputs.environment')}-1" >> "$GITHUB_OUTPUT"' }
`
  const files = { '.github/workflows/ship.yml': called }

  it('a called workflow runs in place of its caller, under both names', async () => {
    const done = await run(
      `
  dev: { uses: ./.github/workflows/ship.yml, with: { environment: dev }, secrets: inherit }
  prod:
    needs: dev
    uses: ./.github/workflows/ship.yml
    with: { environment: production, dry: true }
  tell: { needs: prod, steps: [{ run: "echo shipped ${x('needs.prod.outputs.shipped')}" }] }
`,
      { files },
    )
    expect(jobs(done)).toEqual(['dev / ship: success', 'prod / ship: success', 'tell: success'])
    expect(latest(done).jobs.map(({ environment }) => environment)).toEqual(['dev', 'production', undefined])
    expect(logOf(done, 'tell')).toContain('shipped production-1')
    expect(latest(done).jobs[0]!.steps[1]).toMatchObject({ name: 'Dry', conclusion: 'skipped' })
  })

  it('a missing called workflow ends the run before its first job', async () => {
    const done = await run('  dev: { uses: ./.github/workflows/nowhere.yml }\n')
    expect(latest(done)).toMatchObject({ conclusion: 'startup_failure', jobs: [] })
  })

  it('a called workflow of another repository does nothing, and the log says so', async () => {
    const done = await run('  dev: { uses: myorg/workflows/.github/workflows/ship.yml@main }\n')
    expect(jobs(done)).toEqual(['dev: success'])
    expect(logOf(done, 'dev')).toContain('The sandbox does not support: myorg/workflows')
  })
})

describe('environments', () => {
  it('environments are listed, and created if a job names a new one', async () => {
    await run(
      '  deploy: { environment: { name: staging, url: "https://a.example.com" }, steps: [{ run: echo a }] }\n',
    )
    const { data } = await client().repos.getAllEnvironments(blogApi)
    expect(data.environments!.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['dev', 'production', 'staging']),
    )
    expect(data.total_count).toBe(data.environments!.length)
  })

  it('names of environments are case-insensitive', async () => {
    const { data } = await client().repos.getEnvironment({ ...blogApi, environment_name: 'PRODUCTION' })
    expect(data.name).toBe('production')
  })

  it('a gate blocks one job while others continue', async () => {
    const production = world().repository().environment('production')!
    production.reviewers = [account('twokey-bot')]
    const text =
      'on: workflow_dispatch\njobs:\n  prod: { environment: production, steps: [{ run: echo a }] }\n  dev: { environment: dev, steps: [{ run: echo b }] }\n'
    world().push('main', { message: 'Both at once', files: { [path]: text } })
    const begun = world().startRun({ workflow: 'team.yml', event: 'workflow_dispatch' })
    await world().until(() => latest(begun).jobs[1]?.conclusion === 'success')
    expect(latest(begun)).toMatchObject({ status: 'waiting' })
    world().cancelRun(begun.id)
    expect(await ended(world(), begun)).toBe('cancelled')
    production.reviewers = []
  })
})

describe('unsupported steps', () => {
  it('an unsupported step does nothing, and the log says so', async () => {
    const done = await run(`
  test:
    steps:
      - uses: actions/setup-node@v6
      - run: |
          npm ci
          echo after
      - { shell: python, run: print(1) }
      - run: tags=(a b)
`)
    expect(jobs(done)).toEqual(['test: success'])
    const log = logOf(done, 'test')
    for (const undone of [
      'actions/setup-node@v6',
      'npm ci',
      'a script of python',
      'a script with unsupported syntax',
    ])
      expect(log).toContain(`The sandbox does not support: ${undone}`)
    expect(log).toContain('after')
  })
})
