import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { durationMs } from '../../src/config/duration.ts'
import { loadConfig, parseConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/resolve.ts'
import { serviceEnvironment } from './service-environment.ts'

const minute = 60_000

function configOf(text: string): Config {
  const loaded = parseConfig(text)
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems, null, 2))
  return loaded.config
}

function fileAt(path: string): Config {
  const loaded = loadConfig(new URL(`../../${path}`, import.meta.url).pathname)
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems, null, 2))
  return loaded.config
}

const least = `
slack: { channel: C0DEPLOYS }
environments:
  dev: { branch: develop, approvals: { required: 0 } }
services:
  blog-api:
    repository: myorg/blog-api
    workflow: deploy.yml
    containers: [api]
    environments:
      dev: { cluster: blog-cluster-dev, service: blog-api }
`

test('resolves the smallest file with all defaults', () => {
  const policy = {
    required: 0,
    approvers: [],
    requesterMayApprove: false,
    authorsMayApprove: true,
    expireAfterMs: 120 * minute,
  }
  expect(configOf(least)).toEqual({
    channel: 'C0DEPLOYS',
    workspaces: [],
    queues: [],
    defaults: {},
    polling: { activeMs: 3_000, idleMs: 30_000, settleMs: minute },
    people: [],
    environments: ['dev'],
    githubEnvironments: { dev: 'dev' },
    readers: 'members',
    directMessages: { approvers: false, requester: false },
    services: ['blog-api'],
    serviceEnvironments: [
      {
        service: 'blog-api',
        environment: 'dev',
        repository: 'myorg/blog-api',
        workflow: 'deploy.yml',
        inputs: {},
        environmentFrom: 'input',
        containers: ['api'],
        branch: 'develop',
        githubEnvironment: 'dev',
        channel: 'C0DEPLOYS',
        targets: [{ cluster: 'blog-cluster-dev', service: 'blog-api' }],
        requesters: 'everyone',
        policy,
        waitMs: 0,
        rollback: { policy, waitMs: 0 },
        emergency: null,
        freezes: [],
        requires: [],
        checks: null,
        externalChannels: false,
        notify: [],
        deadlines: { runMs: 60 * minute, rolloutMs: 30 * minute },
      },
    ],
  })
})

test('the example requires two approvals to deploy to prod, one to roll back', () => {
  const config = fileAt('twokey.example.yml')
  expect(config.defaults).toEqual({ environment: 'prod', service: 'blog-api' })
  expect(config.people).toEqual([{ slack: ['U0APPROVER'], github: 'approver-login' }])
  const prod = serviceEnvironment(config, 'blog-api', 'prod')
  expect(prod).toMatchObject({
    branch: 'main',
    githubEnvironment: 'production',
    migration: { family: 'blog-api-migrate', cluster: 'blog-cluster-prod' },
    policy: { required: 2, approvers: ['S0DEPLOYERS', 'U0APPROVER'], expireAfterMs: 120 * minute },
    waitMs: 5 * minute,
    rollback: { policy: { required: 1, approvers: ['S0DEPLOYERS', 'U0APPROVER'] }, waitMs: 0 },
    notify: ['S0ONCALL'],
  })
  expect(serviceEnvironment(config, 'blog-api', 'dev')?.policy.required).toBe(0)
  expect(serviceEnvironment(config, 'blog-api', 'stage')).toBeUndefined()
})

test('accepts what the example shows only as a comment', () => {
  const file = readFileSync(new URL('../../twokey.example.yml', import.meta.url), 'utf8')
  const shown = file.replace(
    /# (channel: C0PROD|workspaces|externalChannels|aws: \{ region|wait: 10m|inputs: \{|environmentFrom: |workflow: |containers: |migration: |checks: |redCommit: )/g,
    '$1',
  )
  expect(serviceEnvironment(configOf(shown), 'blog-api', 'prod')).toMatchObject({
    channel: 'C0PROD',
    checks: { redCommit: 3 },
    externalChannels: true,
    region: 'ap-northeast-2',
    waitMs: 10 * minute,
    workflow: 'deploy-prod.yml',
    containers: ['api-prod'],
    migration: { family: 'blog-api-prod-migrate' },
    environmentFrom: 'branch',
    inputs: {
      stage: { from: 'environment' },
      ref: { from: 'sha' },
      correlation: { from: 'release_id' },
      app: { from: 'literal', value: 'blog-api' },
      log_level: { from: 'default' },
      dry_run: { from: 'literal', value: 'false' },
    },
  })
})

test('the demo deploys the services of the example, with shorter times, and three more', () => {
  const [demo, example] = [fileAt('sandbox/twokey.yml'), fileAt('twokey.example.yml')]
  const shipped = ({ serviceEnvironments }: Config) =>
    serviceEnvironments.map(({ service, environment, repository, workflow, targets, migration, policy }) => ({
      service,
      environment,
      repository,
      workflow,
      targets,
      migration,
      policy,
    }))
  expect(shipped(demo).slice(0, 2)).toEqual(shipped(example))
  expect(shipped(demo).map(({ service }) => service)).toEqual([
    'blog-api',
    'blog-api',
    'blog-worker',
    'blog-search',
    'blog-web',
  ])
  expect(demo.polling).toEqual({ activeMs: 250, idleMs: 500, settleMs: 4_000 })
})

const layered = `
slack: { channel: C0DEPLOYS }
people:
  - { slack: [U0BEN], github: ben }
  - { slack: [U0CHLOE], github: chloe }
  - { slack: [U0DAI], github: dai }
environments:
  prod:
    branch: main
    aws: { region: eu-west-1 }
    approvals: { required: 2, approvers: [S0DEPLOYERS], expireAfter: 30m, authorsMayApprove: false }
    wait: 5m
    rollback: { approvals: { required: 1 }, wait: 10s }
    notify: [S0ONCALL]
    deadlines: { run: 20m, rollout: 10m }
services:
  calm:
    repository: myorg/calm
    workflow: deploy.yml
    containers: [api]
    environments:
      prod: { cluster: blue, service: calm }
  strict:
    repository: myorg/strict
    workflow: deploy.yml
    containers: [api, proxy]
    migration: { family: strict-migrate, cluster: jobs, container: migrate }
    environments:
      prod:
        targets: [{ cluster: blue, service: strict-api }, { cluster: green, service: strict-worker }]
        branch: release
        githubEnvironment: production
        channel: C0STRICT
        requesters: [U0ANA]
        approvals: { required: 3 }
        wait: 1h
        rollback: { approvals: { approvers: [S0ONCALL] } }
        externalChannels: true
        notify: []
        deadlines: { run: 40m }
`

describe('settings of a service for one environment', () => {
  const config = configOf(layered)

  test('a service without settings gets those of the environment', () => {
    expect(serviceEnvironment(config, 'calm', 'prod')).toMatchObject({
      branch: 'main',
      region: 'eu-west-1',
      policy: { required: 2, expireAfterMs: 30 * minute, authorsMayApprove: false },
      waitMs: 5 * minute,
      rollback: { policy: { required: 1, approvers: ['S0DEPLOYERS'] }, waitMs: 10_000 },
      notify: ['S0ONCALL'],
      deadlines: { runMs: 20 * minute, rolloutMs: 10 * minute },
    })
  })

  test('a service overrides settings field by field', () => {
    expect(serviceEnvironment(config, 'strict', 'prod')).toEqual({
      service: 'strict',
      environment: 'prod',
      repository: 'myorg/strict',
      workflow: 'deploy.yml',
      inputs: {},
      environmentFrom: 'input',
      containers: ['api', 'proxy'],
      migration: { family: 'strict-migrate', cluster: 'jobs', container: 'migrate' },
      branch: 'release',
      githubEnvironment: 'production',
      channel: 'C0STRICT',
      region: 'eu-west-1',
      targets: [
        { cluster: 'blue', service: 'strict-api' },
        { cluster: 'green', service: 'strict-worker' },
      ],
      requesters: ['U0ANA'],
      policy: {
        required: 3,
        approvers: ['S0DEPLOYERS'],
        requesterMayApprove: false,
        authorsMayApprove: false,
        expireAfterMs: 30 * minute,
      },
      waitMs: 60 * minute,
      rollback: {
        policy: {
          required: 1,
          approvers: ['S0ONCALL'],
          requesterMayApprove: false,
          authorsMayApprove: false,
          expireAfterMs: 30 * minute,
        },
        waitMs: 10_000,
      },
      emergency: null,
      freezes: [],
      requires: [],
      checks: null,
      externalChannels: true,
      notify: [],
      deadlines: { runMs: 40 * minute, rolloutMs: 10 * minute },
    })
  })
})

test.each([
  ['[db/schema, services/*/sql]', ['db/schema', 'services/*/sql']],
  ['[]', []],
])('the paths of migrations are those of the service: %s', (written, migrationPaths) => {
  const text = least.replace('containers: [api]', `containers: [api]\n    migrationPaths: ${written}`)
  expect(serviceEnvironment(configOf(text), 'blog-api', 'dev')).toMatchObject({ migrationPaths })
})

test.each([
  ['directMessages: { approvers: true }', { approvers: true, requester: false }],
  ['directMessages: { requester: true }', { approvers: false, requester: true }],
])('direct messages are on only where the file says so: %s', (field, directMessages) => {
  const text = least.replace('C0DEPLOYS }', `C0DEPLOYS, ${field} }`)
  expect(configOf(text)).toMatchObject({ directMessages })
})

test.each([
  ['250ms', 250],
  ['5s', 5_000],
  ['10m', 10 * minute],
  ['2h', 120 * minute],
  ['0s', 0],
  ['720h', 720 * 60 * minute],
  ['721h', undefined],
  ['5', undefined],
  ['5 m', undefined],
  ['1.5h', undefined],
  ['-5m', undefined],
  ['1h30m', undefined],
  ['', undefined],
])('the duration %s is %s ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms)
})
