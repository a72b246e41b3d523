import { Commented, isText, permissionsDocument, type Tree, trustDocument } from '../document.ts'
import { queuePolicy, retentionSeconds, visibilitySeconds } from '../event-queue.ts'
import { audience } from '../issuer.ts'
import type { AwsParts } from '../parts.ts'
import type { Role } from '../statement.ts'
import { shown } from '../text.ts'

/** A document as plain data. Values that are still unknown appear as `${name}`. */
export function plainDocument(tree: Tree): unknown {
  if (typeof tree === 'string') return tree
  if (tree instanceof Commented) return plainDocument(tree.tree)
  if (isText(tree)) return shown(tree)
  if (Array.isArray(tree)) return tree.map(plainDocument)
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, plainDocument(value)]))
}

/** Roles as JSON, in the words of IAM's API: `RoleName`, `AssumeRolePolicyDocument`, `Policies`. */
export function rolesToJson(roles: readonly Role[]): string {
  return asText(roles.map(roleData))
}

/** The parts of one account as JSON, in the words of the APIs of IAM, SQS and EventBridge. */
export function toJson({ roles, provider, queue }: AwsParts): string {
  return asText({
    ...(provider !== null && {
      OpenIDConnectProvider: { Url: `https://${provider}`, ClientIDList: [audience] },
    }),
    Roles: roles.map(roleData),
    ...(queue !== null && {
      Queue: {
        QueueName: queue.name,
        Attributes: {
          MessageRetentionPeriod: String(retentionSeconds),
          VisibilityTimeout: String(visibilitySeconds),
          SqsManagedSseEnabled: 'true',
          Policy: queuePolicy(queue),
        },
      },
      Rules: queue.rules.map(({ name, pattern }) => ({
        Name: name,
        EventPattern: pattern,
        Targets: [{ Id: 'twokey', Arn: queue.arn }],
      })),
    }),
  })
}

function roleData({ name, trust, policies }: Role) {
  return {
    RoleName: name,
    ...(trust && { AssumeRolePolicyDocument: plainDocument(trustDocument(trust)) }),
    Policies: policies.map((policy) => ({
      PolicyName: policy.feature,
      PolicyDocument: plainDocument(permissionsDocument(policy)),
    })),
  }
}

function asText(data: unknown): string {
  return `${JSON.stringify(data, null, 2)}\n`
}
