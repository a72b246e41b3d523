import { permissionsDocument } from './document.ts'
import { plainDocument } from './formats/json.ts'
import type { Role } from './statement.ts'

/** What IAM allows, characters without spaces: one managed policy, and all inline policies of a role together. */
const quotas = { managed: 6_144, inline: 10_240 }

/** A policy that IAM would refuse, or the inline policies of a role. `size` and `most`: characters. */
export type TooLarge = { readonly name: string; readonly size: number; readonly most: number }

/** What is larger than IAM allows, as when one account has very many services. Unknown values count by their names. */
export function tooLarge(roles: readonly Role[]): readonly TooLarge[] {
  return roles.flatMap(({ name, trust, policies }) => {
    const sizes = policies.map((policy) => ({
      name: `${name}-${policy.feature}`,
      size: JSON.stringify(plainDocument(permissionsDocument(policy))).length,
    }))
    if (trust === null)
      return sizes
        .filter(({ size }) => size > quotas.managed)
        .map((each) => ({ ...each, most: quotas.managed }))
    const size = sizes.reduce((sum, each) => sum + each.size, 0)
    return size > quotas.inline ? [{ name, size, most: quotas.inline }] : []
  })
}
