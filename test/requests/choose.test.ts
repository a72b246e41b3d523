import { describe, expect, test } from 'vitest'
import { type Chosen, chooseForDeploy, chooseForRollback } from '../../src/requests/choose.ts'
import {
  currentRules,
  type ServiceEnvironment,
  type Settings,
  targetsOf,
} from '../../src/settings/settings.ts'
import { deploySubject, policy, rollbackSubject } from '../release/driver.ts'

function place(
  service: string,
  environment: string,
  part: Partial<ServiceEnvironment> = {},
): ServiceEnvironment {
  return {
    service,
    environment,
    repository: `myorg/${service}`,
    workflow: 'deploy.yml',
    inputs: {},
    environmentFrom: 'input',
    containers: ['api'],
    branch: 'main',
    githubEnvironment: environment,
    channel: 'C0DEPLOYS',
    targets: [{ cluster: `blog-cluster-${environment}`, service }],
    requesters: 'everyone',
    policy: policy(),
    waitMs: 0,
    rollback: { policy: policy({ required: 1 }), waitMs: 0 },
    emergency: null,
    freezes: [],
    requires: [],
    checks: null,
    notify: [],
    externalChannels: false,
    deadlines: { runMs: 1, rolloutMs: 1 },
    ...part,
  }
}

function settings(places: readonly ServiceEnvironment[], defaults: Settings['defaults'] = {}): Settings {
  return {
    defaults,
    polling: { activeMs: 1, idleMs: 1, settleMs: 1 },
    environments: ['dev', 'prod'],
    githubEnvironments: {},
    readers: 'members',
    directMessages: { approvers: false, requester: false },
    services: [...new Set(places.map(({ service }) => service))],
    serviceEnvironments: places,
  }
}

const one = settings([place('blog-api', 'dev'), place('blog-api', 'prod')])
const two = [place('blog-api', 'dev'), place('blog-api', 'prod'), place('shop', 'prod')]

function named(chosen: Chosen): string {
  return 'refused' in chosen
    ? chosen.refused.code
    : `${chosen.serviceEnvironment.service} ${chosen.serviceEnvironment.environment}`
}

describe('the service of `/deploy`', () => {
  test.each<readonly [string, Settings, string | null, string, string]>([
    ['the only one', one, null, 'prod', 'blog-api prod'],
    ['the one named', settings(two), 'shop', 'prod', 'shop prod'],
    ['the default of several', settings(two, { service: 'shop' }), null, 'prod', 'shop prod'],
    [
      'the one named, not the default',
      settings(two, { service: 'shop' }),
      'blog-api',
      'prod',
      'blog-api prod',
    ],
    [
      'the only one there, although another is the default',
      settings(two, { service: 'shop' }),
      null,
      'dev',
      'blog-api dev',
    ],
    ['several and no default', settings(two), null, 'prod', 'several_services'],
    ['an unknown one', one, 'blog-apl', 'prod', 'service_unknown'],
    ['an unknown environment', one, 'blog-api', 'produ', 'environment_unknown'],
    ['an unknown environment without services', one, null, 'produ', 'environment_unknown'],
    ['a service that does not ship there', settings(two), 'shop', 'dev', 'environment_unknown'],
  ])('chooses the service: %s', (_, config, service, environment, expected) => {
    expect(named(chooseForDeploy(config, service, environment))).toBe(expected)
  })
})

describe('the environment of `/rollback`', () => {
  test.each<readonly [string, Settings, string, string | null, string]>([
    ['the one named', settings(two, { environment: 'prod' }), 'blog-api', 'dev', 'blog-api dev'],
    ['the default one', settings(two, { environment: 'prod' }), 'blog-api', null, 'blog-api prod'],
    ['the only one of the service', settings(two), 'shop', null, 'shop prod'],
    ['several and no default', settings(two), 'blog-api', null, 'several_environments'],
    [
      'the default environment, to which the service does not ship',
      settings(two, { environment: 'dev' }),
      'shop',
      null,
      'environment_unknown',
    ],
    ['an unknown service', one, 'shop', null, 'service_unknown'],
    ['an unknown environment', one, 'blog-api', 'produ', 'environment_unknown'],
  ])('chooses the environment: %s', (_, config, service, environment, expected) => {
    expect(named(chooseForRollback(config, service, environment))).toBe(expected)
  })

  test('every refusal names what exists', () => {
    const { refused } = refusalOf(chooseForRollback(settings(two), 'blog-api', null))
    expect(refused.next).toContain('blog-api dev')
    expect(refused.next).toContain('blog-api prod')
  })

  function refusalOf(chosen: Chosen): Extract<Chosen, { refused: unknown }> {
    if (!('refused' in chosen)) throw new Error('nothing was refused')
    return chosen
  }
})

describe('the current rules', () => {
  const release = {
    id: 'r-1',
    requester: 'U0ANA',
    service: 'blog-api',
    environment: 'prod',
    subject: deploySubject({ githubEnvironment: 'prod' }),
    targets: [{ cluster: 'blog-cluster-prod', service: 'blog-api' }],
    emergency: null,
  }

  test('a deploy and a rollback have their own policies', () => {
    expect(currentRules(one, release)?.policy.required).toBe(2)
    expect(currentRules(one, { ...release, subject: rollbackSubject() })?.policy.required).toBe(1)
  })

  test('applies the current emergency policy to an emergency deploy, and refuses it if there is no longer one', () => {
    const asked = { ...release, emergency: { why: 'it burns', usual: policy(), acknowledged: null } }
    const emergency = { requesters: 'everyone', policy: policy({ required: 0 }), waitMs: 0 } as const
    const places = settings([place('blog-api', 'prod', { emergency })])
    expect(currentRules(places, asked)?.policy.required).toBe(0)
    expect(currentRules(places, release)?.policy.required).toBe(2)
    expect(currentRules(one, asked)).toBeNull()
  })

  test('a service environment that is no longer in the config has no rules', () => {
    expect(currentRules(one, { ...release, environment: 'stage' })).toBeNull()
  })

  test.each<readonly [string, Partial<ServiceEnvironment>]>([
    ['repository', { repository: 'myorg/other' }],
    ['workflow', { workflow: 'other.yml' }],
    ['branch', { branch: 'trunk' }],
    ['GitHub environment', { githubEnvironment: 'other' }],
    ['cluster', { targets: [{ cluster: 'other', service: 'blog-api' }] }],
    ['region', { region: 'eu-west-1' }],
    ['additional target', { targets: [...release.targets, { cluster: 'other', service: 'blog-api' }] }],
  ])('refuses a release whose service environment now names another %s', (_, part) => {
    expect(currentRules(settings([place('blog-api', 'prod', part)]), release)).toBeNull()
  })

  test('targets carry the region of their environment', () => {
    const target = { cluster: 'blog-cluster-prod', service: 'blog-api' }
    expect(targetsOf(place('blog-api', 'prod'))).toEqual([target])
    expect(targetsOf(place('blog-api', 'prod', { region: 'eu-west-1' }))).toEqual([
      { ...target, region: 'eu-west-1' },
    ])
  })
})
