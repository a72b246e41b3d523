import { createRequire } from 'node:module'
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { eventQueue } from '../../src/iam/event-queue.ts'
import { toCloudFormation } from '../../src/iam/formats/cloudformation.ts'
import { rolesToJson, toJson } from '../../src/iam/formats/json.ts'
import { toTerraform } from '../../src/iam/formats/terraform.ts'
import { gitHubIssuer } from '../../src/iam/issuer.ts'
import { type AwsParts, rolesAlone } from '../../src/iam/parts.ts'
import { rolesFor } from '../../src/iam/roles.ts'
import { valuesFor } from '../../src/iam/values.ts'
import { filledRoles, setupOf, twoAccounts } from './setup.ts'
import { variable } from './variable.ts'

// Required, not imported: its types bring those of the DOM, which are in the way of Node's.
const { parse } = createRequire(import.meta.url)('@cdktf/hcl2json') as {
  parse(file: string, text: string): Promise<unknown>
}

const known = filledRoles(setupOf(twoAccounts))
/** With the roles, what is created once in an account, and in a region. */
const everything: AwsParts = {
  roles: known,
  provider: gitHubIssuer,
  queue: eventQueue({ url: 'https://sqs.eu-west-1.amazonaws.com/123456789012/twokey' }, 'eu-west-1'),
}
const open = rolesFor(setupOf(twoAccounts))
const parameters = valuesFor(['myorg/blog-api'])

type Json = { [key: string]: Json } & Json[] & string

/** The documents of the JSON format, by role and policy. */
const documents = new Map(
  (JSON.parse(rolesToJson(known)) as Json[]).flatMap(
    (role) =>
      [
        [`${role.RoleName} trust`, role.AssumeRolePolicyDocument],
        ...role.Policies!.map((policy) => [`${role.RoleName} ${policy.PolicyName}`, policy.PolicyDocument]),
      ] as [string, unknown][],
  ),
)

/** Terraform as JSON, with the documents as objects: the parser does not evaluate `jsonencode`. */
async function parsedTerraform(text: string): Promise<Json> {
  return (await parse('iam.tf', text.replaceAll(/jsonencode\((\{[\s\S]*?^ {2}\})\)/gm, '$1'))) as Json
}

describe('Terraform', () => {
  it('Terraform is valid, and has the same documents as JSON', async () => {
    const { resource } = await parsedTerraform(toTerraform(everything, []))
    const roles = Object.entries(resource!.aws_iam_role!)
    const nameOf = (id: string) => resource!.aws_iam_role![id]![0]!.name!
    const found = new Map<string, unknown>([
      ...roles.map(([id, [role]]) => [`${nameOf(id)} trust`, role!.assume_role_policy] as const),
      ...Object.values(resource!.aws_iam_role_policy!).map(
        ([policy]) => [`${nameOf(policy!.role!.split('.')[1]!)} ${policy!.name}`, policy!.policy] as const,
      ),
      ...Object.values(resource!.aws_iam_policy!).map(
        ([policy]) => [policy!.name!.replace('-', ' '), policy!.policy] as const,
      ),
    ])
    for (const [name, document] of documents) if (document) expect(found.get(name), name).toEqual(document)
  })

  it('creates the provider on request, and a queue that only its rules may send to', async () => {
    const { resource, variable } = await parsedTerraform(toTerraform(everything, []))
    expect(Object.keys(variable!)).toEqual(['create_oidc_provider'])
    expect(resource!.aws_iam_openid_connect_provider).toMatchObject({
      github: [{ url: 'https://token.actions.githubusercontent.com', client_id_list: ['sts.amazonaws.com'] }],
    })
    const { Queue, Rules } = JSON.parse(toJson(everything)) as Json
    expect(resource!.aws_sqs_queue_policy!.events![0]!.policy).toEqual(Queue!.Attributes!.Policy)
    const patterns = Object.values(resource!.aws_cloudwatch_event_rule!).map(([rule]) => rule!.event_pattern)
    expect(patterns).toEqual(Rules!.map(({ EventPattern }) => EventPattern))
    expect(Object.keys(resource!.aws_cloudwatch_event_target!)).toEqual(['deployments', 'tasks'])
  })

  it('declares a variable for each value that is not known, and uses it', async () => {
    const text = toTerraform(rolesAlone(open), parameters)
    const { variable } = await parsedTerraform(text)
    const declared = Object.keys(variable!)
    const used = [...text.matchAll(/\$\{var\.(\w+)\}/g)].map(([, name]) => name!)
    expect(declared.toSorted()).toEqual([...new Set(used)].toSorted())
  })

  it('aligns the equals signs of neighbouring lines, as its formatter does', () => {
    const text = toTerraform(rolesAlone(open), parameters)
    expect(text).toContain('  type        = string\n')
    expect(text).toContain(
      '        Sid    = "FollowServices"\n        Effect = "Allow"\n        Action = [\n',
    )
    expect(text.endsWith('}\n\n')).toBe(true)
  })
})

const spec = loadAwsServiceSpecSync()

/** The roles and managed policies of a template. */
function rolesIn({ Resources }: Json): readonly Json[] {
  return Object.values(Resources!).filter(({ Type }) => /IAM::(Role|ManagedPolicy)$/.test(Type!))
}

/** The properties that the resource schema of a type has. */
function schemaOf(type: string) {
  const { properties } = spec.lookup('resource', 'cloudFormationType', 'equals', type).only()
  return {
    all: Object.keys(properties),
    required: Object.entries(properties).flatMap(([name, { required }]) => (required ? [name] : [])),
  }
}

describe('CloudFormation', () => {
  const template = parseYaml(toCloudFormation(everything, []), { schema: 'yaml-1.1' }) as Json

  it('the template has only resources and properties that CloudFormation has, and all that it requires', () => {
    for (const { Type, Properties } of Object.values(template.Resources!)) {
      const { all, required } = schemaOf(Type!)
      const names = Object.keys(Properties!)
      expect(names.filter((name) => !all.includes(name))).toEqual([])
      expect(required.filter((name) => !names.includes(name))).toEqual([])
    }
  })

  it('the template has the same documents as JSON', () => {
    const found = new Map<string, unknown>(
      rolesIn(template).flatMap(({ Properties }): [string, unknown][] =>
        Properties!.ManagedPolicyName
          ? [[Properties!.ManagedPolicyName.replace('-', ' '), Properties!.PolicyDocument]]
          : [
              [`${Properties!.RoleName} trust`, Properties!.AssumeRolePolicyDocument],
              ...Properties!.Policies!.map((policy): [string, unknown] => [
                `${Properties!.RoleName} ${policy.PolicyName}`,
                policy.PolicyDocument,
              ]),
            ],
      ),
    )
    for (const [name, document] of documents) if (document) expect(found.get(name), name).toEqual(document)
  })

  it('the template creates the provider on request, and a queue that only its rules may send to', () => {
    const { Parameters, Conditions, Resources } = template
    expect(Object.keys(Parameters!)).toEqual(['CreateOidcProvider'])
    expect(Resources!.OidcProvider!.Condition).toBe(Object.keys(Conditions!)[0])
    const { Queue, Rules } = JSON.parse(toJson(everything)) as Json
    expect(Resources!.EventQueuePolicy!.Properties!.PolicyDocument).toEqual(Queue!.Attributes!.Policy)
    const rules = [Resources!.DeploymentsRule!, Resources!.TasksRule!].map(({ Properties }) => Properties!)
    expect(rules.map(({ EventPattern }) => EventPattern)).toEqual(
      Rules!.map(({ EventPattern }) => EventPattern),
    )
  })

  it('declares a parameter for each value that is not known, and uses it', () => {
    const text = toCloudFormation(rolesAlone(open), parameters)
    const { Parameters } = parseYaml(text) as Json
    const used = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!)
    expect(Object.keys(Parameters!).toSorted()).toEqual([...new Set(used)].toSorted())
    expect(text.replaceAll(/Fn::Sub: .*/g, '')).not.toContain('${')
  })

  it('explains each statement in a comment', () => {
    const text = toCloudFormation(everything, [])
    for (const { statements } of known.flatMap(({ policies }) => policies))
      for (const { why } of statements) expect(text).toContain(`# ${why}`)
  })
})

describe('names from outside', () => {
  const odd = twoAccounts.replace(
    'githubEnvironment: production',
    `githubEnvironment: 'eu:${variable('x')}%{y}'`,
  )
  const sub = 'token.actions.githubusercontent.com:sub'
  const literal = `repo:myorg/blog-api:environment:eu%3A${variable('$')}{x}%{y}`
  const roles = filledRoles(setupOf(odd)).filter(({ of }) => of.includes('eu:'))

  it('JSON: IAM replaces no variable in them, and the subject has its colon encoded', () => {
    const [role] = JSON.parse(rolesToJson(roles)) as Json[]
    expect(role!.AssumeRolePolicyDocument!.Statement![0]!.Condition!.StringEquals![sub]).toEqual([literal])
    expect(role!.RoleName).toBe('blog-api-deploy-eu-x-y-')
  })

  it('Terraform keeps them', () => {
    expect(toTerraform(rolesAlone(roles), [])).toContain(
      '"repo:myorg/blog-api:environment:eu%3A$${$}{x}%%{y}"',
    )
  })

  it('CloudFormation keeps them, inside Fn::Sub too', () => {
    const open = rolesFor(setupOf(odd)).filter(({ of }) => of.includes('eu:'))
    expect(toCloudFormation(rolesAlone(roles), [])).toContain(literal)
    expect(toCloudFormation(rolesAlone(open), parameters)).toContain(
      `${variable('SubjectPrefixMyorgBlogApi')}:environment:eu%3A${variable('!$')}{x}%{y}`,
    )
  })
})
