import { Document, type Node } from 'yaml'
import { Commented, isText, permissionsDocument, type Tree, trustDocument } from '../document.ts'
import type { Role } from '../statement.ts'
import { shown, type Text, unknownIn } from '../text.ts'
import type { Value } from '../values.ts'
import { distinctNames } from './names.ts'

/**
 * Roles of one account as a CloudFormation template in YAML. Values that are not known are parameters. The policies of a
 * role that exists already are managed policies, to be attached to it.
 */
export function toCloudFormation(roles: readonly Role[], parameters: readonly Value[]): string {
  const names = distinctNames(
    roles.map(({ name }) => name),
    alphanumeric,
  )
  const template: Tree = {
    AWSTemplateFormatVersion: '2010-09-09',
    ...(parameters.length > 0 && {
      Parameters: Object.fromEntries(
        parameters.map(({ name, what }) => [alphanumeric(name), { Type: 'String', Description: what }]),
      ),
    }),
    Resources: Object.fromEntries(roles.flatMap((role) => resourcesOf(role, names.get(role.name)!))),
  }
  // Under YAML 1.1, which CloudFormation reads, a version like 2012-10-17 is a date unless it is quoted.
  const document = new Document({}, { schema: 'yaml-1.1' })
  document.contents = nodeOf(document, template) as typeof document.contents
  document.commentBefore = ' Made by `twokey iam --format cloudformation`. It needs CAPABILITY_NAMED_IAM.'
  return document.toString({ lineWidth: 0 })
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
