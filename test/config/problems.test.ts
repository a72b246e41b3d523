import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { formatProblems, type Problem } from '../../src/config/problems.ts'

/** A file without a mistake, in which to make one mistake. */
const sound = `slack:
  channel: C0DEPLOYS
defaults:
  environment: prod
  service: blog-api
polling:
  active: 3s
people:
  - slack: [U0ANA, U0ANAS]
    github: ana
  - slack: [U0BEN]
environments:
  dev:
    branch: develop
    approvals: { required: 0 }
  prod:
    branch: main
    approvals:
      required: 2
      approvers: [U0ANA, U0BEN, U0CHLOE]
    wait: 5m
services:
  blog-api:
    repository: myorg/blog-api
    workflow: deploy.yml
    containers: [api]
    migration: { family: blog-api-migrate }
    environments:
      dev: { cluster: blog-cluster-dev, service: blog-api }
      prod: { cluster: blog-cluster-prod, service: blog-api }
`

function problemsOf(text: string): readonly Problem[] {
  const loaded = parseConfig(text)
  return 'problems' in loaded ? loaded.problems : []
}

function lineWith(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length
}

/** `write` replaces `instead`; the mistake is expected in the line of `at`, else of `write`. */
type Mistake = {
  readonly instead: string
  readonly write: string
  readonly path: string
  readonly found: string
  readonly allowed: string | RegExp
  readonly at?: string
}

const ids = 'a list of at least one Slack account or user group ID'
const time = /^a duration from 1ms/
const nothingYet = 'nothing yet'
const rows = (table: Record<string, Mistake>) => Object.entries(table)

const values = rows({
  'a channel by its name': {
    instead: 'C0DEPLOYS',
    write: '"#deploys"',
    path: 'slack.channel',
    found: '"#deploys"',
    allowed: /ID of a Slack channel/,
  },
  'a person as the channel': {
    instead: 'C0DEPLOYS',
    write: 'U0BEN0',
    path: 'slack.channel',
    found: '"U0BEN0"',
    allowed: /ID of a Slack channel/,
  },
  'keys in words': {
    instead: 'required: 2',
    write: 'required: "two"',
    path: 'environments.prod.approvals.required',
    found: '"two"',
    allowed: 'a whole number, 0 or greater',
  },
  'half a key': {
    instead: 'required: 2',
    write: 'required: 1.5',
    path: 'environments.prod.approvals.required',
    found: '1.5',
    allowed: 'a whole number, 0 or greater',
  },
  'fewer than no keys': {
    instead: 'required: 2',
    write: 'required: -1',
    path: 'environments.prod.approvals.required',
    found: '-1',
    allowed: 'a whole number, 0 or greater',
  },
  'keys left out': {
    instead: 'approvals: { required: 0 }',
    write: 'approvals: {}',
    path: 'environments.dev.approvals.required',
    found: 'nothing',
    allowed: 'a whole number, 0 or greater',
  },
  'approvals left out': {
    instead: 'branch: develop\n    approvals: { required: 0 }',
    write: 'branch: develop',
    path: 'environments.dev.approvals',
    found: 'nothing',
    allowed: /^a mapping with required/,
    at: 'dev:',
  },
  'an empty list of approvers': {
    instead: 'approvers: [U0ANA, U0BEN, U0CHLOE]',
    write: 'approvers: []',
    path: 'environments.prod.approvals.approvers',
    found: 'an empty list',
    allowed: ids,
  },
  'one approver who is not a list': {
    instead: 'approvers: [U0ANA, U0BEN, U0CHLOE]',
    write: 'approvers: U0ANA',
    path: 'environments.prod.approvals.approvers',
    found: '"U0ANA"',
    allowed: ids,
  },
  'an approver by name': {
    instead: '[U0ANA, U0BEN, U0CHLOE]',
    write: '[U0ANA, "@ben", U0CHLOE]',
    path: 'environments.prod.approvals.approvers[1]',
    found: '"@ben"',
    allowed: /Slack account .* or user group/,
  },
  'a wait without a unit': {
    instead: 'wait: 5m',
    write: 'wait: 5',
    path: 'environments.prod.wait',
    found: '5',
    allowed: /^a duration up to 720h/,
  },
  'a unit that is not known': {
    instead: 'wait: 5m',
    write: 'wait: 5d',
    path: 'environments.prod.wait',
    found: '"5d"',
    allowed: /^a duration/,
  },
  'a wait beyond all timers': {
    instead: 'wait: 5m',
    write: 'wait: 721h',
    path: 'environments.prod.wait',
    found: '"721h"',
    allowed: /^a duration/,
  },
  'polling without a pause': {
    instead: 'active: 3s',
    write: 'active: 0s',
    path: 'polling.active',
    found: '"0s"',
    allowed: time,
  },
  'requesters: nobody': {
    instead: 'wait: 5m',
    write: 'requesters: nobody',
    path: 'environments.prod.requesters',
    found: '"nobody"',
    allowed: /^everyone, or a list/,
  },
  'a requester who is a channel': {
    instead: 'wait: 5m',
    write: 'requesters: [C0DEPLOYS]',
    path: 'environments.prod.requesters[0]',
    found: '"C0DEPLOYS"',
    allowed: /Slack account/,
  },
  'a region in words': {
    instead: 'wait: 5m',
    write: 'aws: { region: Seoul }',
    path: 'environments.prod.aws.region',
    found: '"Seoul"',
    allowed: /AWS region/,
  },
  'a repository without its owner': {
    instead: 'myorg/blog-api',
    write: 'blog-api',
    path: 'services.blog-api.repository',
    found: '"blog-api"',
    allowed: /owner\/name/,
    at: 'repository:',
  },
  'a workflow by its path': {
    instead: 'deploy.yml',
    write: '.github/workflows/deploy.yml',
    path: 'services.blog-api.workflow',
    found: '".github/workflows/deploy.yml"',
    allowed: /name of a file in .github\/workflows/,
  },
  'a branch by its ref': {
    instead: 'branch: main',
    write: 'branch: refs/heads/main',
    path: 'environments.prod.branch',
    found: '"refs/heads/main"',
    allowed: /name of a branch/,
  },
  'a cluster by its ARN': {
    instead: 'cluster: blog-cluster-dev',
    write: 'cluster: "arn:aws:ecs:eu-west-1:123456789012:cluster/blog"',
    path: 'services.blog-api.environments.dev.cluster',
    found: '"arn:aws:ecs:eu-west-1:123456789012:cluster/blog"',
    allowed: /not its ARN/,
  },
  'no containers': {
    instead: 'containers: [api]',
    write: 'containers: []',
    path: 'services.blog-api.containers',
    found: 'an empty list',
    allowed: /at least one container/,
  },
  'a workflow left out': {
    instead: 'workflow: deploy.yml',
    write: '',
    path: 'services.blog-api.workflow',
    found: 'nothing',
    allowed: /name of a file in .github\/workflows/,
    at: 'blog-api:\n    repository',
  },
  'a workflow that one environment alone names': {
    instead:
      'workflow: deploy.yml\n    containers: [api]\n    migration: { family: blog-api-migrate }\n    environments:\n      dev: {',
    write: 'containers: [api]\n    environments:\n      dev: { workflow: deploy-dev.yml,',
    path: 'services.blog-api.workflow',
    found: 'nothing',
    allowed: /name of a file in .github\/workflows/,
    at: 'blog-api:\n    repository',
  },
  'containers left out': {
    instead: 'containers: [api]',
    write: '',
    path: 'services.blog-api.containers',
    found: 'nothing',
    allowed: /at least one container/,
    at: 'blog-api:\n    repository',
  },
  'a commit from a variable and a label': {
    instead: 'containers: [api]',
    write: 'containers: [api]\n    commitFrom: { env: APP_REVISION, label: revision }',
    path: 'services.blog-api.commitFrom',
    found: 'a mapping',
    allowed: 'either { env: NAME } or { label: KEY }',
    at: 'commitFrom',
  },
  'a commit from nowhere': {
    instead: 'containers: [api]',
    write: 'containers: [api]\n    commitFrom: {}',
    path: 'services.blog-api.commitFrom',
    found: 'an empty mapping',
    allowed: 'either { env: NAME } or { label: KEY }',
    at: 'commitFrom',
  },
  'paths of migrations outside the repository': {
    instead: 'containers: [api]',
    write: 'containers: [api]\n    migrationPaths: [../schema]',
    path: 'services.blog-api.migrationPaths[0]',
    found: '"../schema"',
    allowed: /^a path from the root of the repository/,
    at: 'migrationPaths',
  },
  'a path of migrations that is not in a list': {
    instead: 'containers: [api]',
    write: 'containers: [api]\n    migrationPaths: db/schema',
    path: 'services.blog-api.migrationPaths',
    found: '"db/schema"',
    allowed: 'a list of paths from the root of the repository',
    at: 'migrationPaths',
  },
  'a commit from a word': {
    instead: 'containers: [api]',
    write: 'containers: [api]\n    commitFrom: APP_REVISION',
    path: 'services.blog-api.commitFrom',
    found: '"APP_REVISION"',
    allowed: 'either { env: NAME } or { label: KEY }',
    at: 'commitFrom',
  },
  'a commit from a reference to a variable': {
    instead: 'containers: [api]',
    write: 'containers: [api]\n    commitFrom: { env: $APP_REVISION }',
    path: 'services.blog-api.commitFrom.env',
    found: '"$APP_REVISION"',
    allowed: /^the name of an environment variable/,
    at: 'commitFrom',
  },
  'a commit from a placeholder': {
    instead: 'containers: [api]',
    write: 'containers: [api]\n    commitFrom: { label: "<label>" }',
    path: 'services.blog-api.commitFrom.label',
    found: '"<label>"',
    allowed: /^the key of a label/,
    at: 'commitFrom',
  },
  'a commit from a variable without a name': {
    instead: 'containers: [api]',
    write: 'containers: [api]\n    commitFrom: { env: "" }',
    path: 'services.blog-api.commitFrom.env',
    found: '""',
    allowed: /^the name of an environment variable/,
    at: 'commitFrom',
  },
  'a commit from another place': {
    instead: 'containers: [api]',
    write: 'containers: [api]\n    commitFrom: { env: APP_REVISION, tag: revision }',
    path: 'services.blog-api.commitFrom.tag',
    found: '"tag"',
    allowed: 'env, label',
    at: 'commitFrom',
  },
  'a commit from two places in one environment': {
    instead: 'cluster: blog-cluster-dev',
    write: 'commitFrom: { env: A, label: b }, cluster: blog-cluster-dev',
    path: 'services.blog-api.environments.dev.commitFrom',
    found: 'a mapping',
    allowed: 'either { env: NAME } or { label: KEY }',
    at: 'commitFrom',
  },
  'no containers in one environment': {
    instead: 'cluster: blog-cluster-dev',
    write: 'containers: [], cluster: blog-cluster-dev',
    path: 'services.blog-api.environments.dev.containers',
    found: 'an empty list',
    allowed: /at least one container/,
  },
  'a migration of one environment without its family': {
    instead: 'migration: { family: blog-api-migrate }\n    environments:\n      dev: {',
    write: 'environments:\n      dev: { migration: { container: migrate },',
    path: 'services.blog-api.environments.dev.migration.family',
    found: 'nothing',
    allowed: /task definition family/,
    at: 'dev: { migration',
  },
  'no migration, said as null': {
    instead: 'cluster: blog-cluster-dev',
    write: 'migration: null, cluster: blog-cluster-dev',
    path: 'services.blog-api.environments.dev.migration',
    found: 'nothing',
    allowed: 'any fields of `migration`',
  },
  'a migration without its family': {
    instead: '{ family: blog-api-migrate }',
    write: '{ container: migrate }',
    path: 'services.blog-api.migration.family',
    found: 'nothing',
    allowed: /task definition family/,
  },
  'an environment with nothing in it': {
    instead: 'wait: 5m',
    write: 'wait: 5m\n  stage:',
    path: 'environments.stage',
    found: 'nothing',
    allowed: /^a mapping with branch/,
    at: 'stage:',
  },
})

const fields = rows({
  'a typo': {
    instead: 'wait: 5m',
    write: 'wiat: 5m',
    path: 'environments.prod.wiat',
    found: '"wiat"',
    allowed: /branch, .*, wait,/,
  },
  'a field that belongs elsewhere': {
    instead: 'workflow: deploy.yml',
    write: 'workflow: deploy.yml\n    branch: main',
    path: 'services.blog-api.branch',
    found: '"branch"',
    allowed: /^repository, workflow/,
    at: '    branch: main\n    containers',
  },
  'a key written twice': {
    instead: 'wait: 5m',
    write: 'wait: 5m\n    wait: 6m',
    path: 'environments.prod.wait',
    found: '"wait"',
    allowed: 'each key once',
    at: 'wait: 6m',
  },
  'external channels in words': {
    instead: 'wait: 5m',
    write: 'externalChannels: "yes"',
    path: 'environments.prod.externalChannels',
    found: '"yes"',
    allowed: 'true or false',
  },
  'a workspace by its name': {
    instead: 'channel: C0DEPLOYS',
    write: 'channel: C0DEPLOYS\n  workspaces: [sister]',
    path: 'slack.workspaces[0]',
    found: '"sister"',
    allowed: /ID of a Slack workspace/,
    at: 'workspaces',
  },
  'a role': {
    instead: 'wait: 5m',
    write: 'aws: { roleArn: twokey }',
    path: 'environments.prod.aws.roleArn',
    found: '"twokey"',
    allowed: /ARN of an IAM role/,
  },
  events: {
    instead: 'polling:',
    write: 'events: { queueUrl: there }\npolling:',
    path: 'events',
    found: 'a mapping',
    allowed: 'a list of { queueUrl }',
  },
  'something later said for one service': {
    instead: 'cluster: blog-cluster-dev',
    write: 'queue: latest, cluster: blog-cluster-dev',
    path: 'services.blog-api.environments.dev.queue',
    found: '"latest"',
    allowed: nothingYet,
  },
})

const names = rows({
  'an environment in capitals': {
    instead: 'wait: 5m',
    write: 'wait: 5m\n  Stage: { branch: main, approvals: { required: 0 } }',
    path: 'environments.Stage',
    found: '"Stage"',
    allowed: /lower-case/,
    at: 'Stage:',
  },
  'a word of /deploy': {
    instead: 'wait: 5m',
    write: 'wait: 5m\n  lock: { branch: main, approvals: { required: 0 } }',
    path: 'environments.lock',
    found: '"lock"',
    allowed: /not status, history, lock/,
    at: 'lock:',
  },
  'a service called like an environment': {
    instead: 'wait: 5m',
    write: 'wait: 5m\n  blog-api: { branch: main, approvals: { required: 0 } }',
    path: 'services.blog-api',
    found: '"blog-api"',
    allowed: 'a name that no environment has',
    at: 'blog-api:\n    repository',
  },
  'a default environment that is not there': {
    instead: 'environment: prod',
    write: 'environment: prdo',
    path: 'defaults.environment',
    found: '"prdo"',
    allowed: 'dev, prod',
  },
  'a default service that is not there': {
    instead: 'service: blog-api\npolling',
    write: 'service: blog\npolling',
    path: 'defaults.service',
    found: '"blog"',
    allowed: 'blog-api',
  },
  'a name that every object has': {
    instead: 'environment: prod',
    write: 'environment: constructor',
    path: 'defaults.environment',
    found: '"constructor"',
    allowed: 'dev, prod',
  },
  'an environment that only a service knows': {
    instead: '      dev: {',
    write: '      stage: {',
    path: 'services.blog-api.environments.stage',
    found: '"stage"',
    allowed: 'dev, prod',
  },
})

const targets = rows({
  'a cluster alone': {
    instead: '{ cluster: blog-cluster-dev, service: blog-api }',
    write: '{ cluster: blog-cluster-dev }',
    path: 'services.blog-api.environments.dev.service',
    found: 'nothing',
    allowed: /ECS service/,
  },
  'a service alone': {
    instead: '{ cluster: blog-cluster-dev, service: blog-api }',
    write: '{ service: blog-api-dev }',
    path: 'services.blog-api.environments.dev.cluster',
    found: 'nothing',
    allowed: /ECS cluster/,
  },
  'one target and several': {
    instead: '{ cluster: blog-cluster-dev, service: blog-api }',
    write: '{ cluster: one, service: two, targets: [{ cluster: three, service: four }] }',
    path: 'services.blog-api.environments.dev.targets',
    found: 'a list',
    allowed: /^either/,
  },
  'two environments on one ECS service': {
    instead: 'cluster: blog-cluster-prod',
    write: 'cluster: blog-cluster-dev, wait: 1m',
    path: 'services.blog-api.environments.prod.service',
    found: '"blog-api"',
    allowed: /nothing else here deploys to/,
  },
  'one ECS service twice in a list': {
    instead: '{ cluster: blog-cluster-dev, service: blog-api }',
    write: '{ targets: [{ cluster: one, service: two }, { cluster: one, service: two }] }',
    path: 'services.blog-api.environments.dev.targets[1]',
    found: 'a mapping',
    allowed: /nothing else here deploys to/,
  },
  'a migration of one environment that could run in two clusters': {
    instead:
      'migration: { family: blog-api-migrate }\n    environments:\n      dev: { cluster: blog-cluster-dev, service: blog-api }',
    write:
      'environments:\n      dev: { migration: { family: m }, targets: [{ cluster: one, service: two }, { cluster: three, service: four }] }',
    path: 'services.blog-api.environments.dev.migration.cluster',
    found: 'nothing',
    allowed: /^one, three/,
    at: 'dev: { migration',
  },
  'a migration that could run in two clusters': {
    instead: '{ cluster: blog-cluster-dev, service: blog-api }',
    write: '{ targets: [{ cluster: one, service: two }, { cluster: three, service: four }] }',
    path: 'services.blog-api.migration.cluster',
    found: 'nothing',
    allowed: /^one, three/,
    at: 'migration:',
  },
})

const policies = rows({
  'more keys than people': {
    instead: 'required: 2',
    write: 'required: 4',
    path: 'environments.prod.approvals.required',
    found: '4',
    allowed: 'a whole number from 0 to 3',
  },
  'two accounts of one person': {
    instead: '[U0ANA, U0BEN, U0CHLOE]',
    write: '[U0ANA, U0ANAS]',
    path: 'environments.prod.approvals.required',
    found: '2',
    allowed: 'a whole number from 0 to 1',
    at: 'required: 2',
  },
  'authors may not approve, and one approver alone has a login': {
    instead: 'required: 2',
    write: 'required: 2\n      authorsMayApprove: false',
    path: 'environments.prod.approvals.required',
    found: '2',
    allowed: 'a whole number from 0 to 1',
    at: 'required: 2',
  },
  'authors may not approve, and no more have logins whoever is in the group': {
    instead: 'approvers: [U0ANA, U0BEN, U0CHLOE]',
    write: 'approvers: [S0DEPLOYERS]\n      authorsMayApprove: false',
    path: 'environments.prod.approvals.required',
    found: '2',
    allowed: 'a whole number from 0 to 1',
    at: 'required: 2',
  },
  'keys and nobody to turn them': {
    instead: 'approvals: { required: 0 }',
    write: 'approvals: { required: 1 }',
    path: 'environments.dev.approvals.approvers',
    found: 'nothing',
    allowed: ids,
  },
  'a rollback with more keys than people': {
    instead: 'wait: 5m',
    write: 'rollback: { approvals: { required: 2, approvers: [U0BEN] } }',
    path: 'environments.prod.rollback.approvals.required',
    found: '2',
    allowed: 'a whole number from 0 to 1',
  },
  'a rollback with keys where a deploy has none': {
    instead: 'approvals: { required: 0 }',
    write: 'approvals: { required: 0 }\n    rollback: { approvals: { required: 1 } }',
    path: 'environments.dev.rollback.approvals.approvers',
    found: 'nothing',
    allowed: ids,
    at: 'rollback:',
  },
  'a service that asks for more than its environment has': {
    instead: 'cluster: blog-cluster-prod,',
    write: 'approvals: { required: 4 }, cluster: blog-cluster-prod,',
    path: 'services.blog-api.environments.prod.approvals.required',
    found: '4',
    allowed: 'a whole number from 0 to 3',
  },
  'two approvers, of whom one always asks': {
    instead: '[U0ANA, U0BEN, U0CHLOE]',
    write: '[U0ANA, U0BEN]\n    requesters: [U0ANAS, U0BEN]',
    path: 'environments.prod.approvals.required',
    found: '2',
    allowed: 'a whole number from 0 to 1',
    at: 'required: 2',
  },
  'one approver written twice': {
    instead: '[U0ANA, U0BEN, U0CHLOE]',
    write: '[U0ANA, U0BEN, U0ANA]',
    path: 'environments.prod.approvals.approvers[2]',
    found: '"U0ANA"',
    allowed: 'each entry once',
  },
  'one account of two people': {
    instead: '- slack: [U0BEN]',
    write: '- slack: [U0BEN, U0ANAS]',
    path: 'people[1].slack[1]',
    found: '"U0ANAS"',
    allowed: 'an account that belongs to nobody else',
  },
  'one login of two people': {
    instead: '- slack: [U0BEN]',
    write: '- slack: [U0BEN]\n    github: Ana',
    path: 'people[1].github',
    found: '"Ana"',
    allowed: 'an account that belongs to nobody else',
    at: 'github: Ana',
  },
})

test('the file used for the mistakes has none itself', () => {
  expect(problemsOf(sound)).toEqual([])
})

describe.each([
  ['values', values],
  ['fields', fields],
  ['names', names],
  ['targets', targets],
  ['policies', policies],
])('%s', (_title, table) => {
  test.each(table)('rejects %s', (_name, { instead, write, path, found, allowed, at = write }) => {
    const text = sound.replace(instead, write)
    const allowing = allowed instanceof RegExp ? expect.stringMatching(allowed) : allowed
    expect(problemsOf(text)).toEqual([
      { line: lineWith(text, at), path, found, allowed: allowing, message: expect.stringMatching(/\.|\?$/) },
    ])
  })
})

test.each([
  ['wait: 5m', 'queue: off'],
  ['containers: [api]', 'containers: [api]\n    pipeline: { name: blog-api }'],
])('rejects a field that is not supported yet with those words: instead of %s, %s', (instead, later) => {
  const problems = problemsOf(sound.replace(instead, later))
  expect(problems).toHaveLength(1)
  expect(problems[0]?.message).toContain('not supported yet')
})

test.each([
  ['wait: 5m', 'wiat: 5m', '"wait"'],
  ['environment: prod', 'environment: prdo', '"prod"'],
])('suggests the nearest match: %s, %s', (right, wrong, match) => {
  expect(problemsOf(sound.replace(right, wrong))[0]?.message).toContain(`Did you mean ${match}?`)
})

test('a rollback has no authors, so it needs no logins', () => {
  const lenient = 'authorsMayApprove: false\n    rollback: { approvals: { required: 2 } }\n    wait: 5m'
  const text = sound.replace('required: 2', 'required: 1').replace('    wait: 5m', `      ${lenient}`)
  expect(text).toContain('required: 2')
  expect(problemsOf(text)).toEqual([])
})

test('a group of approvers may have any number of members', () => {
  expect(problemsOf(sound.replace('[U0ANA, U0BEN, U0CHLOE]', '[S0DEPLOYERS]'))).toEqual([])
})

describe('one cluster and service in two environments', () => {
  const file = (dev: string, prod: string) =>
    sound
      .replace('blog-cluster-dev', 'blog-cluster-prod')
      .replace('branch: develop', `branch: develop${dev}`)
      .replace('branch: main', `branch: main${prod}`)
  const aws = (region: string) => `\n    aws: { region: ${region} }`

  test.each([
    ['both regions named, and different', aws('eu-west-1'), aws('ap-northeast-2'), undefined, 0],
    ['both regions named, and the same', aws('eu-west-1'), aws('eu-west-1'), undefined, 1],
    ['no region named', '', '', 'eu-west-1', 1],
    ['one region named, AWS_REGION not known', '', aws('eu-west-1'), undefined, 1],
    ['the other region named, AWS_REGION not known', aws('eu-west-1'), '', undefined, 1],
    ['one region named, AWS_REGION the same', '', aws('eu-west-1'), 'eu-west-1', 1],
    ['one region named, AWS_REGION another', '', aws('eu-west-1'), 'ap-northeast-2', 0],
  ])('one ECS service in two environments: %s', (_name, dev, prod, region, count) => {
    const loaded = parseConfig(file(dev, prod), { region })
    const paths = 'problems' in loaded ? loaded.problems.map(({ path }) => path) : []
    expect(paths).toEqual(Array(count).fill('services.blog-api.environments.prod.service'))
  })

  const role = (account: string) =>
    `\n    aws: { region: eu-west-1, roleArn: "arn:aws:iam::${account}:role/twokey" }`

  test.each([
    ['roles of two accounts', role('123456789012'), role('210987654321'), 0],
    ['two roles of one account', role('123456789012'), role('123456789012').replace('twokey"', 'prod"'), 1],
    ['a role, and twokey’s own account', aws('eu-west-1'), role('210987654321'), 0],
  ])('one ECS service in two environments: %s', (_name, dev, prod, count) => {
    expect(problemsOf(file(dev, prod))).toHaveLength(count)
  })

  test('names AWS_REGION if it decides whether two targets are the same', () => {
    const [problem] = problemsOf(file('', aws('eu-west-1')))
    expect(problem?.message).toContain('AWS_REGION')
  })
})

test('reports a mistake once, and hides none elsewhere', () => {
  const text = sound
    .replace('C0DEPLOYS', 'deploys')
    .replace('environment: prod', 'environment: prd')
    .replace('required: 2', 'required: two')
    .replace('approvers: [U0ANA, U0BEN, U0CHLOE]', 'approvers: []')
    .replace('cluster: blog-cluster-prod', 'approvals: { required: 3 }, cluster: blog-cluster-prod')
  expect(problemsOf(text).map(({ line, path }) => [line, path])).toEqual([
    [2, 'slack.channel'],
    [4, 'defaults.environment'],
    [19, 'environments.prod.approvals.required'],
    [20, 'environments.prod.approvals.approvers'],
  ])
})

test('explains a wrong list entry with the purpose of the list', () => {
  const [wrong] = problemsOf(sound.replace('[U0ANA, U0BEN, U0CHLOE]', '["@ben", U0BEN, U0CHLOE]'))
  const [empty] = problemsOf(sound.replace('[U0ANA, U0BEN, U0CHLOE]', '[]'))
  expect(wrong?.path).toBe('environments.prod.approvals.approvers[0]')
  expect(wrong?.message).toBe(
    `${empty?.message} In Slack: profile → ⋯ → Copy member ID, or People → User groups → ⋯ → Copy group ID.`,
  )
})

test('prints one block per problem', () => {
  const text = sound.replace('required: 2', 'required: "two"').replace('wait: 5m', 'pause: {}')
  const lines = formatProblems('twokey.yml', problemsOf(text)).split('\n')
  expect(lines).toHaveLength(4)
  expect(lines[0]).toBe(
    'twokey.yml:19  environments.prod.approvals.required  found "two"; allowed: a whole number, 0 or greater',
  )
})
