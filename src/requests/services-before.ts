import type { Outside } from '../ports/outside.ts'
import { commitSource } from '../release/commit-source.ts'
import { locationOf, targetName } from '../release/names.ts'
import type { Refusal } from '../release/refusal.ts'
import { serviceNotFound } from '../release/refusals/revisions.ts'
import type { Revision } from '../release/revision.ts'
import type { TargetSighting } from '../release/sighting.ts'
import { type ServiceEnvironment, targetsOf } from '../settings/settings.ts'

/** What is asked of ECS about the services before a request. */
export function beforeLook(serviceEnvironment: ServiceEnvironment) {
  return { targets: targetsOf(serviceEnvironment), source: commitSource(serviceEnvironment) }
}

/**
 * The revisions that each target runs and is configured to run, in the order of the targets. Refuses the request if ECS
 * does not know a target.
 */
export function servingOf(
  serviceEnvironment: ServiceEnvironment,
  sightings: readonly TargetSighting[],
):
  | { readonly running: readonly Revision[]; readonly primary: readonly Revision[] }
  | { readonly refused: Refusal } {
  const running: Revision[] = []
  const primary: Revision[] = []
  for (const target of targetsOf(serviceEnvironment)) {
    const name = targetName(target)
    const sighting = sightings.find((each) => targetName(each.target) === name)
    if (!sighting) return { refused: serviceNotFound(target) }
    running.push(sighting.serving)
    primary.push(sighting.primary.revision)
  }
  return { running, primary }
}

/**
 * Things that twokey.yml names for the service environment and ECS does not have.
 * @param primary the revision that the targets are configured to run
 */
export function missingIn(
  { ecs }: Outside,
  serviceEnvironment: ServiceEnvironment,
  primary: readonly Revision[],
) {
  const { containers, migration = null } = serviceEnvironment
  const serving = primary.map(({ arn }) => arn)
  return ecs.missing({ serving, containers, migration, location: locationOf(serviceEnvironment) })
}
