import type { RolloutSighting } from './sighting.ts'
import type { RolloutTrack } from './tracks.ts'

/** What carries out a rollout, continues it where it waits, and rolls it back. */
export type Controller = 'ECS' | 'CodeDeploy'

/** @param rollout by its deployment's id: CodeDeploy's are of the form `d-…` */
export function controllerOf({ deploymentId }: Pick<RolloutSighting, 'deploymentId'>): Controller {
  return deploymentId.startsWith('d-') ? 'CodeDeploy' : 'ECS'
}

/** What carries out the rollouts of several targets, in words; `AWS` if not all have the same controller. */
export function controllersText(tracks: readonly Pick<RolloutTrack, 'seen'>[]): Controller | 'AWS' {
  const [first = 'ECS', ...others] = new Set(tracks.flatMap(({ seen }) => (seen ? controllerOf(seen) : [])))
  return others.length === 0 ? first : 'AWS'
}
