import { allOf, anyOf, type Known, knownFrom, opposite } from './known.ts'
import { matches, matchesAnything } from './pattern.ts'
import type { Condition } from './policy.ts'
import { type Claim, claimIn, type Token } from './token.ts'

type Comparison = Parameters<typeof matches>[2]

/** The operators that compare strings. Others, as of dates and addresses, are not evaluated. */
const comparisons: Readonly<
  Record<string, { readonly isNegated: boolean } & Omit<Comparison, 'hasVariables'>>
> = {
  StringEquals: { isNegated: false, isCaseSensitive: true, hasWildcards: false },
  StringNotEquals: { isNegated: true, isCaseSensitive: true, hasWildcards: false },
  StringEqualsIgnoreCase: { isNegated: false, isCaseSensitive: false, hasWildcards: false },
  StringNotEqualsIgnoreCase: { isNegated: true, isCaseSensitive: false, hasWildcards: false },
  StringLike: { isNegated: false, isCaseSensitive: true, hasWildcards: true },
  StringNotLike: { isNegated: true, isCaseSensitive: true, hasWildcards: true },
}

/**
 * Whether a token meets a condition, as IAM evaluates it. All claims have one value, so `ForAllValues:` and
 * `ForAnyValue:` differ from the plain operator only if the claim is absent.
 */
export function isMet(
  condition: Condition,
  token: Token,
  { hasVariables }: { hasVariables: boolean },
): Known {
  const { set, name, ifExists } = operatorOf(condition.operator)
  const claim = claimIn(token, condition.key)
  if (name === 'Null') return set === '' && !ifExists ? isNull(condition.values, claim) : 'unclear'
  const comparison = comparisons[name]
  if (comparison === undefined) return 'unclear'
  const { isNegated, ...how } = comparison
  switch (claim.is) {
    case 'unclear':
      return 'unclear'
    case 'absent':
      return knownFrom(ifExists || set === 'ForAllValues' || (isNegated && set === ''))
    case 'known':
    case 'present': {
      const equal = anyOf(
        condition.values.map((pattern) =>
          claim.is === 'known'
            ? matches(claim.value, pattern, { ...how, hasVariables })
            : matchesAnything(pattern, { ...how, hasVariables }),
        ),
      )
      return isNegated ? opposite(equal) : equal
    }
  }
}

function operatorOf(operator: string) {
  const [, set = '', name = '', ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? []
  return { set, name, ifExists: ifExists !== undefined }
}

/** `"true"`: the claim must be absent; `"false"`: it must be there. */
function isNull(values: readonly string[], claim: Claim): Known {
  if (claim.is === 'unclear') return 'unclear'
  const isAbsent = String(claim.is === 'absent')
  return anyOf(values.map((value) => knownFrom(value.toLowerCase() === isAbsent)))
}

/** Whether a token meets all conditions of a statement. */
export function areMet(
  conditions: readonly Condition[],
  token: Token,
  policy: { hasVariables: boolean },
): Known {
  return allOf(conditions.map((condition) => isMet(condition, token, policy)))
}
