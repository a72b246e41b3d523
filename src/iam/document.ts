import type { Conditions, Policy, Statement, TrustStatement } from './statement.ts'
import type { Text } from './text.ts'

/** A policy document, or a part of one, before it is written in some format. */
export type Tree = string | Text | readonly Tree[] | Commented | { readonly [key: string]: Tree }

/** A part with a comment, for formats that have comments. */
export class Commented {
  readonly comment: string
  readonly tree: { readonly [key: string]: Tree }

  constructor(comment: string, tree: { readonly [key: string]: Tree }) {
    this.comment = comment
    this.tree = tree
  }
}

/** The document of a permissions policy, as IAM takes it. */
export function permissionsDocument({ statements }: Policy): Tree {
  return document(statements.map(statementTree))
}

/** The document of a trust policy. */
export function trustDocument({ sid, why, action, principal, conditions }: TrustStatement): Tree {
  return document([
    new Commented(why, {
      Sid: sid,
      Effect: 'Allow',
      Principal: 'AWS' in principal ? { AWS: principal.AWS } : { Federated: principal.Federated },
      Action: action,
      ...conditionTree(conditions),
    }),
  ])
}

function document(statements: readonly Tree[]): Tree {
  return { Version: '2012-10-17', Statement: statements }
}

function statementTree({ sid, why, actions, resources, conditions }: Statement): Tree {
  return new Commented(why, {
    Sid: sid,
    Effect: 'Allow',
    Action: actions,
    Resource: resources,
    ...conditionTree(conditions),
  })
}

function conditionTree(conditions: Conditions | undefined): { readonly Condition?: Tree } {
  return conditions ? { Condition: conditions } : {}
}

/** Whether a part is a text with unknown values. */
export function isText(tree: Tree): tree is Text {
  return typeof tree === 'object' && 'parts' in tree
}
