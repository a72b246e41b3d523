import type { ServiceEnvironment, Settings } from '../../src/settings/settings.ts'
import { minute, policy } from '../release/driver.ts'
import { target } from '../release/world.ts'

/** blog-api in prod with two approvals, unless specified otherwise. */
export function serviceEnvironment(part: Partial<ServiceEnvironment> = {}): ServiceEnvironment {
  return {
    service: 'blog-api',
    environment: 'prod',
    repository: 'myorg/blog-api',
    workflow: 'deploy.yml',
    inputs: {},
    environmentFrom: 'input',
    containers: ['api'],
    branch: 'main',
    githubEnvironment: 'production',
    channel: 'C0DEPLOYS',
    targets: [target],
    requesters: 'everyone',
    policy: policy(),
    waitMs: 0,
    rollback: { policy: policy(), waitMs: 0 },
    emergency: null,
    freezes: [],
    requires: [],
    checks: null,
    externalChannels: false,
    notify: [],
    deadlines: { runMs: 60 * minute, rolloutMs: 60 * minute },
    ...part,
  }
}

/** The settings of these service environments; twokey looks often and waits briefly. */
export function settingsOf(
  serviceEnvironments: readonly ServiceEnvironment[],
  part: Partial<Settings> = {},
): Settings {
  return {
    readers: 'members',
    directMessages: { approvers: false, requester: false },
    defaults: {},
    polling: { activeMs: 5, idleMs: 5, settleMs: 100 },
    environments: [...new Set(serviceEnvironments.map(({ environment }) => environment))],
    githubEnvironments: {},
    services: [...new Set(serviceEnvironments.map(({ service }) => service))],
    serviceEnvironments,
    ...part,
  }
}
