import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { formatProblems, type Problem } from '../../src/config/problems.ts'
import type { Config } from '../../src/config/resolve.ts'
import { serviceEnvironment } from './service-environment.ts'

type Field = {
  /** Further settings of blog-api: lines of YAML. */
  readonly service?: string
  /** Further settings of the environments of blog-api, as fields of a mapping. */
  readonly ofDev?: string
  readonly ofProd?: string
  /** Settings of the environments, as fields of a mapping. */
  readonly dev?: string
  readonly prod?: string
  /** Further services: lines of YAML. */
  readonly more?: string
}

const file = ({ service, ofDev, ofProd, dev, prod, more }: Field) =>
  `slack: { channel: C0DEPLOYS }
environments:
  dev: { branch: develop, approvals: { required: 0 }${dev ? `, ${dev}` : ''} }
  prod: { branch: main, approvals: { required: 1, approvers: [U0ANA] }${prod ? `, ${prod}` : ''} }
services:
  blog-api:
    repository: myorg/blog-api
    workflow: deploy.yml
    containers: [api]
    environments:
      dev: { cluster: dev, service: blog-api${ofDev ? `, ${ofDev}` : ''} }
      prod: { cluster: prod, service: blog-api${ofProd ? `, ${ofProd}` : ''} }
${service ? `${service.replace(/^/gm, '    ')}\n` : ''}${more ? `${more.replace(/^/gm, '  ')}\n` : ''}`

const lineOfDev = 11
const lineOfProd = 12
/** The first line that `service` or `more` adds. */
const firstLine = 13

function problemsOf(text: string): readonly Problem[] {
  const loaded = parseConfig(text)
  return 'problems' in loaded ? loaded.problems : []
}

function configOf(said: Field): Config {
  const loaded = parseConfig(file(said))
  if ('problems' in loaded) throw new Error(formatProblems('twokey.yml', loaded.problems))
  return loaded.config
}

const inputsOf = (said: Field, environment = 'prod') =>
  serviceEnvironment(configOf(said), 'blog-api', environment)?.inputs

describe('value of an input', () => {
  test.each([
    ['$environment', 'environment'],
    ['$sha', 'sha'],
    ['$branch', 'branch'],
    ['$release_id', 'release_id'],
    ['$service', 'service'],
    ['$requester', 'requester'],
    ['$default', 'default'],
    ['"$sha"', 'sha'],
  ])('takes the value %s from its source', (written, from) => {
    expect(inputsOf({ service: `inputs: { x: ${written} }` })).toEqual({ x: { from, line: firstLine } })
  })

  test.each([
    ['blog-api', 'blog-api'],
    ['1.10', '1.10'],
    ['0x10', '0x10'],
    ['0o17', '0o17'],
    ['010', '010'],
    ['1_000', '1_000'],
    ['1e3', '1e3'],
    ['+1', '+1'],
    ['.inf', '.inf'],
    ['12345678901234567890', '12345678901234567890'],
    ['2026-11-28', '2026-11-28'],
    ['true', 'true'],
    ['False', 'False'],
    ['yes', 'yes'],
    ['"null"', 'null'],
    ['""', ''],
    ["'1.10'", '1.10'],
    ['"a\\tb"', 'a\tb'],
    ['$$sha', '$sha'],
    ['$$$sha', '$$sha'],
    ['$$', '$'],
    ['a$sha', 'a$sha'],
    ['!!str 1.10', '1.10'],
  ])('sends %s as it is written', (written, value) => {
    const said = { service: `inputs: { x: ${written} }` }
    expect(inputsOf(said)).toEqual({ x: { from: 'literal', value, line: firstLine } })
  })

  test('sends a text of several lines, and one behind an alias, as written', () => {
    const service = 'inputs:\n  first: &version 1.10\n  second: *version\n  third: |\n    one\n    two'
    expect(inputsOf({ service })).toEqual({
      first: { from: 'literal', value: '1.10', line: firstLine + 1 },
      second: { from: 'literal', value: '1.10', line: firstLine + 2 },
      third: { from: 'literal', value: 'one\ntwo\n', line: firstLine + 3 },
    })
  })

  test('sends a number as written in a map behind an alias', () => {
    const service = 'inputs: &inputs\n  version: 1.10'
    const more = `shop:
  repository: myorg/shop
  workflow: deploy.yml
  containers: [api]
  inputs: *inputs
  environments: { prod: { cluster: prod, service: shop } }`
    const shop = serviceEnvironment(configOf({ service, more }), 'shop', 'prod')
    expect(shop?.inputs).toMatchObject({ version: { value: '1.10' } })
  })

  test('sends the written text of a YAML 1.1 file', () => {
    const text = `%YAML 1.1\n---\n${file({ service: 'inputs: { x: yes, y: 1_000, z: 2026-11-28, octal: 010 }' })}`
    const loaded = parseConfig(text)
    if ('problems' in loaded) throw new Error(formatProblems('twokey.yml', loaded.problems))
    const values = Object.values(serviceEnvironment(loaded.config, 'blog-api', 'prod')?.inputs ?? {})
    expect(values.map((rule) => 'value' in rule && rule.value)).toEqual(['yes', '1_000', '2026-11-28', '010'])
  })

  test.each([
    ['$sah', '"$sah"', 'Did you mean "$sha"?'],
    ['$Environment', '"$Environment"', 'Did you mean "$environment"?'],
    ['$releaseid', '"$releaseid"', 'Did you mean "$release_id"?'],
    ['$', '"$"', '$$'],
    ['$environment-api', '"$environment-api"', '$$'],
    ['"$ sha"', '"$ sha"', 'Did you mean "$sha"?'],
    [`"\${{ github.sha }}"`, `"\${{ github.sha }}"`, '$$'],
    ['null', 'nothing', 'Inputs'],
    ['~', 'nothing', 'Inputs'],
    ['', 'nothing', 'Inputs'],
    ['[a]', 'a list', 'Inputs'],
    ['{ a: b }', 'a mapping', 'Inputs'],
  ])('rejects %s as a value', (written, found, message) => {
    const service = `inputs:\n  first: blog\n  x: ${written}`
    expect(problemsOf(file({ service }))).toEqual([
      {
        line: firstLine + 2,
        path: 'services.blog-api.inputs.x',
        found,
        allowed: expect.stringContaining(
          '$environment, $sha, $branch, $release_id, $service, $requester, $default',
        ),
        message: message === 'Inputs' ? expect.any(String) : expect.stringContaining(message),
      },
    ])
  })

  test.each(['[a]', '$sha', '5', 'null', ''])('rejects `inputs: %s`, which is not a mapping', (written) => {
    expect(problemsOf(file({ service: `inputs: ${written}` }))).toMatchObject([
      {
        line: firstLine,
        path: 'services.blog-api.inputs',
        allowed: 'a mapping of input names to values',
      },
    ])
  })

  test('rejects a token in an input, and does not show it', () => {
    const problems = problemsOf(file({ service: `inputs: { x: xoxb-${'1'.repeat(20)} }` }))
    expect(problems).toMatchObject([{ line: firstLine, allowed: 'no token' }])
    expect(JSON.stringify(problems)).not.toContain('1111111111')
  })
})

describe('name of an input', () => {
  test.each(['x', '_x', 'X', 'log-level', 'a1', 'constructor', 'toString'])(
    'accepts the input name %s',
    (name) => {
      expect(Object.keys(inputsOf({ service: `inputs: { ${name}: a }` }) ?? {})).toEqual([name])
    },
  )

  test.each(['1x', '-x', '"a b"', 'a.b', '"<<"', '__proto__', 'é', '""', '"x:"'])(
    'rejects the input name %s',
    (name) => {
      expect(problemsOf(file({ service: `inputs:\n  ${name}: a` }))).toMatchObject([
        { line: firstLine + 1, allowed: expect.stringContaining('beginning with a letter') },
      ])
    },
  )

  test('input names that differ only in case are the same', () => {
    expect(problemsOf(file({ service: 'inputs:\n  stage: a\n  Stage: b' }))).toMatchObject([
      { line: firstLine + 2, path: 'services.blog-api.inputs.Stage', allowed: 'each input once' },
    ])
  })

  test('input names of a service and an environment that differ only in case are the same', () => {
    expect(
      problemsOf(file({ service: 'inputs: { stage: a }', ofProd: 'inputs: { Stage: b }' })),
    ).toMatchObject([
      {
        line: lineOfProd,
        path: 'services.blog-api.environments.prod.inputs.Stage',
        message: expect.stringContaining('services.blog-api.inputs.stage'),
      },
    ])
  })

  const many = (count: number, prefix = 'x') =>
    `inputs: { ${Array.from({ length: count }, (_, index) => `${prefix}${index}: a`).join(', ')} }`

  test('accepts up to 25 inputs, as GitHub does', () => {
    expect(problemsOf(file({ service: many(25) }))).toEqual([])
    expect(problemsOf(file({ service: many(26) }))).toMatchObject([
      { line: firstLine, path: 'services.blog-api.inputs', found: '26 inputs' },
    ])
  })

  test('counts the inputs of the service for its environments', () => {
    expect(problemsOf(file({ service: many(20), ofProd: many(25) }))).toEqual([])
    expect(problemsOf(file({ service: many(20), ofProd: many(6, 'y') }))).toMatchObject([
      { line: lineOfProd, path: 'services.blog-api.environments.prod.inputs', found: '26 inputs' },
    ])
  })
})

describe('service in an environment', () => {
  test("merges the environment's inputs over the service's, input by input", () => {
    const said = {
      service: 'inputs: { ref: $sha, log_level: debug }',
      ofProd: 'inputs: { log_level: $default, app: blog }',
    }
    expect(inputsOf(said)).toEqual({
      ref: { from: 'sha', line: firstLine },
      log_level: { from: 'default', line: lineOfProd },
      app: { from: 'literal', value: 'blog', line: lineOfProd },
    })
    expect(inputsOf(said, 'dev')).toEqual({
      ref: { from: 'sha', line: firstLine },
      log_level: { from: 'literal', value: 'debug', line: firstLine },
    })
  })

  test('no inputs and `environmentFrom: input` are the defaults', () => {
    expect(serviceEnvironment(configOf({}), 'blog-api', 'prod')).toMatchObject({
      inputs: {},
      environmentFrom: 'input',
    })
  })

  test('an environment may have its own workflow, containers and migration', () => {
    const config = configOf({
      service: 'migration: { family: blog-migrate, container: migrate }',
      ofProd: 'workflow: deploy-prod.yml, containers: [api-prod], migration: { family: blog-migrate-prod }',
    })
    expect(serviceEnvironment(config, 'blog-api', 'prod')).toMatchObject({
      workflow: 'deploy-prod.yml',
      containers: ['api-prod'],
      migration: { family: 'blog-migrate-prod', cluster: 'prod', container: 'migrate' },
    })
    expect(serviceEnvironment(config, 'blog-api', 'dev')).toMatchObject({
      workflow: 'deploy.yml',
      containers: ['api'],
      migration: { family: 'blog-migrate', cluster: 'dev', container: 'migrate' },
    })
  })

  test('an environment may name its own source of the commit', () => {
    const config = configOf({
      service: 'commitFrom: { env: APP_REVISION }',
      ofProd: 'commitFrom: { label: com.example.revision }',
    })
    expect(serviceEnvironment(config, 'blog-api', 'dev')?.commitFrom).toEqual({ env: 'APP_REVISION' })
    expect(serviceEnvironment(config, 'blog-api', 'prod')?.commitFrom).toEqual({
      label: 'com.example.revision',
    })
    const ofProd = configOf({ ofProd: 'commitFrom: { env: APP_REVISION }' })
    expect(serviceEnvironment(ofProd, 'blog-api', 'prod')?.commitFrom).toEqual({ env: 'APP_REVISION' })
    expect(serviceEnvironment(ofProd, 'blog-api', 'dev')).not.toHaveProperty('commitFrom')
  })

  test('a service may leave fields to all of its environments', () => {
    const text = file({
      ofDev: 'workflow: deploy-dev.yml, containers: [api-dev]',
      ofProd: 'workflow: deploy-prod.yml, containers: [api-prod], migration: { family: blog-migrate }',
    })
      .replace('    workflow: deploy.yml\n', '')
      .replace('    containers: [api]\n', '')
    const loaded = parseConfig(text)
    if ('problems' in loaded) throw new Error(formatProblems('twokey.yml', loaded.problems))
    const [dev, prod] = loaded.config.serviceEnvironments
    expect(dev).toMatchObject({ workflow: 'deploy-dev.yml', containers: ['api-dev'] })
    expect(dev).not.toHaveProperty('migration')
    expect(prod).toMatchObject({ workflow: 'deploy-prod.yml', migration: { family: 'blog-migrate' } })
  })

  test.each(['branches', 'null', 'true'])('rejects `environmentFrom: %s`', (written) => {
    expect(problemsOf(file({ service: `environmentFrom: ${written}` }))).toMatchObject([
      { line: firstLine, path: 'services.blog-api.environmentFrom', allowed: 'input or branch' },
    ])
  })
})

const other = (said: string, repository = 'myorg/blog-api') => `shop:
  repository: ${repository}
  workflow: deploy.yml
  containers: [api]
  ${said}`
const shopInProd = 'environments: { prod: { cluster: prod, service: shop } }'
const lineOfShop = firstLine + 4

describe('service environments with the same repository and workflow', () => {
  test.each<[string, Field]>([
    ['by the default name `environment`', {}],
    [
      'by different GitHub environments',
      { dev: 'githubEnvironment: development', prod: 'githubEnvironment: production' },
    ],
    [
      'by $environment under another name',
      { service: 'inputs: { environment: $default, stage: $environment }' },
    ],
    ['by a literal', { ofDev: 'inputs: { environment: test }', ofProd: 'inputs: { environment: live }' }],
    [
      'by a literal, where the GitHub environment is the same',
      {
        dev: 'githubEnvironment: cloud',
        prod: 'githubEnvironment: cloud',
        ofDev: 'inputs: { stage: dev }',
        ofProd: 'inputs: { stage: prod }',
      },
    ],
    ['by the branch', { service: 'environmentFrom: branch' }],
    ['by the workflow', { dev: 'githubEnvironment: prod', ofDev: 'workflow: deploy-dev.yml' }],
    [
      'by the name of the service',
      { service: 'inputs: { app: $service }', more: other(`inputs: { app: $service }\n  ${shopInProd}`) },
    ],
    [
      'by a literal against the name of the service',
      { service: 'inputs: { app: $service }', more: other(`inputs: { APP: store }\n  ${shopInProd}`) },
    ],
    ['by the repository', { more: other(shopInProd, 'myorg/shop') }],
    [
      'by the branch, of two services',
      {
        service: 'environmentFrom: branch',
        more: other(
          'environmentFrom: branch\n  environments: { prod: { cluster: prod, service: shop, branch: shop } }',
        ),
      },
    ],
  ])('accepts service environments distinguished %s', (_name, said) => {
    expect(problemsOf(file(said))).toEqual([])
  })

  const inDev = 'services.blog-api.environments'
  test.each<[string, Field, string, number, readonly string[]]>([
    [
      'have one GitHub environment',
      { dev: 'githubEnvironment: production', prod: 'githubEnvironment: production' },
      `${inDev}.prod.inputs`,
      lineOfProd,
      [
        'blog-api in dev',
        'blog-api in prod',
        'deploy.yml of myorg/blog-api',
        'environment: "production"',
        '`githubEnvironment`',
      ],
    ],
    [
      'have GitHub environments that differ in case alone',
      { dev: 'githubEnvironment: Production', prod: 'githubEnvironment: production' },
      `${inDev}.prod.inputs`,
      lineOfProd,
      ['environment: "production"'],
    ],
    [
      'have one GitHub environment by the name of the other',
      { dev: 'githubEnvironment: prod' },
      `${inDev}.prod.inputs`,
      lineOfProd,
      ['environment: "prod"'],
    ],
    [
      'leave `environment` to the workflow',
      { service: 'inputs: { environment: $default }' },
      `${inDev}.prod.inputs`,
      lineOfProd,
      ['`inputs: { stage: $environment }` under services.blog-api'],
    ],
    [
      'have the same literal for `environment`',
      { service: 'inputs: { environment: cloud }' },
      `${inDev}.prod.inputs`,
      lineOfProd,
      ['environment: "cloud"'],
    ],
    [
      'have the same literal in another case',
      { ofDev: 'inputs: { environment: cloud }', ofProd: 'inputs: { environment: Cloud }' },
      `${inDev}.prod.inputs`,
      lineOfProd,
      ['blog-api in dev'],
    ],
    [
      'differ by an input that one of them alone fills',
      { service: 'inputs: { environment: $default }', ofProd: 'inputs: { stage: live }' },
      `${inDev}.prod.inputs`,
      lineOfProd,
      ['no input that tells them apart'],
    ],
    [
      'differ by the commit alone',
      { service: 'inputs: { environment: $sha, ref: $branch, id: $release_id, by: $requester }' },
      `${inDev}.prod.inputs`,
      lineOfProd,
      ['blog-api in dev'],
    ],
    [
      'are of two services with one environment',
      { more: other(shopInProd) },
      'services.shop.environments.prod.inputs',
      lineOfShop,
      [
        'blog-api in prod',
        'shop in prod',
        '`inputs: { service: $service }` under services.blog-api and services.shop',
      ],
    ],
    [
      'are of two services, whose repositories differ in case alone',
      { more: other(shopInProd, 'MyOrg/Blog-API') },
      'services.shop.environments.prod.inputs',
      lineOfShop,
      ['blog-api in prod'],
    ],
    [
      'are of two services with one branch that decides',
      { service: 'environmentFrom: branch', more: other(`environmentFrom: branch\n  ${shopInProd}`) },
      'services.shop.environments.prod.inputs',
      lineOfShop + 2,
      ['no input that tells them apart'],
    ],
    [
      'are of two services, of which one alone goes by the branch',
      { service: 'environmentFrom: branch', more: other(shopInProd) },
      'services.shop.environments.prod.inputs',
      lineOfShop + 1,
      ['blog-api in dev'],
    ],
    [
      'have one branch that decides',
      { service: 'environmentFrom: branch', ofProd: 'branch: develop' },
      `${inDev}.prod.branch`,
      lineOfProd,
      ['blog-api in dev', 'blog-api in prod', '`environmentFrom: branch`'],
    ],
    [
      'have one branch that decides, though an input differs',
      { service: 'environmentFrom: branch\ninputs: { stage: $environment }', ofProd: 'branch: Develop' },
      `${inDev}.prod.branch`,
      lineOfProd,
      ['`environmentFrom: branch`'],
    ],
  ])('rejects service environments that %s', (_name, said, path, line, parts) => {
    const problems = problemsOf(file(said))
    expect(problems.map((problem) => [problem.line, problem.path])).toEqual([[line, path]])
    for (const part of parts) expect(problems[0]?.message).toContain(part)
  })

  test('reports each service environment once, against the first that it conflicts with', () => {
    const shops = ['shop', 'mail'].map((name) =>
      other(`environments: { prod: { cluster: ${name}, service: ${name} } }`).replace('shop', name),
    )
    expect(problemsOf(file({ more: shops.join('\n') })).map(({ path }) => path)).toEqual([
      'services.shop.environments.prod.inputs',
      'services.mail.environments.prod.inputs',
    ])
  })

  test('a mistake in one input hides no other', () => {
    const service = 'inputs:\n  ref: $sah\n  stage: dev'
    expect(problemsOf(file({ service })).map(({ line, path }) => [line, path])).toEqual([
      [firstLine + 1, 'services.blog-api.inputs.ref'],
      [firstLine + 2, 'services.blog-api.inputs.stage'],
    ])
  })

  test('reports only the mistake in the fields that are compared', () => {
    const broken = { dev: 'githubEnvironment: ""', prod: 'githubEnvironment: production' }
    expect(problemsOf(file(broken)).map(({ path }) => path)).toEqual(['environments.dev.githubEnvironment'])
    expect(problemsOf(file({ service: 'inputs: { environment: $env }' })).map(({ path }) => path)).toEqual([
      'services.blog-api.inputs.environment',
    ])
  })
})

describe('inputs that name another environment', () => {
  const github = { dev: 'githubEnvironment: development', prod: 'githubEnvironment: production' }
  test.each<[string, Field, string, number]>([
    [
      'by its name',
      { ofDev: 'inputs: { stage: prod }' },
      'services.blog-api.environments.dev.inputs.stage',
      lineOfDev,
    ],
    [
      'in another case',
      { ofDev: 'inputs: { stage: PROD }' },
      'services.blog-api.environments.dev.inputs.stage',
      lineOfDev,
    ],
    [
      'by its GitHub environment',
      { ...github, ofDev: 'inputs: { stage: production }' },
      'services.blog-api.environments.dev.inputs.stage',
      lineOfDev,
    ],
    [
      'by its name, where that has another GitHub environment',
      { ...github, ofDev: 'inputs: { stage: prod }' },
      'services.blog-api.environments.dev.inputs.stage',
      lineOfDev,
    ],
    [
      'for all environments of a service',
      { service: 'inputs:\n  stage: dev' },
      'services.blog-api.inputs.stage',
      firstLine + 1,
    ],
    [
      'by $environment',
      {
        dev: 'githubEnvironment: prod',
        prod: 'githubEnvironment: production',
        ofDev: 'inputs: { stage: $environment }',
      },
      'services.blog-api.environments.dev.inputs.stage',
      lineOfDev,
    ],
    [
      'by the GitHub environment that a service has there',
      { ofProd: 'githubEnvironment: live', ofDev: 'inputs: { stage: live }' },
      'services.blog-api.environments.dev.inputs.stage',
      lineOfDev,
    ],
  ])('rejects an input that names another environment %s', (_name, said, path, line) => {
    const problems = problemsOf(file(said))
    expect(problems.map((problem) => [problem.line, problem.path])).toEqual([[line, path]])
    expect(problems[0]?.message).toContain('blog-api in')
  })

  test.each<[string, Field]>([
    ['its own name', { ...github, ofDev: 'inputs: { stage: dev }' }],
    ['its own GitHub environment', { ...github, ofDev: 'inputs: { stage: development }' }],
    ['what no environment is called', { ofDev: 'inputs: { stage: test }' }],
    [
      'the environment to promote from',
      { ofProd: 'inputs: { from_env: dev, to_env: prod, sourceStage: dev }' },
    ],
    ['another, but not in effect', { service: 'inputs: { stage: dev }', ofProd: 'inputs: { stage: prod }' }],
    [
      'a GitHub environment of both',
      {
        dev: 'githubEnvironment: cloud',
        prod: 'githubEnvironment: cloud',
        service: 'inputs: { gate: $environment }',
        ofDev: 'inputs: { stage: dev }',
        ofProd: 'inputs: { stage: prod }',
      },
    ],
  ])('accepts an input with %s', (_name, said) => {
    expect(problemsOf(file(said))).toEqual([])
  })
})
