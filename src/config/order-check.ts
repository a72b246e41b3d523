import { serviceEnvironmentEntries } from './layers.ts'
import { type Finding, foundText, nearest, type Path } from './problems.ts'
import type { Draft } from './schema.ts'

/**
 * `requires` entries that can never be satisfied: an unknown environment, an environment that the service does not
 * deploy to, or a circle.
 */
export function orderFindings(draft: Draft): readonly Finding[] {
  return [...unknownNames(draft), ...nowhere(draft), ...circles(draft)]
}

type Names = readonly (string | undefined)[] | undefined

function listsOf(draft: Draft): readonly { readonly path: Path; readonly requires: Names }[] {
  return [
    ...Object.entries(draft.environments ?? {}).map(([name, environment]) => ({
      path: ['environments', name, 'requires'],
      requires: environment?.requires,
    })),
    ...serviceEnvironmentEntries(draft).map(({ path, own }) => ({
      path: [...path, 'requires'],
      requires: own.requires,
    })),
  ]
}

function unknownNames(draft: Draft): readonly Finding[] {
  const names = Object.keys(draft.environments ?? {})
  return listsOf(draft).flatMap(({ path, requires = [] }) =>
    requires.flatMap((name, index) =>
      name === undefined || names.includes(name)
        ? []
        : [
            {
              path: [...path, index],
              found: foundText(name),
              allowed:
                names.filter((other) => other !== path.at(-2)).join(', ') ||
                'nothing: there is no other environment',
              message: `There is no environment with this name.${nearest(name, names)}`,
            },
          ],
    ),
  )
}

/** What each service's environments require, and where the file says so. */
function requiredOf(draft: Draft) {
  return serviceEnvironmentEntries(draft).map(({ service, environment, path, own, common }) => ({
    service,
    environment,
    entryPath: path,
    requires: (own.requires ?? common?.requires ?? []).filter((name) => name !== undefined),
    path: own.requires ? [...path, 'requires'] : ['environments', environment, 'requires'],
    isOwn: own.requires !== undefined,
  }))
}

function nowhere(draft: Draft): readonly Finding[] {
  const all = requiredOf(draft)
  const known = Object.keys(draft.environments ?? {})
  return all.flatMap(({ service, environment, requires, path, entryPath, isOwn }) => {
    const ships = all.filter((other) => other.service === service).map((other) => other.environment)
    const missing = requires.filter((name) => known.includes(name) && !ships.includes(name))
    return missing.map((name) => ({
      path: isOwn ? [...path, requires.indexOf(name)] : entryPath,
      found: foundText(name),
      allowed: `environments that ${service} deploys to: ${ships.join(', ')}`,
      message: `${environment} requires ${name}, but ${service} does not deploy there. Add it there, or write \`requires: []\` here.`,
    }))
  })
}

function circles(draft: Draft): readonly Finding[] {
  const common = Object.entries(draft.environments ?? {}).map(([environment, said]) => ({
    service: null,
    environment,
    requires: (said?.requires ?? []).filter((name) => name !== undefined),
    path: ['environments', environment, 'requires'],
  }))
  const all = [...common, ...requiredOf(draft)]
  return all.flatMap(({ service, environment, requires, path }) => {
    const before = (name: string) =>
      all.find((other) => other.service === service && other.environment === name)?.requires ?? []
    return requires.flatMap((name, index) =>
      leadsTo(name, environment, before)
        ? [
            {
              path: [...path, index],
              found: foundText(name),
              allowed: 'environments that do not require this one',
              message:
                name === environment
                  ? 'An environment cannot require itself.'
                  : `${name} requires ${environment} in turn: nothing could ever be deployed to either.`,
            },
          ]
        : [],
    )
  })
}

function leadsTo(from: string, to: string, before: (name: string) => readonly string[]): boolean {
  const seen = new Set<string>()
  const open = [from]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) return true
    if (seen.has(name)) continue
    seen.add(name)
    open.push(...before(name))
  }
  return false
}
