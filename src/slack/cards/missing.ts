import type { KnownBlock } from '@slack/types'
import type { DefinedContainers, Missing } from '../../release/missing.ts'
import { section } from '../blocks.ts'
import { outside } from '../escape.ts'
import { firstOf } from '../mrkdwn.ts'

/** How many names of a list, and how many task definitions, are shown. */
const shown = { names: 5, definitions: 3 } as const

/** A name from AWS, shortened to the room on a card. */
const width = 40

/** What twokey.yml names and ECS did not have at the time of the request, one line each. */
export function missingBlocks(missing: readonly Missing[] = []): readonly KnownBlock[] {
  return missing.length === 0 ? [] : [section(missing.map((each) => `:warning: ${missingText(each)}`))]
}

function missingText(missing: Missing): string {
  switch (missing.missing) {
    case 'migration family':
      return `ECS has no active task definition ${outside(missing.family, width)}, the migration’s family in twokey.yml. If the run does not register one, twokey will not find a migration.`
    case 'migration container':
      return `${containersText(missing.in)}, but not ${outside(missing.container, width)}, the migration’s container in twokey.yml. Unless the run registers a revision that has it, the migration counts as failed.`
    case 'containers':
      return `${missing.in.slice(0, shown.definitions).map(containersText).join('; ')}, but not ${names(missing.containers)}, which twokey.yml lists in \`containers\`. Unless the run registers a revision that has ${missing.containers.length === 1 ? 'it' : 'them'}, twokey cannot verify which commit is rolled out.`
  }
}

/** `The task definition blog-api:42 has api, nginx`. */
function containersText({ definition, has }: DefinedContainers): string {
  return `The task definition ${outside(definition, 80)} has ${names(has)}`
}

function names(all: readonly string[]): string {
  return firstOf(all, shown.names, (name) => outside(name, width))
}
