import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { trustOf } from '../../sandbox/aws/seed-roles.ts'
import { queuedTroubles, setTrouble } from '../../sandbox/page/troubles.ts'
import { type Harness, openHarness } from './harness.ts'

let harness: Harness
beforeEach(async () => {
  harness = await openHarness()
})
afterEach(() => harness.close())

describe('/deploy doctor', () => {
  it('finds nothing wrong in the world of the sandbox, and says what it read it with', async () => {
    const answer = await harness.answerTo('U0ANA', '/deploy doctor prod')
    expect(answer).toContain('0 errors')
    expect(answer).toContain('its own permissions')
    expect(harness.sandbox.github.world.violations).toEqual([])
  })

  it('finds a full subnet and a role that trusts the branch, with their values and what to do', async () => {
    const { world, iam } = harness.sandbox.aws
    world.subnets.set('subnet-0a1b2c3d', { free: 0 }).set('subnet-0e4f5a6b', { free: 1 })
    iam.addRole({ account: '123456789012' }, 'github-actions-deploy', {
      trustPolicy: trustOf('repo:myorg/blog-api:ref:refs/heads/main'),
    })
    const shown = await harness.answerTo('U0ANA', '/deploy doctor prod')
    // Without the word joiners that keep names from becoming emoji.
    const answer = shown.replaceAll('\u2060', '')
    expect(answer).toContain('3 errors')
    expect(answer).toContain('subnet-0e4f5a6b has 1 free')
    expect(answer).toContain('repo:myorg/blog-api:environment:production')
    expect(answer).toContain('Next:')
  })

  it('finds what the switch of the demo breaks, until it is switched off', async () => {
    setTrouble(harness.sandbox, 'role', 'fails')
    expect(queuedTroubles(harness.sandbox).role).toBe(true)
    const broken = await harness.answerTo('U0ANA', '/deploy doctor prod')
    expect(broken).toContain('the deploy job may not assume the role')
    setTrouble(harness.sandbox, 'role', 'works')
    expect(queuedTroubles(harness.sandbox).role).toBe(false)
    expect(await harness.answerTo('U0ANA', '/deploy doctor prod')).toContain('0 errors')
  })

  it('names the permissions that twokey does not have', async () => {
    harness.sandbox.aws.world.deny('iam:GetRole', 'ec2:DescribeSubnets')
    const answer = await harness.answerTo('U0ANA', '/deploy doctor')
    expect(answer).toContain('0 errors')
    expect(answer).toContain('iam:GetRole')
    expect(answer).toContain('ec2:DescribeSubnets')
  })

  it('an expired session of AWS is a sentence that says what to renew', async () => {
    harness.sandbox.aws.world.token = 'expired'
    const answer = await harness.answerTo('U0ANA', '/deploy doctor prod')
    expect(answer).toContain('could not be read')
    expect(answer).toContain('renew the AWS credentials')
  })

  it('guests may not read it, and a service is no environment', async () => {
    expect(await harness.answerTo('U0GUS', '/deploy doctor')).not.toContain('Setup of')
    expect(await harness.answerTo('U0ANA', '/deploy doctor blog-api')).toContain('is a service')
  })
})
