import { z } from 'zod'

/** One condition of a statement: an operator, a key, and the values of which one has to match. */
export type Condition = {
  readonly operator: string
  readonly key: string
  readonly values: readonly string[]
}

/** One statement of a role's trust policy. */
export type TrustPolicyStatement = {
  /** Its Sid, else its number. */
  readonly name: string
  readonly effect: 'Allow' | 'Deny'
  /** By kind, `AWS`, `Federated` or `Service`; `*` for everybody. `is`: whether it lists them, or all but them. */
  readonly principal: {
    readonly is: 'listed' | 'all but'
    readonly of: Readonly<Record<string, readonly string[]>>
  }
  readonly action: { readonly is: 'listed' | 'all but'; readonly of: readonly string[] }
  readonly conditions: readonly Condition[]
}

/** The trust policy of a role. `hasVariables`: whether IAM replaces `${…}` in it; not in policies of 2008. */
export type TrustPolicy = {
  readonly hasVariables: boolean
  readonly statements: readonly TrustPolicyStatement[]
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const list = z.union([scalar.transform((one) => [one]), z.array(scalar)])
const principal = z.union([z.literal('*'), z.record(z.string(), list)])
const statement = z.object({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: principal.optional(),
  NotPrincipal: principal.optional(),
  Action: list.optional(),
  NotAction: list.optional(),
  Condition: z.record(z.string(), z.record(z.string(), list)).optional(),
})
const policy = z.object({
  Version: z.string().optional(),
  Statement: z.union([statement.transform((one) => [one]), z.array(statement)]),
})

/**
 * Reads a trust policy from JSON, also URL-encoded as IAM's API returns it (RFC 3986).
 * @returns null if it is none
 */
export function trustPolicyIn(text: string): TrustPolicy | null {
  const parsed = policy.safeParse(json(text.trim()))
  if (!parsed.success) return null
  const { Version, Statement } = parsed.data
  const statements = Statement.map(({ Sid, Effect, Condition = {}, ...each }, index) => {
    const principal = each.NotPrincipal ?? each.Principal
    const action = each.NotAction ?? each.Action
    if (principal === undefined || action === undefined) return null
    return {
      name: Sid || `${index + 1}`,
      effect: Effect,
      principal: {
        is: each.NotPrincipal ? ('all but' as const) : ('listed' as const),
        of: principal === '*' ? { AWS: ['*'] } : principal,
      },
      action: { is: each.NotAction ? ('all but' as const) : ('listed' as const), of: action },
      conditions: Object.entries(Condition).flatMap(([operator, keys]) =>
        Object.entries(keys).map(([key, values]) => ({ operator, key, values })),
      ),
    }
  })
  return statements.includes(null)
    ? null
    : {
        hasVariables: Version === '2012-10-17',
        statements: statements.filter((each) => each !== null),
      }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('%7B') ? decodeURIComponent(text) : text)
  } catch {
    return null
  }
}
