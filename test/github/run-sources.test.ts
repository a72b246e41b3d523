import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { gitHubForEach, repository, routes } from './harness.ts'
import {
  approved,
  checkout,
  composite,
  full,
  job,
  ofTip,
  on,
  Sources,
  takingNone,
  takingSha,
} from './sources.ts'

const harness = gitHubForEach()
const { of: sources, inspected, object } = new Sources(harness)

const digest = `sha256:${'ab'.repeat(32)}`

describe('what a workflow runs from other repositories', () => {
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

  test('binds a reusable workflow by its full commit, and reads those of the repository itself', async () => {
    const text = `${takingSha}
jobs:
  one: { uses: myorg/shared/.github/workflows/ship.yml@${full} }
  two: { uses: myorg/shared/.github/workflows/ship.yml@v2 }
  three: { uses: ./.github/workflows/inner.yml }
`
    const inner = `on: workflow_call\n${job('uses: other/inner@v1')}`
    const { notes } = await sources(text, { '.github/workflows/inner.yml': inner })
    expect(notes).toEqual([
      { note: 'not-bound', uses: ['other/inner@v1', 'myorg/shared/.github/workflows/ship.yml@v2'] },
    ])
  })

  test('lists little-known owners first, then the own owner, then well-known ones, each once', async () => {
    const steps = [
      'actions/checkout@v4',
      'aws-actions/configure-aws-credentials@v4',
      'aws-actions/amazon-ecr-login@v2',
      'docker://alpine:3.20',
      'docker/login-action@v3',
      'MyOrg/shared@main',
      'evil/ship@main',
      'docker/login-action@v3',
    ]
    const { notes } = await sources(`${takingNone}\n${job(...steps.map((uses) => `uses: ${uses}`))}`)
    expect(notes).toMatchObject([
      {
        uses: [
          'evil/ship@main',
          'MyOrg/shared@main',
          'aws-actions/amazon-ecr-login@v2',
          'aws-actions/configure-aws-credentials@v4',
          'docker/login-action@v3',
          'docker://alpine:3.20',
          'actions/checkout@v4',
        ],
      },
    ])
  })

  test('many checkouts and inputs do not hide any other note', async () => {
    const inputs = Array.from({ length: 24 }, (_, at) => `      env_${at}: { required: false }\n`)
    const trigger = `on:\n  workflow_dispatch:\n    inputs:\n      sha: { required: true }\n${inputs.join('')}`
    const others = [...Array.from({ length: 22 }, (_, at) => `myorg/a${at}`), 'evil/x']
    const steps = others.map(
      (name) => `{ uses: actions/checkout@${full}, with: { repository: ${name}, path: ${name} } }`,
    )
    const { notes } = await sources(`${trigger}${job(...steps)}`)
    expect(notes).toHaveLength(23)
    expect(notes[0]).toMatchObject({ note: 'checkout-not-bound', repository: 'evil/x' })
  })

  test('lists at most 200 of a kind, and says so', async () => {
    const steps = Array.from({ length: 210 }, (_, at) => `uses: myorg/a${at}@v1`)
    const { notes } = await sources(`${takingSha}\n${job(...steps)}`)
    expect(notes).toMatchObject([{ uses: { length: 200 } }, { note: 'not-read', what: 'the rest' }])
  })

  test('includes images of the containers of a job', async () => {
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

  const brought = '{"db":{"image":"evil/x:1"},"cache":"evil/y:1"}'
  test.each([
    ['container', on(`fromJSON('{"image":"evil/x:1","env":{"A":"b"}}')`), ['evil/x:1']],
    ['container', `"${on('matrix.image')}"`, [on('matrix.image')]],
    ['services', on(`fromJSON('${brought}')`), ['evil/x:1', 'evil/y:1']],
    ['services', on('fromJSON(vars.SERVICES)'), [on('fromJSON(vars.SERVICES)')]],
    ['services', `{ "${on('insert')}": "${on('fromJSON(vars.X)')}" }`, [on('fromJSON(vars.X)')]],
  ])('accepts one expression for the %s: %s', async (key, value, images) => {
    const { notes } = await sources(`${takingSha}\njobs:\n  ship:\n    ${key}: ${value}\n    steps: []\n`)
    expect(notes).toEqual([{ note: 'not-bound', uses: images.map((image) => `docker://${image}`) }])
  })

  test('includes steps that run beside others', async () => {
    const steps = [
      'parallel: [{ uses: evil/ship@main }, { run: make }]',
      '{ uses: evil/x@v1, background: true }',
    ]
    const { notes } = await sources(`${takingSha}\n${job(...steps, 'wait-all:')}`)
    expect(notes).toEqual([{ note: 'not-bound', uses: ['evil/ship@main', 'evil/x@v1'] }])
  })

  test('notes a step in an unknown form', async () => {
    const { notes } = await sources(`${takingSha}\n${job('{ name: x, script: ship }', '{ wait: x, id: y }')}`)
    expect(notes).toEqual([{ note: 'not-read', what: 'script of a step', why: expect.any(String) }])
  })

  test('ignores steps and jobs that are certainly skipped', async () => {
    const text = `${takingSha}
jobs:
  other: { if: "${on("github.event_name == 'push'")}", uses: a/b/.github/workflows/c.yml@v1 }
  ship:
    steps:
      - { uses: myorg/shared@main, if: "inputs.sha == ''" }
`
    expect((await sources(text)).notes).toEqual([])
  })

  test.each([
    ['compares the run’s own commit', 'github.sha == inputs.sha'],
    ['compares the commit of the workflow', 'inputs.sha == github.workflow_sha'],
    ['asks what the run’s own commit begins with', "startsWith(github.sha, 'c0ffee')"],
    ['asks where the workspace is', "startsWith(github.workspace, '/')"],
    ['asks for a variable that holds the run’s own commit', 'env.TAG == inputs.sha'],
    ['asks for a variable by another case', "env.tag == ''"],
  ])('includes a step whose condition %s, which only the run knows', async (_, condition) => {
    const text = `${takingSha}\nenv: { TAG: "${on('github.sha')}" }`
    const { notes } = await sources(`${text}\n${job(`{ if: "${condition}", uses: evil/ship@main }`)}`)
    expect(notes).toEqual([{ note: 'not-bound', uses: ['evil/ship@main'] }])
  })
})

describe('actions of the repository outside .github', () => {
  const ship = composite('uses: myorg/shared/ship@main', '{ shell: bash, run: "curl https://example.com" }')

  test('binds the folder of an action that runs from the tip, and notes what it uses', async () => {
    const found = await sources(`${takingSha}\n${job(checkout, 'uses: ./ci/ship')}`, {
      'ci/ship/action.yml': ship,
    })
    expect(found).toEqual({
      paths: [{ path: 'ci/ship', sha: object('ci/ship') }],
      notes: [{ note: 'not-bound', uses: ['myorg/shared/ship@main'] }, ofTip()],
    })
    harness.sandbox.world.push('main', { message: 'Ship', files: { 'ci/ship/run.sh': 'echo\n' } })
    expect((await inspected()).paths[0]?.sha).not.toBe(found.paths[0]?.sha)
  })

  test('binds actions with the actions that they use and the files beside their folder', async () => {
    const { paths, notes } = await sources(`${takingSha}\n${job(checkout, 'uses: ./ci/ship')}`, {
      'ci/ship/action.yaml': composite('uses: ./ci/inner', 'uses: ./.github/actions/done'),
      'ci/inner/action.yml': 'runs: { using: node24, main: ../lib/index.js, post: dist/post.js }',
      'ci/lib/index.js': '// ship\n',
      '.github/actions/done/action.yml': composite('uses: other/notify@v1'),
    })
    expect(paths.map(({ path }) => path)).toEqual(['ci/inner', 'ci/lib/index.js', 'ci/ship'])
    expect(notes).toContainEqual({ note: 'not-bound', uses: ['other/notify@v1'] })
  })

  test('actions from the approved commit are bound by it and read in it', async () => {
    const { world } = harness.sandbox
    const text = `${takingSha}\n${job(approved, 'uses: ./ci/ship')}`
    const files = { [deployPath]: text, 'ci/ship/action.yml': composite('uses: other/first@v1') }
    const commit = world.push('main', { message: 'First', files })
    const later = await sources(text, { 'ci/ship/action.yml': composite('uses: other/second@v1') }, commit)
    expect(later).toEqual({ paths: [], notes: [{ note: 'not-bound', uses: ['other/first@v1'] }] })
  })

  test('actions are bound by the commit if the run must start on it', async () => {
    const found = await sources(
      `${takingNone}\n${job(checkout, 'uses: ./ci/ship', 'run: ./ci/ship/run.sh')}`,
      {
        'ci/ship/action.yml': composite('run: make'),
        'ci/ship/run.sh': 'echo\n',
      },
    )
    expect(found).toEqual({ paths: [], notes: [] })
  })

  test.each([
    ['in the root of the approved commit', approved, './'],
    [
      'in the folder of a checkout',
      `{ uses: actions/checkout@${full}, with: { ref: "${on('inputs.sha')}", path: .ci } }`,
      './.ci',
    ],
  ])('reads actions %s', async (_, step, uses) => {
    const found = await sources(`${takingSha}\n${job(step, `uses: ${uses}`)}`, { 'action.yml': ship })
    expect(found).toEqual({ paths: [], notes: [{ note: 'not-bound', uses: ['myorg/shared/ship@main'] }] })
  })

  test('binds only the files of an action in the root that say what it runs', async () => {
    const text = `${takingSha}\n${job(checkout, 'uses: ./')}`
    const script = composite('{ shell: bash, run: "$GITHUB_ACTION_PATH/ci/run.sh" }')
    const steps = await sources(text, { 'action.yaml': script, 'ci/run.sh': 'echo\n' })
    // An `action.yml` would take precedence.
    expect(steps.paths).toEqual([
      { path: 'action.yaml', sha: object('action.yaml') },
      { path: 'action.yml', sha: null },
      { path: 'ci/run.sh', sha: object('ci/run.sh') },
    ])
    const main = 'runs: { using: node24, main: dist/index.js }'
    const { paths, notes } = await sources(text, { 'action.yml': main, 'dist/index.js': '// ship\n' })
    expect(paths.map(({ path }) => path)).toEqual(['action.yml', 'dist/index.js'])
    expect(notes).toEqual([ofTip()])
  })

  test('reads actions of a commit that the workflow names in full', async () => {
    const { world } = harness.sandbox
    const old = world.push('main', { message: 'Old', files: { 'ci/ship/action.yml': ship } })
    const step = `{ uses: actions/checkout@${full}, with: { ref: ${old} } }`
    const found = await sources(`${takingSha}\n${job(step, 'uses: ./ci/ship')}`, {
      'ci/ship/action.yml': composite('{ shell: bash, run: make }'),
    })
    expect(found).toEqual({ paths: [], notes: [{ note: 'not-bound', uses: ['myorg/shared/ship@main'] }] })
  })

  test.each([
    ['of the workspace', './../blog-api/ci/ship'],
    ['of the repository', '$/../ci/ship'],
  ])('notes actions outside of the folder %s', async (_, uses) => {
    const { notes } = await sources(`${takingSha}\n${job(approved, `uses: ${uses}`)}`)
    expect(notes).toEqual([{ note: 'not-read', what: uses, why: expect.stringContaining('outside') }])
  })

  test('reads paths with Windows slashes', async () => {
    const { notes } = await sources(`${takingSha}\n${job(approved, "uses: '.\\ci\\ship'")}`, {
      'ci/ship/action.yml': ship,
    })
    expect(notes).toEqual([{ note: 'not-bound', uses: ['myorg/shared/ship@main'] }])
  })

  test('notes actions of a commit that does not exist, and continues', async () => {
    const step = `{ uses: actions/checkout@${full}, with: { ref: ${full} } }`
    expect(await sources(`${takingSha}\n${job(step, 'uses: ./ci/ship')}`)).toEqual({
      paths: [],
      notes: [{ note: 'not-read', what: 'ci/ship', why: expect.stringContaining('no such action') }],
    })
  })

  test('binds missing actions as missing, and notes them', async () => {
    const { paths, notes } = await sources(`${takingSha}\n${job(checkout, 'uses: ./ci/gone')}`)
    expect(paths).toEqual([{ path: 'ci/gone', sha: null }])
    expect(notes).toContainEqual({
      note: 'not-read',
      what: 'ci/gone',
      why: expect.stringContaining('no such action'),
    })
  })

  test('reads actions that use one another endlessly once per level, up to the limit of GitHub', async () => {
    const { paths, notes } = await sources(`${takingSha}\n${job(checkout, 'uses: ./ci/a')}`, {
      'ci/a/action.yml': composite('uses: ./ci/b', 'uses: ./ci/b', 'uses: ./ci/b'),
      'ci/b/action.yml': composite('uses: ./ci/a', 'uses: ./ci/a', 'uses: ./ci/a'),
    })
    expect(paths.map(({ path }) => path)).toEqual(['ci/a', 'ci/b'])
    expect(notes).toContainEqual({
      note: 'not-read',
      what: 'more actions',
      why: expect.stringContaining('too many'),
    })
    expect(harness.statuses(routes.tree).length).toBeLessThan(10)
  })

  test('notes actions whose file cannot be read', async () => {
    const { notes } = await sources(`${takingSha}\n${job(checkout, 'uses: ./ci/ship')}`, {
      'ci/ship/action.yml': `runs: {using: composite, steps: []}\n# ${'x'.repeat(101 * 1024)}\n`,
    })
    expect(notes).toContainEqual({
      note: 'not-read',
      what: 'ci/ship',
      why: expect.stringContaining('100 KiB'),
    })
  })

  test('binds Dockerfile actions, and notes their base image if action.yml names it by a tag', async () => {
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

describe('actions of the repository at the commit of the workflow, by $/', () => {
  const files = {
    'ci/x/action.yml': composite(
      'uses: evil/ship@main',
      'uses: $/ci/y',
      '{ shell: bash, run: "$GITHUB_ACTION_PATH/../lib.sh" }',
    ),
    'ci/y/action.yml': composite('uses: evil/inner@main', 'uses: ./ci/z'),
    'ci/z/action.yml': composite('uses: evil/approved@main'),
    'ci/lib.sh': 'echo\n',
    '.github/actions/y/action.yml': composite('uses: evil/y@main'),
    '.github/workflows/inner.yml': `on: workflow_call\n${job('uses: evil/called@main')}`,
  }

  test('reads actions by $/ without a checkout, and binds their folders', async () => {
    expect(
      await sources(`${takingSha}\n${job('uses: $/ci/x')}`, { ...files, 'ci/z/action.yml': null }),
    ).toEqual({
      paths: ['ci/lib.sh', 'ci/x', 'ci/y', 'ci/z'].map((path) => ({
        path,
        sha: path === 'ci/z' ? null : object(path),
      })),
      notes: [
        { note: 'not-bound', uses: ['evil/inner@main', 'evil/ship@main'] },
        { note: 'not-read', what: 'ci/z', why: expect.any(String) },
      ],
    })
  })

  test('actions by $/ run from the tip, and find the approved commit in the workspace', async () => {
    const { paths, notes } = await sources(`${takingSha}\n${job(approved, 'uses: $//ci/./x')}`, files)
    expect(paths.map(({ path }) => path)).toEqual(['ci/lib.sh', 'ci/x', 'ci/y'])
    expect(notes).toEqual([
      { note: 'not-bound', uses: ['evil/approved@main', 'evil/inner@main', 'evil/ship@main'] },
    ])
  })

  test('actions by $/ are bound by the commit if the run must start on it', async () => {
    const { paths, notes } = await sources(`${takingNone}\n${job('uses: $/ci/y')}`, files)
    expect(paths).toEqual([])
    expect(notes).toEqual([{ note: 'not-bound', uses: ['evil/approved@main', 'evil/inner@main'] }])
  })

  test('actions by $/ and called workflows in .github are bound by its tree', async () => {
    const text = `${takingSha}\n${job('uses: $/.github/actions/y')}  call: { uses: $/.github/workflows/inner.yml }\n`
    expect(await sources(text, files)).toEqual({
      paths: [],
      notes: [{ note: 'not-bound', uses: ['evil/called@main', 'evil/y@main'] }],
    })
  })

  test('notes actions by $/ that do not exist as they are written', async () => {
    const { notes } = await sources(`${takingSha}\n${job('uses: $/')}`)
    expect(notes).toEqual([{ note: 'not-bound', uses: ['$/'] }])
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

  const withoutExtension = {
    deploy: 'echo\n',
    Dockerfile: 'FROM scratch\n',
    'docs/go': 'echo\n',
    'ship.js': 'ship()\n',
    'ecs/index.js': 'ship()\n',
  }

  test.each<[string, string, readonly string[]]>([
    ['a script', 'run: ./ci/ship.sh production', ['ci/ship.sh']],
    ['a script of an interpreter', 'run: python scripts/deploy.py --all', ['scripts/deploy.py']],
    ['a script at the workspace', 'run: bash "$GITHUB_WORKSPACE/ci/ship.sh"', ['ci/ship.sh']],
    ['a script by the context', `run: bash ${on('github.workspace')}/ci/ship.sh`, ['ci/ship.sh']],
    ['a folder that a command goes to', 'run: make -C ci', []],
    ['a file in it', 'run: make -C ci -f ship.sh', ['ci/ship.sh']],
    ['a folder that the script goes to', 'run: cd ci && make', []],
    ['a file in it, by its name there', 'run: cd ci && ./ship.sh', ['ci/ship.sh']],
    [
      'a file in a folder of it',
      'run: cd "ecs"; cd prod; cat task.json',
      ['ecs/prod/task.json', 'ecs/task.json'],
    ],
    ['the folder that the step works in', '{ run: ./ship.sh, working-directory: ci }', ['ci/ship.sh']],
    ['a folder', 'run: docker build ./ecs', []],
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
    [
      'a part that is known only in the run',
      `run: ship ecs/${on('matrix.env')}/task.json`,
      ['ecs/prod/task.json'],
    ],
    [
      'a file as the AWS CLI takes it',
      'run: aws ecs x --cli-input-json file://ecs/task.json',
      ['ecs/task.json'],
    ],
    [
      'a binary file as the AWS CLI takes it',
      'run: aws x --zip-file fileb://ecs/task.json',
      ['ecs/task.json'],
    ],
    ['a file as curl takes it', 'run: curl -d @ecs/task.json x', ['ecs/task.json']],
    ['a script in the folder of the script', 'run: sh $PWD/ci/ship.sh', ['ci/ship.sh']],
    ['a script at the workspace in braces', `run: 'bash "\${GITHUB_WORKSPACE}"/ci/ship.sh'`, ['ci/ship.sh']],
    [
      'a script on GitHub’s machines',
      'run: sh /home/runner/work/blog-api/blog-api/ci/ship.sh',
      ['ci/ship.sh'],
    ],
    ['files of a folder', 'run: for f in ci/*.sh; do sh $f; done', ['ci/ship.sh']],
    ['one of two files', 'run: sh ci/{ship,none}.sh', ['ci/Makefile', 'ci/ship.sh']],
    ['a file by a variable of the machine', 'run: sh ci/$HOSTNAME.sh', ['ci/ship.sh']],
    ['a file of the root by a variable of the machine', 'run: cat READ$HOSTNAME.md', ['README.md']],
    ['a file by a variable in the middle', 'run: ship "ecs/$STAGE/task.json"', ['ecs/prod/task.json']],
    [
      'a file by a variable of the step in the middle',
      '{ run: ship ecs/$STAGE/task.json, env: { STAGE: prod } }',
      ['ecs/prod/task.json'],
    ],
    ['a folder by a variable of the step', `{ run: "sh \${DIR}/ship.sh", env: { DIR: ci } }`, ['ci/ship.sh']],
    [
      'a folder by a variable that begins at the workspace',
      `{ run: 'cd ecs && "\${DIR}/ship.sh"', env: { DIR: "${on('github.workspace')}/ci" } }`,
      ['ci/ship.sh'],
    ],
    ['a default of a variable', `run: sh \${X:-ci/ship.sh}`, ['ci/ship.sh']],
    ['an option with its file', 'run: docker build -fci/ship.sh .', ['ci/ship.sh']],
    ['a file that is mounted', 'run: "docker run -v ./ci/ship.sh:/x.sh alpine /x.sh"', ['ci/ship.sh']],
    ['a word with quotes in it', `run: 'sh "ci"/ship.sh'`, ['ci/ship.sh']],
    ['a file in JSON', `run: 'ship {\\"task\\":\\"ecs/task.json\\"}'`, ['ecs/task.json']],
    ['a path of Windows', '{ run: ci\\ship.sh, shell: pwsh }', ['ci/ship.sh']],
    ['a way back from another folder', 'run: cd ecs && ../ci/ship.sh', ['ci/ship.sh']],
    ['what a script is run by', '{ run: echo, shell: "bash ci/ship.sh {0}" }', ['ci/ship.sh']],
    [
      'a folder of work by a part that is known',
      `{ run: cat task.json, working-directory: "ecs/${on('matrix.x')}" }`,
      ['ecs/prod/task.json'],
    ],
    ['all of the root', 'run: cat *.json $PWD/* ./*', []],
    ['a script without an extension', 'run: sh deploy', ['deploy']],
    ['one with options', 'run: /bin/bash -eu -o pipefail deploy prod', ['deploy']],
    ['one that is handed to a shell', 'run: bash < deploy', ['deploy']],
    ['one in a text for a shell', `run: 'bash -c "sh deploy"'`, ['deploy']],
    ['one on the next line', `run: "sh \\\\\\n  deploy"`, ['deploy']],
    ['one that is read by source', 'run: source deploy', ['deploy']],
    ['one that is read by a dot', 'run: make; . deploy', ['deploy']],
    ['one in the folder that the script goes to', 'run: cd docs && sh go', ['docs/go']],
    ['one in the folder that the step works in', '{ run: sh go, working-directory: docs }', ['docs/go']],
    ['a module without its extension', 'run: node ship', ['ship.js']],
    ['a module by its folder', 'run: node ecs', ['ecs/index.js']],
    ['an argument that is a file', 'run: python -u deploy Dockerfile', ['Dockerfile', 'deploy']],
    ['a command of the same name', 'run: deploy && make Dockerfile', []],
    ['a command after another one that an interpreter runs', `run: "sh -c ls; deploy\\nDockerfile"`, []],
    ['a dot that is a folder', 'run: docker build . deploy', []],
  ])('binds %s if it exists', async (_, step, expected) => {
    const { paths } = await sources(`${takingSha}\n${job(checkout, step)}`, {
      ...files,
      '.github/ship.sh': 'echo\n',
      ...withoutExtension,
    })
    expect(paths).toEqual(expected.map((path) => ({ path, sha: object(path) })))
  })

  test('includes the variables and the working directory of the workflow', async () => {
    const text = `${takingSha}
env: { TASK: ecs/task.json }
defaults: { run: { working-directory: ci } }
${job(checkout, 'run: ./ship.sh')}`
    const { paths } = await sources(text, files)
    expect(paths.map(({ path }) => path)).toEqual(['ci/ship.sh', 'ecs/task.json'])
  })

  test('includes the shell of all scripts', async () => {
    const text = `${takingSha}\ndefaults: { run: { shell: "bash ci/ship.sh {0}" } }\n${job(checkout, 'run: echo')}`
    expect((await sources(text, files)).paths.map(({ path }) => path)).toEqual(['ci/ship.sh'])
  })

  test('binds the file in a variable even after a step that may have set it', async () => {
    const text = `${takingSha}\nenv: { DIR: ci }\n${job(checkout, 'run: make', `run: sh ${on('env.DIR')}/ship.sh`)}`
    expect((await sources(text, files)).paths.map(({ path }) => path)).toEqual(['ci/ship.sh'])
  })

  test('reads files of an action in its folder, and binds other files that it names', async () => {
    const { paths } = await sources(`${takingSha}\n${job(checkout, 'uses: ./ci')}`, {
      ...files,
      'ci/action.yml': composite(
        '{ shell: bash, run: "$GITHUB_ACTION_PATH/ship.sh" }',
        `{ shell: bash, run: "python ${on('github.action_path')}/../scripts/deploy.py" }`,
      ),
    })
    expect(paths.map(({ path }) => path)).toEqual(['ci', 'ci/ship.sh', 'scripts/deploy.py'])
  })

  test('binds no files without a checkout', async () => {
    expect((await sources(`${takingSha}\n${job('run: ./ci/ship.sh')}`, files)).paths).toEqual([])
  })

  test('reads a part of a long workflow that is called repeatedly, and says so', async () => {
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

  test('limits long scripts of jobs without a checkout and of actions that are used repeatedly', async () => {
    const long = `run: "${'git log; '.repeat(9_000)}"`
    const tooLong = { note: 'not-read', what: 'scripts', why: expect.stringContaining('too long') }
    const uses = Array.from({ length: 200 }, () => 'uses: $/ci')
    const often = await sources(`${takingSha}\n${job(...uses)}`, {
      'ci/action.yml': composite(`{ shell: bash, ${long} }`),
    })
    expect(often.notes).toContainEqual(tooLong)
    const calls = Array.from({ length: 8 }, (_, at) => `  job${at}: { uses: ./.github/workflows/long.yml }\n`)
    const called = await sources(`${takingSha}\njobs:\n${calls.join('')}`, {
      '.github/workflows/long.yml': `on: workflow_call\n${job(long)}`,
    })
    expect(called.notes).toContainEqual(tooLong)
  })

  test('treats an unclosed expression as text', async () => {
    const { paths } = await sources(
      `${takingSha}\n${job(checkout, 'run: "ci/ship.sh ${{ ${{ ecs/task.json"')}`,
      files,
    )
    expect(paths.map(({ path }) => path)).toEqual(['ci/ship.sh', 'ecs/task.json'])
  })

  test('does not bind the whole folder of a service, so a push to it does not void approvals', async () => {
    const text = `${takingSha}
defaults: { run: { working-directory: services/api } }
${job(checkout, 'run: npm ci', 'run: ./deploy.sh', 'run: npx eslint src/*.js')}`
    const many = Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`services/api/src/${at}.js`, '']))
    const before = await sources(text, { ...many, 'services/api/deploy.sh': 'echo\n' })
    expect(before).toEqual({
      paths: [{ path: 'services/api/deploy.sh', sha: object('services/api/deploy.sh') }],
      notes: [ofTip()],
    })
    harness.sandbox.world.push('main', { message: 'More', files: { 'services/api/src/1.js': 'main()\n' } })
    expect(await inspected()).toEqual(before)
  })

  test('looks up patterns only up to the limit of folders, and says so', async () => {
    const folders = Array.from({ length: 110 }, (_, index) => `ci/${index}`)
    const { notes } = await sources(
      `${takingSha}\n${job(checkout, `run: ${folders.map((folder) => `${folder}/*.sh`).join(' ')}`)}`,
      Object.fromEntries(folders.map((folder) => [`${folder}/readme`, `${folder}\n`])),
    )
    expect(notes).toContainEqual({
      note: 'not-read',
      what: 'files',
      why: expect.stringContaining('folders'),
    })
  })

  test('binds a hundred files only up to the limit, and says so', async () => {
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

describe('the commit that a job checks out', () => {
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

  test.each<[string, readonly string[]]>([
    [
      'of the step itself',
      [`{ uses: actions/checkout@${full}, env: { SHA: main }, with: { ref: "${on('env.SHA')}" } }`],
    ],
    ['of an action', [`uses: some/dotenv@${full}`, at(on('env.SHA'))]],
    ['of a script that it starts', ['run: ./ci/set.sh', at(on('env.SHA'))]],
    [
      'of an action of the repository',
      [at(on('inputs.sha')), 'uses: ./.github/actions/set', at(on('env.SHA'))],
    ],
    ['by another case', [at(on('env.sha'))]],
    ['of the step that uses an action', ['{ uses: ./.github/actions/inner, env: { SHA: main } }']],
  ])('a variable is not known if it may be set %s', async (_, steps) => {
    const text = `${takingSha}\nenv: { SHA: "${on('inputs.sha')}" }`
    const set = composite('{ shell: bash, run: "echo SHA=main >> $GITHUB_ENV" }')
    const { notes } = await sources(`${text}\n${job(...steps)}`, {
      '.github/actions/set/action.yml': set,
      '.github/actions/inner/action.yml': composite(at(on('env.SHA'))),
    })
    expect(notes).toMatchObject([{ note: 'checkout-not-bound', repository }])
  })

  test('includes a step whose condition depends on a variable that an earlier step may have set', async () => {
    const perhaps = `{ if: "env.DO == 'yes'", uses: evil/ship@main }`
    const text = `${takingSha}\nenv: { DO: "no" }`
    expect((await sources(`${text}\n${job(checkout, perhaps)}`)).notes).toEqual([ofTip()])
    const { notes } = await sources(`${text}\n${job('run: make', perhaps)}`)
    expect(notes).toEqual([{ note: 'not-bound', uses: ['evil/ship@main'] }])
  })

  test.each([
    ['a ref in capitals', '{ Ref: release }', repository, 'release'],
    ['a repository in capitals', '{ REPOSITORY: evil/x }', 'evil/x', 'its default branch'],
    [
      'another server',
      '{ github-server-url: "https://evil.example" }',
      `https://evil.example/${repository}`,
      'its default branch',
    ],
    [
      'one expression for all',
      `"${on(`fromJSON('{}')`)}"`,
      'known only during the run',
      'known only during the run',
    ],
    [
      'an expression that brings more',
      `{ "${on('insert')}": "${on(`fromJSON('{}')`)}" }`,
      'known only during the run',
      'known only during the run',
    ],
  ])('%s is not the approved commit', async (_, given, from, ref) => {
    const step = `{ uses: actions/checkout@${full}, with: ${given} }`
    const { paths, notes } = await sources(`${takingNone}\n${job(step, script)}`, files)
    expect(paths).toEqual([])
    expect(notes).toEqual([
      {
        note: 'checkout-not-bound',
        repository: expect.stringContaining(from),
        ref: expect.stringContaining(ref),
        jobs: ['ship'],
      },
    ])
  })

  test('a ref that compares the run’s own commit is known only in the run', async () => {
    const ref = on("github.sha != inputs.sha && inputs.sha || 'main'")
    const { notes } = await sources(`${takingSha}\n${job(at(ref), script)}`, files)
    expect(notes).toEqual([{ note: 'checkout-not-bound', repository, ref, jobs: ['ship'] }])
  })

  test('a checkout into a folder known only in the run does not hide earlier files', async () => {
    const step = `{ uses: actions/checkout@${full}, with: { ref: "${on('inputs.sha')}", path: "${on('matrix.x')}" } }`
    const { paths } = await sources(`${takingSha}\n${job(checkout, step, script)}`, files)
    expect(paths.map(({ path }) => path)).toEqual(['ci/ship.sh'])
  })

  test.each([
    ['nothing', ''],
    ['the run’s own commit', on('github.sha')],
  ])('%s checks out the tip, of which only the named paths are bound', async (_, ref) => {
    expect(await sources(`${takingSha}\n${job(at(ref), script)}`, files)).toEqual({
      paths: [{ path: 'ci/ship.sh', sha: object('ci/ship.sh') }],
      notes: [ofTip()],
    })
  })

  test.each([
    ['a branch', 'main', 'main'],
    ['the branch of the run', on('github.ref_name'), 'main'],
    ['what is known only in the run', on('steps.pick.outputs.ref'), on('steps.pick.outputs.ref')],
  ])('%s as ref may be any commit by the time of the run', async (_, ref, said) => {
    for (const trigger of [takingSha, takingNone])
      expect(await sources(`${trigger}\n${job(at(ref), script)}`, files)).toEqual({
        paths: [],
        notes: [{ note: 'checkout-not-bound', repository, ref: said, jobs: ['ship'] }],
      })
  })

  test('notes a checkout of another repository, unless by a full commit', async () => {
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

  test('paths in the folder of a checkout are paths of its repository', async () => {
    const step = `{ uses: actions/checkout@${full}, with: { path: tip } }`
    const { paths } = await sources(
      `${takingSha}\n${job(approved, step, 'run: tip/ci/ship.sh', 'run: ci/other.sh')}`,
      { ...files, 'ci/other.sh': 'echo\n' },
    )
    expect(paths.map(({ path }) => path)).toEqual(['ci/ship.sh'])
  })

  test('a checkout of the commit that may be skipped does not hide the earlier one', async () => {
    const perhaps = `{ uses: actions/checkout@${full}, if: "steps.pick.outputs.yes", with: { ref: "${on('inputs.sha')}" } }`
    const { paths } = await sources(`${takingSha}\n${job(checkout, perhaps, script)}`, files)
    expect(paths.map(({ path }) => path)).toEqual(['ci/ship.sh'])
  })
})

describe('links out of the tree', () => {
  test('notes a symlink or a submodule on a named path, in a named folder or in .github', async () => {
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

  test.each([
    ['a script there', 'run: sh .github/scripts/all.sh'],
    ['a folder that a script goes to', 'run: cd .github/scripts && sh all.sh'],
    ['a folder that a step works in', '{ run: sh all.sh, working-directory: .github/scripts }'],
    ['the input of an action', `{ uses: a/b@${full}, with: { file: .github/task.json } }`],
  ])('notes a symlink in .github if a job names %s', async (_, step) => {
    const { notes } = await sources(`${takingSha}\n${job(checkout, step)}`, {
      '.github/scripts/all.sh': 'sh ./ship/ship.sh\n',
      '.github/scripts/ship': { symlink: '../../ci' },
    })
    expect(notes).toContainEqual({ note: 'leads-outside', kind: 'symlink', path: '.github/scripts/ship' })
  })

  test('links in the approved commit are bound with it', async () => {
    const { notes } = await sources(`${takingSha}\n${job(approved, 'run: ./linked/x.sh')}`, {
      linked: { symlink: 'scripts' },
      '.github/actions/out': { symlink: '../../ci/ship' },
    })
    expect(notes).toEqual([])
  })

  test('notes a folder that GitHub lists only in part', async () => {
    const text = `${takingSha}\n${job(checkout, 'uses: ./ci')}`
    harness.sandbox.world.push('main', {
      message: 'CI',
      files: { [deployPath]: text, 'ci/action.yml': composite('run: make') },
    })
    const { git } = harness.sandbox.world.repository()
    const root = git.trees.get(git.tip('heads/main')!.tree)!
    harness.sandbox.faults.queue(routes.tree, {
      kind: 'answer',
      status: 200,
      body: { sha: full, url: 'https://example.com', truncated: false, tree: root },
    })
    harness.sandbox.faults.queue(routes.tree, {
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
  const head = (part: Parameters<typeof harness.head>[0]) =>
    harness.connect().headTree(harness.head({ paths: ['ci/ship'], ...part }))

  test('reads the bound paths at the head of the run', async () => {
    const { world } = harness.sandbox
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

  test('the head of a rewritten branch is not on the branch', async () => {
    const { world } = harness.sandbox
    const { git } = world.repository()
    const [tip, before] = harness.shas() as [string, string]
    git.refs.set('heads/main', { type: 'commit', sha: before })
    const sha = world.push('main', { message: 'Instead' })
    expect(await head({ tip, sha })).toMatchObject({ onBranch: false })
    git.refs.set('heads/main', { type: 'commit', sha: tip })
    expect(await head({ tip, sha })).toMatchObject({ onBranch: false })
  })

  test('throws if GitHub does not show the head on the branch yet, or no longer', async () => {
    const { world } = harness.sandbox
    const tip = harness.tip()
    const sha = world.push('main', { message: 'Next' })
    world.repository().git.refs.set('heads/main', { type: 'commit', sha: tip })
    await expect(head({ tip, sha })).rejects.toMatchObject({ kind: 'passing' })
  })
})

test('the workflow of docs/workflow.md is bound completely', async () => {
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

test('the deploy workflow of the sandbox is bound completely', async () => {
  expect(await sources(deployWorkflow())).toEqual({ paths: [], notes: [] })
})

test('cuts what a note quotes from a file, because it is stored, shown and audited', async () => {
  const ref = 'release/'.repeat(5_000)
  const { notes } = await sources(
    `${takingSha}\n${job(`{ uses: actions/checkout@${full}, with: { ref: "${ref}" } }`, 'run: make')}`,
  )
  const [note] = notes.filter(({ note }) => note === 'checkout-not-bound')
  expect(note).toMatchObject({ ref: expect.stringContaining('release/release/') })
  expect(JSON.stringify(notes).length).toBeLessThan(2_000)
})
