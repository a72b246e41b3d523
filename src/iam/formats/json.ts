import { Commented, isText, permissionsDocument, type Tree, trustDocument } from '../document.ts'
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
export function toJson(roles: readonly Role[]): string {
  const data = roles.map(({ name, trust, policies }) => ({
    RoleName: name,
    ...(trust && { AssumeRolePolicyDocument: plainDocument(trustDocument(trust)) }),
    Policies: policies.map((policy) => ({
      PolicyName: policy.feature,
      PolicyDocument: plainDocument(permissionsDocument(policy)),
    })),
  }))
  return JSON.stringify(data, null, 2)
}
