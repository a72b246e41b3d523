import { type Ecs, Trouble } from '../../ports/ports.ts'
import type { DefinedContainers, Missing } from '../../release/missing.ts'
import type { Definition, Reads } from './reads.ts'

type MissingAsk = Parameters<Ecs['missing']>[0]

/** Lists what twokey.yml names and ECS does not have. What cannot be read does not count as missing. */
export async function missingNames(
  reads: Reads,
  { serving, containers, migration }: MissingAsk,
): Promise<readonly Missing[]> {
  const [ofServices, ofMigration] = await Promise.all([
    containers.length === 0 ? [] : Promise.all(serving.map((arn) => read(reads.definition(arn)))),
    migration ? read(reads.definitionNow(migration.family)) : null,
  ])
  return [
    ...missingContainers(containers, ofServices),
    ...(migration ? missingOfMigration(migration, ofMigration) : []),
  ]
}

/** `null`: it does not exist. `unread`: it could not be read. */
type Read = Definition | null | 'unread'

async function read(reading: Promise<Definition | undefined>): Promise<Read> {
  try {
    return (await reading) ?? null
  } catch (error) {
    if (error instanceof Trouble) return 'unread'
    throw error
  }
}

/** A container that exists in one of the targets is not missing: each target has its own containers. */
function missingContainers(containers: readonly string[], definitions: readonly Read[]): readonly Missing[] {
  const known = definitions.flatMap((each) => (each === null || each === 'unread' ? [] : [defined(each)]))
  if (known.length < definitions.length) return []
  const names = containers.filter((name) => !known.some(({ has }) => has.includes(name)))
  const each = [...new Map(known.map((one) => [one.definition, one])).values()]
  return names.length > 0 ? [{ missing: 'containers', containers: names, in: each }] : []
}

function missingOfMigration(
  { family, container }: NonNullable<MissingAsk['migration']>,
  definition: Read,
): readonly Missing[] {
  if (definition === 'unread') return []
  if (definition === null) return [{ missing: 'migration family', family }]
  const known = defined(definition)
  if (container === undefined || known.has.includes(container)) return []
  return [{ missing: 'migration container', container, in: known }]
}

function defined({ definition }: Definition): DefinedContainers {
  const { family, revision, containerDefinitions = [] } = definition
  return {
    definition: `${family}:${revision}`,
    has: containerDefinitions.flatMap(({ name }) => name ?? []),
  }
}
