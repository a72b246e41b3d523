import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { WorkflowNote } from '../../src/release/inputs.ts'
import type { Content } from '../../src/sandbox/github/git.ts'
import { deployPath, deployWorkflow } from '../../src/sandbox/github/workflow-file.ts'
import { bindingRules } from '../release/bound.ts'
import { onStage, repository, routes, workflow } from './stage.ts'

const stage = onStage()

const on = (text: string) => `\${{ ${text} }}`
const full = 'c0ffee'.repeat(7).slice(0, 40)
const digest = `sha256:${'ab'.repeat(32)}`

type Files = Readonly<Record<string, Content | null>>

/** A workflow that takes the commit by an input, so that its run may start on another. */
const takingSha = 'on: { workflow_dispatch: { inputs: { sha: { required: true } } } }'
/** One that takes none: its run must start on the approved commit. */
const takingNone = 'on: workflow_dispatch'

/** A job with these steps, each a line of YAML. */
function job(...steps: readonly string[]): string {
  return `jobs:\n  ship:\n    runs-on: ubuntu-latest\n    steps:\n${steps.map((step) => `      - ${step}\n`).join('')}`
}

const checkout = `uses: actions/checkout@${full}`
const approved = `{ uses: actions/checkout@${full}, with: { ref: "${on('inputs.sha')}" } }`
const composite = (...steps: readonly string[]) =>
  `runs:\n  using: composite\n  steps:\n${steps.map((step) => `    - ${step}\n`).join('')}`

/** What an inspection of the tip says that its workflow runs. @param ref the commit that is asked for; null: the tip */
async function sources(text: string, files: Files = {}, ref: string | null = null) {
  stage.sandbox.world.push('main', { message: 'CI', files: { [deployPath]: text, ...files } })
  return inspected(ref)
}

async function inspected(ref: string | null = null) {
  const found = await stage.connect().inspect({
    repository,
    workflow,
    branch: 'main',
    ref,
    running: [null],
    rules: (sha) => bindingRules({ values: { ...bindingRules().values, sha } }),
  })
  if ('refused' in found) throw new Error(found.refused.sentence)
  const { paths, notes } = found.tip
  return { paths, notes: notes.filter(isOfSources) }
}

function isOfSources({ note }: WorkflowNote): boolean {
  return ['not-bound', 'checkout-not-bound', 'leads-outside', 'not-read'].includes(note)
}

/** The object at a path of the tip. */
function object(path: string): string {
  const { git } = stage.sandbox.world.repository()
  return git.walk(git.tip('heads/main')!.tree).find((entry) => entry.path === path)!.sha
}

const ofTip = (jobs: readonly string[] = ['ship']) => ({
  note: 'checkout-not-bound',
  repository,
  ref: null,
  jobs,
})

describe('what a workflow runs from elsewhere', () => {
  test.each([
    ['an action by a branch', 'myorg/shared/ship@main'],
    ['an action by a tag', 'aws-actions/configure-aws-credentials@v5'],
    ['an action by a short commit', 'aws-actions/amazon-ecr-login@062b18b'],
    ['an image by a tag', 'docker://alpine:3.20'],
  ])('%s is not bound', async (_, uses) => {
    const { notes } = await sources(`${takingSha}\n${job(`uses: ${uses}`)}`)
    expect(notes).toEqual([{ note: 'not-bound', uses: [uses] }])
  })

  test.each([
    ['an action by a full commit', `myorg/shared/ship@${full}`],
    ['an image by its digest', `docker://alpine@${digest}`],
  ])('%s is bound', async (_, uses) => {
    expect(await sources(`${takingSha}\n${job(`uses: ${uses}`)}`)).toEqual({ paths: [], notes: [] })
  })

  test('of reusable workflows a full commit is bound, and those of the repository itself are read', async () => {
    const text = `${takingSha}
jobs:
  one: { uses: myorg/shared/.github/workflows/ship.yml@${full} }
  two: { uses: myorg/shared/.github/workflows/ship.yml@v2 }
  three: { uses: ./.github/workflows/inner.yml }
`
    const inner = `on: workflow_call\n${job('uses: other/inner@v1')}`
    const { notes } = await sources(text, { '.github/workflows/inner.yml': inner })
    expect(notes).toEqual([
      { note: 'not-bound', uses: ['myorg/shared/.github/workflows/ship.yml@v2', 'other/inner@v1'] },
    ])
  })

  test('those of the same owner come first, those of GitHub last, each once', async () => {
    const steps = [
      'actions/setup-node@v6',
      'docker/login-action@v3',
      'MyOrg/shared@main',
      'docker/login-action@v3',
    ]
    const { notes } = await sources(`${takingSha}\n${job(...steps.map((uses) => `uses: ${uses}`))}`)
    expect(notes).toMatchObject([
      { uses: ['MyOrg/shared@main', 'docker/login-action@v3', 'actions/setup-node@v6'] },
    ])
  })

  test('images of the containers that a job runs in count, too', async () => {
    const text = `${takingSha}
jobs:
  ship:
    container: { image: node:24 }
    services: { db: { image: "postgres@${digest}" }, cache: { image: "redis:${on('matrix.redis')}" } }
    steps: []
`
    const { notes } = await sources(text)
    expect(notes).toEqual([
      { note: 'not-bound', uses: ['docker://node:24', `docker://redis:${on('matrix.redis')}`] },
    ])
  })

  test('steps and jobs that are surely left out do not count', async () => {
    const text = `${takingSha}
jobs:
  other: { if: "${on("github.event_name == 'push'")}", uses: a/b/.github/workflows/c.yml@v1 }
  ship:
    steps:
      - { uses: myorg/shared@main, if: "inputs.sha == ''" }
`
    expect((await sources(text)).notes).toEqual([])
  })
})

describe('actions of the repository outside .github', () => {
  const ship = composite('uses: myorg/shared/ship@main', '{ shell: bash, run: "curl https://example.com" }')

  test('that run from the tip are bound by their folder, and what they use is said', async () => {
    const found = await sources(`${takingSha}\n${job(checkout, 'uses: ./ci/ship')}`, {
      'ci/ship/action.yml': ship,
    })
    expect(found).toEqual({
      paths: [{ path: 'ci/ship', sha: object('ci/ship') }],
      notes: [{ note: 'not-bound', uses: ['myorg/shared/ship@main'] }, ofTip()],
    })
    stage.sandbox.world.push('main', { message: 'Ship', files: { 'ci/ship/run.sh': 'echo\n' } })
    expect((await inspected()).paths[0]?.sha).not.toBe(found.paths[0]?.sha)
  })

  test('are bound with those that they use themselves, and with files beside their folder', async () => {
    const { paths, notes } = await sources(`${takingSha}\n${job(checkout, 'uses: ./ci/ship')}`, {
      'ci/ship/action.yaml': composite('uses: ./ci/inner', 'uses: ./.github/actions/done'),
      'ci/inner/action.yml': 'runs: { using: node24, main: ../lib/index.js, post: dist/post.js }',
      'ci/lib/index.js': '// ship\n',
      '.github/actions/done/action.yml': composite('uses: other/notify@v1'),
    })
    expect(paths.map(({ path }) => path)).toEqual(['ci/inner', 'ci/lib/index.js', 'ci/ship'])
    expect(notes).toContainEqual({ note: 'not-bound', uses: ['other/notify@v1'] })
  })

  test('that run from the approved commit are bound by it, and read in it', async () => {
    const { world } = stage.sandbox
    const text = `${takingSha}\n${job(approved, 'uses: ./ci/ship')}`
    const files = { [deployPath]: text, 'ci/ship/action.yml': composite('uses: other/first@v1') }
    const commit = world.push('main', { message: 'First', files })
    const later = await sources(text, { 'ci/ship/action.yml': composite('uses: other/second@v1') }, commit)
    expect(later).toEqual({ paths: [], notes: [{ note: 'not-bound', uses: ['other/first@v1'] }] })
  })

  test('are bound by the commit where the run must start on it', async () => {
    const found = await sources(
      `${takingNone}\n${job(checkout, 'uses: ./ci/ship', 'run: ./ci/ship/run.sh')}`,
      {
        'ci/ship/action.yml': composite('run: make'),
        'ci/ship/run.sh': 'echo\n',
      },
    )
    expect(found).toEqual({ paths: [], notes: [] })
  })

  test('that are not there are bound as such, and said', async () => {
    const { paths, notes } = await sources(`${takingSha}\n${job(checkout, 'uses: ./ci/gone')}`)
    expect(paths).toEqual([{ path: 'ci/gone', sha: null }])
    expect(notes).toContainEqual({
      note: 'not-read',
      what: 'ci/gone',
      why: expect.stringContaining('no such action'),
    })
  })

  test('that use one another without end are read once each level, and no deeper than GitHub goes', async () => {
    const { paths, notes } = await sources(`${takingSha}\n${job(checkout, 'uses: ./ci/a')}`, {
      'ci/a/action.yml': composite('uses: ./ci/b', 'uses: ./ci/b', 'uses: ./ci/b'),
      'ci/b/action.yml': composite('uses: ./ci/a', 'uses: ./ci/a', 'uses: ./ci/a'),
    })
    expect(paths.map(({ path }) => path)).toEqual(['ci/a', 'ci/b'])
    expect(notes).toContainEqual({
      note: 'not-read',
      what: './ci/a',
      why: expect.stringContaining('too many'),
    })
    expect(stage.statuses(routes.tree).length).toBeLessThan(10)
  })

  test('whose file cannot be read are said', async () => {
    const { notes } = await sources(`${takingSha}\n${job(checkout, 'uses: ./ci/ship')}`, {
      'ci/ship/action.yml': `runs: {using: composite, steps: []}\n# ${'x'.repeat(101 * 1024)}\n`,
    })
    expect(notes).toContainEqual({
      note: 'not-read',
      what: 'ci/ship',
      why: expect.stringContaining('100 KiB'),
    })
  })

  test('that are a Dockerfile are bound, and their base image by tag is said where action.yml names it', async () => {
    const { paths, notes } = await sources(
      `${takingSha}\n${job(checkout, 'uses: ./ci/built', 'uses: ./ci/pulled')}`,
      {
        'ci/built/Dockerfile': 'FROM alpine\n',
        'ci/pulled/action.yml': 'runs: { using: docker, image: "docker://alpine:3.20" }',
      },
    )
    expect(paths.map(({ path }) => path)).toEqual(['ci/built', 'ci/pulled'])
    expect(notes).toContainEqual({ note: 'not-bound', uses: ['docker://alpine:3.20'] })
  })
})

describe('files that scripts and settings name', () => {
  const files = {
    'ci/ship.sh': 'echo\n',
    'ci/Makefile': 'all:\n',
    'scripts/deploy.py': 'print()\n',
    'ecs/task.json': '{}\n',
    'ecs/prod/task.json': '{}\n',
    'README.md': '# blog\n',
  }

  test.each<[string, string, readonly string[]]>([
    ['a script', 'run: ./ci/ship.sh production', ['ci/ship.sh']],
    ['a script of an interpreter', 'run: python scripts/deploy.py --all', ['scripts/deploy.py']],
    ['a script at the workspace', 'run: bash "$GITHUB_WORKSPACE/ci/ship.sh"', ['ci/ship.sh']],
    ['a script by the context', `run: bash ${on('github.workspace')}/ci/ship.sh`, ['ci/ship.sh']],
    ['a folder that a command goes to', 'run: make -C ci', ['ci']],
    ['a folder that the script goes to', 'run: cd ci && make', ['ci']],
    ['the folder that the step works in', '{ run: ./ship.sh, working-directory: ci }', ['ci', 'ci/ship.sh']],
    ['the input of an action', `{ uses: a/b@${full}, with: { file: ecs/task.json } }`, ['ecs/task.json']],
    ['a variable', '{ run: "ship $FILE", env: { FILE: ecs/task.json } }', ['ecs/task.json']],
    [
      'an expression that is known',
      `run: ship ecs/${on("format('{0}', 'prod')")}/task.json`,
      ['ecs/prod/task.json'],
    ],
    ['a way around', 'run: sh ecs/../ci/./ship.sh', ['ci/ship.sh']],
    ['what lies in .github', 'run: sh .github/ship.sh', []],
    ['what is not there', 'run: sh ci/none.sh', []],
    ['an address', 'run: curl https://ci/ship.sh', []],
    ['a way out of the workspace', 'run: sh ../ci/ship.sh /ci/ship.sh', []],
    ['the whole workspace', 'run: docker build .', []],
    ['an expression that is known only in the run', `run: ship ecs/${on('matrix.env')}/task.json`, []],
  ])('%s: bound where it exists', async (_, step, expected) => {
    const { paths } = await sources(`${takingSha}\n${job(checkout, step)}`, {
      ...files,
      '.github/ship.sh': 'echo\n',
    })
    expect(paths).toEqual(expected.map((path) => ({ path, sha: object(path) })))
  })

  test('a workflow’s own variables and working directory count', async () => {
    const text = `${takingSha}
env: { TASK: ecs/task.json }
defaults: { run: { working-directory: ci } }
${job(checkout, 'run: ./ship.sh')}`
    const { paths } = await sources(text, files)
    expect(paths.map(({ path }) => path)).toEqual(['ci', 'ci/ship.sh', 'ecs/task.json'])
  })

  test('an action’s own files are in its folder, and others that it names are bound', async () => {
    const { paths } = await sources(`${takingSha}\n${job(checkout, 'uses: ./ci')}`, {
      ...files,
      'ci/action.yml': composite(
        '{ shell: bash, run: "$GITHUB_ACTION_PATH/ship.sh" }',
        `{ shell: bash, run: "python ${on('github.action_path')}/../scripts/deploy.py" }`,
      ),
    })
    expect(paths.map(({ path }) => path)).toEqual(['ci', 'ci/ship.sh', 'scripts/deploy.py'])
  })

  test('without a checkout there are none', async () => {
    expect((await sources(`${takingSha}\n${job('run: ./ci/ship.sh')}`, files)).paths).toEqual([])
  })

  test('of a long workflow that is called again and again a part is read, and it is said', async () => {
    const calls = Array.from(
      { length: 10 },
      (_, at) => `  job${at}: { uses: ./.github/workflows/long.yml }\n`,
    )
    const { notes } = await sources(`${takingSha}\njobs:\n${calls.join('')}`, {
      '.github/workflows/long.yml': `on: workflow_call\n${job(checkout, `run: "${'echo ship '.repeat(9_000)}"`)}`,
    })
    expect(notes).toContainEqual({
      note: 'not-read',
      what: 'scripts',
      why: expect.stringContaining('too long'),
    })
  })

  test('an expression that is never closed is text', async () => {
    const { paths } = await sources(
      `${takingSha}\n${job(checkout, 'run: "ci/ship.sh ${{ ${{ ecs/task.json"')}`,
      files,
    )
    expect(paths.map(({ path }) => path)).toEqual(['ci/ship.sh', 'ecs/task.json'])
  })

  test('a hundred files are not all bound, and it is said', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`ci/${index}.sh`, `${index}\n`]),
    )
    const { paths, notes } = await sources(
      `${takingSha}\n${job(checkout, `run: ${Object.keys(many).join(' ')}`)}`,
      many,
    )
    expect(paths).toHaveLength(50)
    expect(notes.some(({ note }) => note === 'not-read')).toBe(true)
  })
})

describe('what a job checks out', () => {
  const files = { 'ci/ship.sh': 'echo\n' }
  const script = 'run: ./ci/ship.sh'
  const at = (ref: string) => `{ uses: actions/checkout@${full}, with: { ref: "${ref}" } }`

  test.each([
    ['the input', on('inputs.sha')],
    ['the input of the event', on('github.event.inputs.sha')],
    ['the input or the run’s own commit', on('inputs.sha || github.sha')],
  ])('%s is the approved commit', async (_, ref) => {
    expect(await sources(`${takingSha}\n${job(at(ref), script)}`, files)).toEqual({ paths: [], notes: [] })
  })

  test('a variable that no script sets is as good as the input', async () => {
    const variable = `env: { SHA: "${on('inputs.sha')}" }`
    const good = await sources(`${takingSha}\n${variable}\n${job(at(on('env.SHA')), script)}`, files)
    expect(good.notes).toEqual([])
    const set = 'run: echo SHA=main >> $GITHUB_ENV'
    const bad = await sources(`${takingSha}\n${variable}\n${job(set, at(on('env.SHA')), script)}`, files)
    expect(bad.notes).toEqual([
      { note: 'checkout-not-bound', repository, ref: on('env.SHA'), jobs: ['ship'] },
    ])
  })

  test.each([
    ['nothing', ''],
    ['the run’s own commit', on('github.sha')],
  ])('%s is the tip, of which the named paths alone are bound', async (_, ref) => {
    expect(await sources(`${takingSha}\n${job(at(ref), script)}`, files)).toEqual({
      paths: [{ path: 'ci/ship.sh', sha: object('ci/ship.sh') }],
      notes: [ofTip()],
    })
  })

  test.each([
    ['a branch', 'main', 'main'],
    ['the branch of the run', on('github.ref_name'), 'main'],
    ['what is known only in the run', on('steps.pick.outputs.ref'), on('steps.pick.outputs.ref')],
  ])('%s may be anything by then', async (_, ref, said) => {
    for (const trigger of [takingSha, takingNone])
      expect(await sources(`${trigger}\n${job(at(ref), script)}`, files)).toEqual({
        paths: [],
        notes: [{ note: 'checkout-not-bound', repository, ref: said, jobs: ['ship'] }],
      })
  })

  test('another repository is said, but by a full commit', async () => {
    const other = (ref: string) =>
      `{ uses: actions/checkout@${full}, with: { repository: myorg/tools, path: tools${ref} } }`
    const { paths, notes } = await sources(
      `${takingSha}\n${job(approved, other(', ref: v1'), 'uses: ./tools/ship', 'run: ./ci/ship.sh')}`,
      files,
    )
    expect(paths).toEqual([])
    expect(notes).toEqual([
      { note: 'checkout-not-bound', repository: 'myorg/tools', ref: 'v1', jobs: ['ship'] },
    ])
    expect(await sources(`${takingSha}\n${job(approved, other(`, ref: ${full}`))}`)).toMatchObject({
      notes: [],
    })
  })

  test('into a folder of its own: paths there are the repository’s', async () => {
    const step = `{ uses: actions/checkout@${full}, with: { path: tip } }`
    const { paths } = await sources(
      `${takingSha}\n${job(approved, step, 'run: tip/ci/ship.sh', 'run: ci/other.sh')}`,
      { ...files, 'ci/other.sh': 'echo\n' },
    )
    expect(paths.map(({ path }) => path)).toEqual(['ci/ship.sh'])
  })

  test('a checkout of the commit that may be left out does not hide the one before', async () => {
    const perhaps = `{ uses: actions/checkout@${full}, if: "steps.pick.outputs.yes", with: { ref: "${on('inputs.sha')}" } }`
    const { paths } = await sources(`${takingSha}\n${job(checkout, perhaps, script)}`, files)
    expect(paths.map(({ path }) => path)).toEqual(['ci/ship.sh'])
  })
})

describe('what leads out of the tree', () => {
  test('a symlink or a submodule on a named path, or in a named folder or .github, is said', async () => {
    const { notes } = await sources(
      `${takingSha}\n${job(checkout, 'uses: ./ci/ship', 'run: ./linked/x.sh && ./vendor/ship.sh')}`,
      {
        'ci/ship/action.yml': composite('run: make'),
        'ci/ship/lib': { symlink: '../../lib' },
        linked: { symlink: 'scripts' },
        vendor: { submodule: full },
        '.github/actions/out': { symlink: '../../ci/ship' },
        '.github/copilot-instructions.md': { symlink: '../README.md' },
      },
    )
    const links = notes.filter(({ note }) => note === 'leads-outside')
    expect(links).toHaveLength(4)
    for (const [kind, path] of [
      ['symlink', 'ci/ship/lib'],
      ['symlink', 'linked'],
      ['submodule', 'vendor'],
      ['symlink', '.github/actions/out'],
    ])
      expect(links).toContainEqual({ note: 'leads-outside', kind, path })
  })

  test('in the approved commit they are bound with it', async () => {
    const { notes } = await sources(`${takingSha}\n${job(approved, 'run: ./linked/x.sh')}`, {
      linked: { symlink: 'scripts' },
      '.github/actions/out': { symlink: '../../ci/ship' },
    })
    expect(notes).toEqual([])
  })

  test('a folder of which GitHub lists a part alone is said', async () => {
    const text = `${takingSha}\n${job(checkout, 'run: make -C ci')}`
    stage.sandbox.world.push('main', {
      message: 'CI',
      files: { [deployPath]: text, 'ci/Makefile': 'all:\n' },
    })
    const { git } = stage.sandbox.world.repository()
    const root = git.trees.get(git.tip('heads/main')!.tree)!
    stage.sandbox.faults.queue(routes.tree, {
      kind: 'answer',
      status: 200,
      body: { sha: full, url: 'https://example.com', truncated: false, tree: root },
    })
    stage.sandbox.faults.queue(routes.tree, {
      kind: 'answer',
      status: 200,
      body: { sha: full, url: 'https://example.com', truncated: true, tree: [] },
    })
    const { notes } = await inspected()
    expect(notes).toContainEqual({ note: 'not-read', what: 'ci', why: expect.stringContaining('more files') })
  })
})

describe('the head of a run', () => {
  const files = { 'ci/ship/action.yml': composite('run: make') }
  const head = (part: Parameters<typeof stage.head>[0]) =>
    stage.connect().headTree(stage.head({ paths: ['ci/ship'], ...part }))

  test('carries the paths as they are there', async () => {
    const { world } = stage.sandbox
    const tip = world.push('main', { message: 'CI', files })
    const sha = world.push('main', { message: 'More' })
    expect(await head({ tip, sha })).toEqual({
      githubTree: object('.github'),
      paths: [{ path: 'ci/ship', sha: object('ci/ship') }],
      onBranch: true,
    })
    const gone = world.push('main', { message: 'Gone', files: { 'ci/ship/action.yml': null } })
    expect(await head({ tip, sha: gone })).toMatchObject({ paths: [{ sha: null }] })
  })

  test('that did not follow the tip of the last look is not on the branch: somebody rewrote it', async () => {
    const { world } = stage.sandbox
    const { git } = world.repository()
    const [tip, before] = stage.shas() as [string, string]
    git.refs.set('heads/main', { type: 'commit', sha: before })
    const sha = world.push('main', { message: 'Instead' })
    expect(await head({ tip, sha })).toMatchObject({ onBranch: false })
    git.refs.set('heads/main', { type: 'commit', sha: tip })
    expect(await head({ tip, sha })).toMatchObject({ onBranch: false })
  })

  test('that GitHub does not show on the branch yet, or any more, is not told', async () => {
    const { world } = stage.sandbox
    const tip = stage.tip()
    const sha = world.push('main', { message: 'Next' })
    world.repository().git.refs.set('heads/main', { type: 'commit', sha: tip })
    await expect(head({ tip, sha })).rejects.toMatchObject({ kind: 'passing' })
  })
})

test('the form of docs/workflow.md has everything bound', async () => {
  const page = readFileSync(new URL('../../docs/workflow.md', import.meta.url), 'utf8')
  const [text, ...more] = [...page.matchAll(/```yaml\n(name: deploy\n[^`]*)```/g)].flatMap(([, yaml]) =>
    yaml?.includes('jobs:') ? [yaml] : [],
  )
  expect(more).toEqual([])
  const found = await sources(text!, {
    '.github/actions/build/action.yml': composite('{ shell: bash, run: docker build . }'),
    '.github/actions/update-service/action.yml': composite('{ shell: bash, run: ./scripts/update.sh }'),
    'scripts/migrate.sh': 'echo\n',
    'scripts/update.sh': 'echo\n',
  })
  expect(found).toEqual({ paths: [], notes: [] })
  const elsewhere = await sources(text!.replace(`ref: ${on('inputs.sha')}`, 'ref: main'))
  expect(elsewhere.notes).toMatchObject([{ note: 'checkout-not-bound', ref: 'main' }])
})

test('the sandbox’s deploy workflow has everything bound', async () => {
  expect(await sources(deployWorkflow())).toEqual({ paths: [], notes: [] })
})
