import { describe, expect, it, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { settingsOf } from '../../src/config/settings.ts'
import { serviceEnvironmentOf } from '../../src/settings/settings.ts'

/** What the settings say of blog-api in prod, with these lines of the environment in the file. */
function prod(lines: string, region?: string) {
  const loaded = parseConfig(`slack: { channel: C0DEPLOYS }
people: [{ slack: [U0BEN, U0BEN2] }]
environments:
  prod: { branch: main, ${lines} }
services:
  blog-api:
    repository: myorg/blog-api
    workflow: deploy.yml
    containers: [api]
    environments:
      prod: { cluster: blog-cluster-prod, service: blog-api }
`)
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  const place = serviceEnvironmentOf(settingsOf(loaded.config, region), {
    service: 'blog-api',
    environment: 'prod',
  })
  if (place === undefined) throw new Error('it is not shipped there')
  return place
}

const two = 'approvals: { required: 2, approvers: [U0ANA, U0BEN, U0CHLOE] }'
const none = 'approvals: { required: 0 }'
const noneForRollbacks = 'rollback: { approvals: { required: 0 } }'
const oneForRollbacks = 'rollback: { approvals: { required: 1, approvers: [U0ANA, U0BEN] } }'

describe('approvals from a channel that is shared with another organization', () => {
  it.each([
    ['a deploy needs approvals', `${two}, ${noneForRollbacks}`],
    ['a rollback alone needs one', `${none}, ${oneForRollbacks}`],
    ['both need them', two],
  ])('approvals from a shared channel are refused if %s', (_, lines) => {
    const { policy, rollback } = prod(lines)
    expect([policy.externalChannels, rollback.policy.externalChannels]).toEqual(['refused', 'refused'])
  })

  it('approvals from a shared channel are refused in an emergency too', () => {
    const { emergency } = prod(`${two}, emergency: { approvals: { required: 1 } }`)
    expect(emergency?.policy.externalChannels).toBe('refused')
  })

  it('approvals from a shared channel are allowed if twokey.yml allows them', () => {
    const { policy, rollback } = prod(`${two}, externalChannels: true`)
    expect([policy.externalChannels, rollback.policy.externalChannels]).toEqual(['allowed', 'allowed'])
  })

  it('a shared channel is allowed if nothing needs an approval', () => {
    const { policy, rollback } = prod(`${none}, ${noneForRollbacks}`)
    expect([policy.externalChannels, rollback.policy.externalChannels]).toEqual(['allowed', 'allowed'])
  })
})

test('every policy knows which accounts are one person', () => {
  const { policy, rollback, emergency } = prod(`${two}, emergency: { approvals: { required: 1 } }`)
  for (const each of [policy, rollback.policy, emergency?.policy])
    expect(each?.people).toEqual([{ slack: ['U0BEN', 'U0BEN2'] }])
})

test('a service environment has the region of AWS_REGION if the file names none', () => {
  expect(prod(two, 'eu-west-1').region).toBe('eu-west-1')
  expect(prod(`${two}, aws: { region: us-east-1 }`, 'eu-west-1').region).toBe('us-east-1')
  expect(prod(two).region).toBeUndefined()
})
