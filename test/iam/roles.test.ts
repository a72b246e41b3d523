import { describe, expect, it } from 'vitest'
import { rolesToJson } from '../../src/iam/formats/json.ts'
import { hasOwnClaims, issuerOf } from '../../src/iam/issuer.ts'
import { rolesFor } from '../../src/iam/roles.ts'
import { tooLarge } from '../../src/iam/size.ts'
import { shown } from '../../src/iam/text.ts'
import { filledRoles, setupOf, twoAccounts } from './setup.ts'

const text = (config: string, over = {}) => rolesToJson(filledRoles(setupOf(config, over)))

describe('roles', () => {
  it('twokey has a policy for its own account, and a role in each other account that trusts it', () => {
    const roles = filledRoles(setupOf(twoAccounts))
    expect(roles.map(({ name, account }) => [name, shown(account)])).toEqual([
      ['twokey', '123456789012'],
      ['twokey-prod', '210987654321'],
      ['blog-api-deploy-dev', '123456789012'],
      ['blog-api-deploy-production', '210987654321'],
    ])
    expect(roles[1]!.trust).toMatchObject({
      action: 'sts:AssumeRole',
      principal: { AWS: { parts: ['arn:aws:iam::123456789012:role/twokey'] } },
    })
  })

  it('a policy names nothing of another account, except the roles that twokey assumes there', () => {
    for (const { account, policies } of filledRoles(setupOf(twoAccounts))) {
      const resources = policies
        .filter(({ feature }) => feature !== 'accounts')
        .flatMap(({ statements }) => statements.flatMap((each) => each.resources.map(shown)))
      const others = resources.filter((arn) => arn !== '*' && arn.split(':')[4] !== shown(account))
      expect(others).toEqual([])
    }
  })

  it('each queue is read by the role of its account', () => {
    const queues = filledRoles(setupOf(twoAccounts, { features: ['events'] })).map(({ name, policies }) => [
      name,
      policies.flatMap(({ statements }) => statements.flatMap((each) => each.resources.map(shown))),
    ])
    expect(queues).toEqual([
      ['twokey', ['arn:aws:sqs:eu-west-1:123456789012:twokey']],
      ['twokey-prod', ['arn:aws:sqs:us-east-1:210987654321:twokey']],
    ])
  })

  it('a feature that nothing uses has no policy', () => {
    const single = twoAccounts
      .replace(/events:[\s\S]*?environments:/, 'environments:')
      .replace(', roleArn: arn:aws:iam::210987654321:role/ops/twokey-prod', '')
    const used = rolesFor(setupOf(single)).flatMap(({ policies }) => policies.map(({ feature }) => feature))
    expect(new Set(used)).toEqual(new Set(['follow', 'rollback', 'codedeploy', 'doctor', 'deploy']))
  })

  it('a service without a migration lets its workflow run no task', () => {
    expect(text(twoAccounts)).toContain('ecs:RunTask')
    expect(text(twoAccounts.replace(/ +migration: .*\n/, ''))).not.toContain('ecs:RunTask"')
  })

  it.each([
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eu-west-1', 'aws'],
  ])('ARNs in %s are of the partition %s', (region, partition) => {
    const config = twoAccounts
      .replace('us-east-1, roleArn: arn:aws:', `${region}, roleArn: arn:${partition}:`)
      .replace('sqs.us-east-1', `sqs.${region}`)
    const arns = [...text(config).matchAll(/"arn:([\w-]+):\w+:([\w-]*):210987654321/g)]
    expect(arns.length).toBeGreaterThan(10)
    expect(arns.filter(([, found]) => found !== partition)).toEqual([])
  })

  it('services of one repository, GitHub environment and branch share a deploy role; others have their own', () => {
    const service = (name: string, repository: string) => `
  ${name}:
    repository: ${repository}
    workflow: deploy-${name}.yml
    containers: [api]
    environments:
      prod: { cluster: blog-prod, service: ${name} }
`
    const config = `${twoAccounts}${service('worker', 'myorg/blog-api')}${service('fork', 'other/blog-api')}`
    const roles = rolesFor(setupOf(config, { features: ['deploy'] }))
    expect(roles.map(({ name, of }) => `${name}: ${of}`)).toEqual([
      'blog-api-deploy-dev: jobs of myorg/blog-api in the GitHub environment dev',
      'blog-api-deploy-production: jobs of myorg/blog-api in the GitHub environment production',
      'blog-api-deploy-production-2: jobs of other/blog-api in the GitHub environment production',
    ])
    const services = roles[1]!.policies[0]!.statements.find(({ sid }) => sid === 'UpdateServices')!
    expect(services.resources.map(shown)).toEqual([
      'arn:aws:ecs:us-east-1:210987654321:service/blog-prod/blog-api',
      'arn:aws:ecs:us-east-1:210987654321:service/blog-prod/worker',
    ])
  })

  it('IAM names of roles have no other characters and at most 64', () => {
    const long = twoAccounts.replace('production', `'${'very-long,'.repeat(9)}'`)
    for (const { name } of rolesFor(setupOf(long))) expect(name).toMatch(/^[\w+=,.@-]{1,64}$/)
  })
})

describe('the size of policies', () => {
  const many = (count: number) =>
    Array.from(
      { length: count },
      (_, at) => `
  service-number-${at}:
    repository: myorg/service-number-${at}
    workflow: deploy.yml
    containers: [api]
    environments:
      dev: { cluster: blog-dev, service: service-number-${at} }
      prod: { cluster: blog-prod, service: service-number-${at} }
`,
    ).join('')

  it('the policies are within what IAM allows for twenty services of an account', () => {
    expect(tooLarge(filledRoles(setupOf(twoAccounts + many(19))))).toEqual([])
  })

  it('a policy is reported that is larger than IAM allows, which counts managed and inline policies differently', () => {
    const found = tooLarge(filledRoles(setupOf(twoAccounts + many(60))))
    expect(found.map(({ name, most }) => [name, most])).toEqual([
      ['twokey-rollback', 6_144],
      ['twokey-prod', 10_240],
    ])
    expect(found.every(({ size, most }) => size > most)).toBe(true)
  })
})

describe('issuers', () => {
  it.each([
    ['https://api.github.com', 'token.actions.githubusercontent.com', true],
    ['https://api.acme.ghe.com', 'token.actions.acme.ghe.com', true],
    ['https://github.example.com/api/v3', 'github.example.com/_services/token', false],
  ])('%s issues tokens as %s', (api, issuer, own) => {
    expect(issuerOf(api)).toBe(issuer)
    expect(hasOwnClaims(issuer)).toBe(own)
  })

  it('GitHub Enterprise Server: the trust policy demands only the audience and the subject', () => {
    const issuer = 'github.example.com/_services/token'
    const roles = filledRoles(setupOf(twoAccounts, { issuer }))
    const keys = Object.keys(roles.at(-1)!.trust!.conditions!.StringEquals!)
    expect(keys).toEqual([`${issuer}:aud`, `${issuer}:sub`])
  })
})
