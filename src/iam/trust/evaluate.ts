import { areMet, isMet } from './condition.ts'
import { allOf, anyOf, type Known, knownFrom, opposite } from './known.ts'
import { matches } from './pattern.ts'
import type { Condition, TrustPolicy, TrustPolicyStatement } from './policy.ts'
import type { Token } from './token.ts'

/** Whether a token may assume the role, and the statements that decide it. */
export type Evaluation =
  | { readonly is: 'allowed'; readonly by: string }
  | { readonly is: 'refused'; readonly unmet: readonly Condition[] }
  | { readonly is: 'cannot tell'; readonly because: readonly string[] }

/**
 * Evaluates a role's trust policy for `sts:AssumeRoleWithWebIdentity`: a Deny that applies decides, else an Allow. What
 * depends on more than the token is not guessed. A role only trusts providers of its own account, so the account of a
 * provider is not compared.
 */
export function evaluate(policy: TrustPolicy, token: Token): Evaluation {
  const applied = policy.statements.map((statement) => ({
    statement,
    applies: applies(statement, token, policy),
  }))
  const of = (effect: 'Allow' | 'Deny', known: Known) =>
    applied.filter(({ statement, applies }) => statement.effect === effect && applies === known)
  const [denied] = of('Deny', 'yes')
  const [allowed] = of('Allow', 'yes')
  const unclearDenies = of('Deny', 'unclear')
  const unclearAllows = of('Allow', 'unclear')
  if (!denied && allowed && unclearDenies.length === 0) return { is: 'allowed', by: allowed.statement.name }
  if (!denied && (allowed || unclearAllows.length > 0)) {
    const unclear = allowed ? unclearDenies : [...unclearDenies, ...unclearAllows]
    return {
      is: 'cannot tell',
      because: unclear.flatMap(({ statement }) => unclearParts(statement, token, policy)),
    }
  }
  const decides = denied ? [] : applied.filter(({ statement }) => isMeant(statement, token))
  return {
    is: 'refused',
    unmet: decides
      .filter(({ statement }) => statement.effect === 'Allow')
      .flatMap(({ statement }) =>
        statement.conditions.filter((condition) => isMet(condition, token, policy) === 'no'),
      ),
  }
}

function applies(statement: TrustPolicyStatement, token: Token, policy: TrustPolicy): Known {
  return allOf([
    isPrincipal(statement, token),
    knownFrom(isAction(statement)),
    areMet(statement.conditions, token, policy),
  ])
}

/** Whether a statement is about the tokens of this issuer, whatever its conditions. */
function isMeant(statement: TrustPolicyStatement, token: Token): boolean {
  return isPrincipal(statement, token) === 'yes' && isAction(statement)
}

/** Whether `*` includes federated identities is not documented, so it is not told. */
function isPrincipal({ principal: { is, of } }: TrustPolicyStatement, { issuer }: Token): Known {
  const listed = anyOf([
    ...(of.Federated ?? []).map((arn) =>
      arn === '*'
        ? ('unclear' as const)
        : knownFrom(arn.toLowerCase().endsWith(`:oidc-provider/${issuer.toLowerCase()}`)),
    ),
    ...(of.AWS?.includes('*') || of['*'] ? ['unclear' as const] : []),
  ])
  if (is === 'listed') return listed
  return listed === 'yes' ? 'no' : allOf([opposite(listed), 'unclear'])
}

function isAction({ action: { is, of } }: TrustPolicyStatement): boolean {
  const how = { isCaseSensitive: false, hasWildcards: true, hasVariables: false }
  const isListed = of.some((pattern) => matches('sts:AssumeRoleWithWebIdentity', pattern, how) === 'yes')
  return isListed === (is === 'listed')
}

function unclearParts(statement: TrustPolicyStatement, token: Token, policy: TrustPolicy): readonly string[] {
  const unclear = statement.conditions
    .filter((condition) => isMet(condition, token, policy) === 'unclear')
    .map(({ operator, key }) => `${operator} of ${key}`)
  return isPrincipal(statement, token) === 'unclear' ? ['the principal', ...unclear] : unclear
}
