import { addTaskDefinition } from '../aws/seed-world.ts'
import type { World } from '../aws/world.ts'
import { app, registry, revisions } from '../seed.ts'

/** A service of the demo whose revisions were built from the same commits as the last ones of `blog-api`. */
type Built = {
  readonly family: string
  readonly revisions: readonly number[]
  readonly container: string
  readonly port?: number
}

/**
 * Registers the service's task definitions.
 * @returns each with when it was deployed (ms since the epoch), oldest first
 */
export function addHistory(world: World, built: Built): { taskDefinition: string; at: number }[] {
  return built.revisions.map((revision, index) => {
    const commit = revisions.at(index - built.revisions.length)!
    const at = Date.parse(commit.at)
    const container = {
      name: built.container,
      image: `${registry}:${commit.sha}`,
      ...(built.port !== undefined && {
        portMappings: [{ containerPort: built.port, protocol: 'tcp' as const }],
      }),
    }
    addTaskDefinition(world, { family: built.family, revision, container, logGroup: app.logGroup, at })
    return { taskDefinition: `${built.family}:${revision}`, at }
  })
}
