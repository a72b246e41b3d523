import { freezeFindings } from './freeze-check.ts'
import { inputFindings } from './input-check.ts'
import { orderFindings } from './order-check.ts'
import { policyFindings } from './policy-check.ts'
import { type Finding, foundText, nearest, type Path, pathText } from './problems.ts'
import { redCommitFindings } from './red-commit-check.ts'
import { type Draft, nameRule, nameSchema } from './schema.ts'
import { checkSharedWorkflows } from './sharing-check.ts'
import { type Surroundings, targetFindings } from './target-check.ts'
import { workflowFindings } from './workflow-check.ts'

/** Mistakes that concern several fields, in the part of the file that could be read. */
export function crossFindings(draft: Draft, surroundings: Surroundings): readonly Finding[] {
  const checks = [
    repeatedItems,
    badNames,
    ambiguousNames,
    unknownNames,
    sharedAccounts,
    workflowFindings,
    inputFindings,
    checkSharedWorkflows,
    policyFindings,
    freezeFindings,
    orderFindings,
    redCommitFindings,
  ]
  return [...checks.flatMap((check) => check(draft)), ...targetFindings(draft, surroundings)]
}

/** No list in the file may repeat an item. */
function repeatedItems(value: unknown, path: Path = []): readonly Finding[] {
  if (typeof value !== 'object' || value === null) return []
  const below = Object.entries(value).flatMap(([key, item]) =>
    repeatedItems(item, [...path, Array.isArray(value) ? Number(key) : key]),
  )
  const repeated = Array.isArray(value) ? repeatsOf(value, path) : []
  return [...repeated, ...below]
}

function repeatsOf(list: readonly unknown[], path: Path): readonly Finding[] {
  return list.flatMap((item, index) =>
    typeof item === 'string' && list.indexOf(item) < index
      ? [
          {
            path: [...path, index],
            allowed: 'each entry once',
            message: 'This entry is already in the list.',
          },
        ]
      : [],
  )
}

function badNames({ services = {}, environments = {} }: Draft): readonly Finding[] {
  const paths: Path[] = [
    ...Object.keys(environments).map((name) => ['environments', name]),
    ...Object.keys(services).map((name) => ['services', name]),
  ]
  return paths
    .filter((path) => !nameSchema.safeParse(path.at(-1)).success)
    .map((path) => ({
      path,
      found: foundText(path.at(-1)),
      allowed: nameRule,
      message: 'People type this name in commands.',
    }))
}

function ambiguousNames({ services = {}, environments = {} }: Draft): readonly Finding[] {
  return Object.keys(services)
    .filter((name) => Object.hasOwn(environments, name))
    .map((name) => ({
      path: ['services', name],
      found: foundText(name),
      allowed: 'a name that no environment has',
      message: 'An environment has this name too, so `/deploy` could not tell which is meant.',
    }))
}

function unknownNames(draft: Draft): readonly Finding[] {
  const { environments, services, defaults } = draft
  const named = [
    { path: ['defaults', 'environment'], name: defaults?.environment, known: environments },
    { path: ['defaults', 'service'], name: defaults?.service, known: services },
    ...Object.entries(services ?? {}).flatMap(([service, said]) =>
      Object.keys(said?.environments ?? {}).map((name) => ({
        path: ['services', service, 'environments', name],
        name,
        known: environments,
      })),
    ),
  ]
  return named.flatMap(({ path, name, known }) => {
    if (name === undefined || !known || Object.hasOwn(known, name)) return []
    const names = Object.keys(known)
    const kind = known === environments ? 'environment' : 'service'
    return [
      {
        path,
        found: foundText(name),
        allowed: names.join(', '),
        message: `There is no ${kind} with this name.${nearest(name, names)}`,
      },
    ]
  })
}

function sharedAccounts({ people = [] }: Draft): readonly Finding[] {
  const accounts = people.flatMap((person, index) => [
    ...(person?.slack ?? []).flatMap((id, at) =>
      id ? [{ index, id, path: ['people', index, 'slack', at] }] : [],
    ),
    ...(person?.github
      ? [{ index, id: person.github.toLowerCase(), path: ['people', index, 'github'] }]
      : []),
  ])
  return accounts.flatMap(({ index, id, path }) => {
    const first = accounts.find((other) => other.id === id)
    if (!first || first.index === index) return []
    return [
      {
        path,
        allowed: 'an account that belongs to nobody else',
        message: `${pathText(first.path)} says that this account is another person.`,
      },
    ]
  })
}
