import type { Conditions, Role } from '../statement.ts'
import { shown, type Text } from '../text.ts'
import type { Value } from '../values.ts'

/** Roles for people: what each statement allows, and why. Then the values that twokey.yml does not have. */
export function explained(roles: readonly Role[], missing: readonly Value[]): string {
  const parts = roles.map((role) => roleLines(role).join('\n'))
  return [...parts, ...(missing.length === 0 ? [] : [missingLines(missing)])].join('\n\n')
}

function roleLines({ name, account, of, trust, policies }: Role): readonly string[] {
  return [
    `${name}, in account ${shown(account)}`,
    `  For ${of}.`,
    ...(trust
      ? [
          '',
          `  trust: ${trust.sid}`,
          `    ${trust.why}`,
          `    ${trust.action}, by ${Object.values(trust.principal).map(shown).join(', ')}`,
          ...conditionLines(trust.conditions),
        ]
      : []),
    ...policies.flatMap(({ feature, statements }) =>
      statements.flatMap(({ sid, why, actions, resources, conditions }) => [
        '',
        `  ${feature}: ${sid}`,
        `    ${why}`,
        ...actions.map((action) => `      ${action}`),
        ...resources.map((resource) => `    on ${shown(resource)}`),
        ...conditionLines(conditions),
      ]),
    ),
  ]
}

function conditionLines(conditions: Conditions = {}): readonly string[] {
  return Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(
      ([key, values]: readonly [string, readonly Text[]]) =>
        `    if ${key} ${operator} ${values.map(shown).join(' or ')}`,
    ),
  )
}

/** What to give with `--set`, one line for each value. */
export function missingLines(missing: readonly Value[]): string {
  const width = Math.max(...missing.map(({ name }) => name.length))
  return [
    'twokey.yml does not have these values. Give them with --set NAME=VALUE; several entries with commas:',
    ...missing.map(({ name, what, example }) => `  ${name.padEnd(width)}  ${what} (${example})`),
  ].join('\n')
}
