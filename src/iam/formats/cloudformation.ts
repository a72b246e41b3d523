import { Document, type Node } from 'yaml'
import { Commented, isText, permissionsDocument, type Tree, trustDocument } from '../document.ts'
import {
  type EventQueue,
  queuePolicy,
  retentionSeconds,
  visibilitySeconds,
  whyQueue,
} from '../event-queue.ts'
import { audience, providerQuestion } from '../issuer.ts'
import type { AwsParts } from '../parts.ts'
import type { Role } from '../statement.ts'
import { shown, type Text, unknownIn } from '../text.ts'
import type { Value } from '../values.ts'
import { distinctNames } from './names.ts'

/**
 * The parts of one account as a CloudFormation template in YAML. Values that are not known are parameters. The policies of a
 * role that exists already are managed policies, to be attached to it.
 */
export function toCloudFormation({ roles, provider, queue }: AwsParts, parameters: readonly Value[]): string {
  const names = distinctNames(
    roles.map(({ name }) => name),
    alphanumeric,
  )
  const declared = {
    ...Object.fromEntries(
      parameters.map(({ name, what }) => [alphanumeric(name), { Type: 'String', Description: what }]),
    ),
    ...(provider !== null && providerParameter(provider)),
  }
  const template: Tree = {
    AWSTemplateFormatVersion: '2010-09-09',
    ...(roles.length > 0 && {
      Description: 'For twokey. Create it with the capability CAPABILITY_NAMED_IAM.',
    }),
    ...(Object.keys(declared).length > 0 && { Parameters: declared }),
    ...(provider !== null && {
      Conditions: { CreatesProvider: { 'Fn::Equals': [{ Ref: 'CreateOidcProvider' }, 'yes'] } },
    }),
    Resources: {
      ...(provider !== null && providerResource(provider)),
      ...Object.fromEntries(roles.flatMap((role) => resourcesOf(role, names.get(role.name)!))),
      ...(queue !== null && queueResources(queue)),
    },
  }
  // Under YAML 1.1, which CloudFormation reads, a version like 2012-10-17 is a date unless it is quoted.
  const document = new Document({}, { schema: 'yaml-1.1' })
  document.contents = nodeOf(document, template) as typeof document.contents
  return document.toString({ lineWidth: 0 })
}

function providerParameter(issuer: string): { readonly [name: string]: Tree } {
  return {
    CreateOidcProvider: {
      Type: 'String',
      AllowedValues: ['yes', 'no'],
      Description: providerQuestion(issuer),
    },
  }
}

/** Without a thumbprint IAM reads it itself, and needs none for GitHub's own certificates. */
function providerResource(issuer: string): { readonly [name: string]: Tree } {
  return {
    OidcProvider: {
      Type: 'AWS::IAM::OIDCProvider',
      Condition: 'CreatesProvider',
      Properties: { Url: `https://${issuer}`, ClientIdList: [audience] },
    },
  }
}

function queueResources(queue: EventQueue): { readonly [name: string]: Tree } {
  return {
    EventQueue: new Commented(whyQueue, {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: queue.name,
        MessageRetentionPeriod: String(retentionSeconds),
        VisibilityTimeout: String(visibilitySeconds),
        SqsManagedSseEnabled: 'true',
      },
    }),
    EventQueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: { Queues: [{ Ref: 'EventQueue' }], PolicyDocument: queuePolicy(queue) },
    },
    ...Object.fromEntries(
      queue.rules.map(({ of, name, why, pattern }) => [
        alphanumeric(`${of}-rule`),
        new Commented(why, {
          Type: 'AWS::Events::Rule',
          Properties: {
            Name: name,
            EventPattern: pattern,
            Targets: [{ Id: 'twokey', Arn: { 'Fn::GetAtt': ['EventQueue', 'Arn'] } }],
          },
        }),
      ]),
    ),
  }
}

function resourcesOf({ name, of, trust, policies }: Role, id: string): readonly (readonly [string, Tree])[] {
  if (trust === null)
    return policies.map((policy) => [
      `${id}${alphanumeric(policy.feature)}`,
      new Commented(`For ${of}: attach it to the role.`, {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: {
          ManagedPolicyName: `${name}-${policy.feature}`,
          PolicyDocument: permissionsDocument(policy),
        },
      }),
    ])
  const properties = {
    RoleName: name,
    AssumeRolePolicyDocument: trustDocument(trust),
    Policies: policies.map((policy) => ({
      PolicyName: policy.feature,
      PolicyDocument: permissionsDocument(policy),
    })),
  }
  return [[id, new Commented(`For ${of}.`, { Type: 'AWS::IAM::Role', Properties: properties })]]
}

function nodeOf(document: Document, tree: Tree): Node {
  if (typeof tree === 'string') return document.createNode(tree)
  if (tree instanceof Commented) {
    const node = nodeOf(document, tree.tree)
    node.commentBefore = ` ${tree.comment}`
    return node
  }
  if (isText(tree)) return document.createNode(substituted(tree))
  if (Array.isArray(tree)) return document.createNode(tree.map((item: Tree) => nodeOf(document, item)))
  return document.createNode(
    Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, nodeOf(document, value)])),
  )
}

/** Unknown values are put in by `Fn::Sub`, in which `${!` stands for a literal `${`. */
function substituted(whole: Text): string | { readonly 'Fn::Sub': string } {
  if (unknownIn(whole).length === 0) return shown(whole)
  const parts = whole.parts.map((part) =>
    typeof part === 'string' ? part.replaceAll(/\$\{/g, '$${!') : `\${${alphanumeric(part.value)}}`,
  )
  return { 'Fn::Sub': parts.join('') }
}

/** `blog-api-deploy` becomes `BlogApiDeploy`: names in a template have letters and digits only. */
function alphanumeric(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
}
