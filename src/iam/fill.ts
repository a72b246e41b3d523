import type { Conditions, Role, Statement, TrustStatement } from './statement.ts'
import { distinct, filled, type Text, unknownIn, type ValueName } from './text.ts'
import type { Value } from './values.ts'

/** Values by their names; some have several entries. */
export type Values = ReadonlyMap<ValueName, readonly string[]>

/** The role with these values in the place of their names. */
export function fillRole(role: Role, values: Values): Role {
  const one = (whole: Text) => filled(whole, values)[0]!
  const many = (texts: readonly Text[]) => distinct(texts.flatMap((each) => filled(each, values)))
  const conditions = (given: Conditions) =>
    mapped(given, (keys) => mapped(keys, (texts): readonly Text[] => many(texts)))
  const statement = (each: Statement): Statement => ({
    ...each,
    resources: many(each.resources),
    ...(each.conditions && { conditions: conditions(each.conditions) }),
  })
  const trust = (each: TrustStatement): TrustStatement => ({
    ...each,
    principal:
      'AWS' in each.principal
        ? { AWS: one(each.principal.AWS) }
        : { Federated: one(each.principal.Federated) },
    ...(each.conditions && { conditions: conditions(each.conditions) }),
  })
  return {
    ...role,
    account: one(role.account),
    trust: role.trust && trust(role.trust),
    policies: role.policies.map(({ feature, statements }) => ({
      feature,
      statements: statements.map(statement),
    })),
  }
}

/** Those of all values that these roles still need. */
export function missingValues(roles: readonly Role[], all: readonly Value[]): readonly Value[] {
  const names = new Set(roles.flatMap(textsOf).flatMap(unknownIn))
  return all.filter(({ name }) => names.has(name))
}

function textsOf({ trust, policies }: Role): readonly Text[] {
  return [
    ...(trust ? [...Object.values(trust.principal), ...conditionTexts(trust.conditions)] : []),
    ...policies
      .flatMap(({ statements }) => statements)
      .flatMap(({ resources, conditions }) => [...resources, ...conditionTexts(conditions)]),
  ]
}

function conditionTexts(conditions: Conditions = {}): readonly Text[] {
  return Object.values(conditions).flatMap((keys) => Object.values(keys).flat())
}

function mapped<From, To>(object: Readonly<Record<string, From>>, each: (value: From) => To) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, each(value)]))
}
