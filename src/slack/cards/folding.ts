import { isEnded, type Release, unfinished } from '../../release/release.ts'
import { stateOf } from '../../release/state.ts'
import { weakText } from '../../release/tracks/rollout-track.ts'
import type { RolloutTrack } from '../../release/tracks.ts'
import { link } from '../mrkdwn.ts'
import { serviceUrl, taskUrl } from './console.ts'
import { runLinkFirst } from './run-name.ts'

/** Whether the card is folded to a few lines: all went well, and nothing of the release is left to follow. */
export function isFolded(release: Release): boolean {
  return isEnded(release) && stateOf(release) === 'succeeded' && unfinished(release).length === 0
}

/** Whether the headline says all that there is to say of the run. */
export function foldsRun(release: Release): boolean {
  const { run } = release.tracks
  return isFolded(release) && run?.seen?.verdict === 'succeeded' && run.head !== 'foreign'
}

/** The same of the migrations: all were matched by the release's own id. */
export function foldsMigrations(release: Release): boolean {
  const { binding, tasks } = release.tracks.migration
  return (
    isFolded(release) &&
    binding === 'found' &&
    tasks.every(({ verdict }) => verdict === 'succeeded') &&
    !isLeftOut(release)
  )
}

function isLeftOut({ tracks: { migration } }: Release): boolean {
  return (migration.leftOut ?? []).some(({ verdict }) => verdict === 'failed')
}

/** The same of a rollout: nothing about whose it is, or what it carries, is in doubt. */
export function foldsRollout(release: Release, track: RolloutTrack): boolean {
  return (
    isFolded(release) &&
    track.seen?.verdict === 'succeeded' &&
    proven.includes(track.binding) &&
    track.seen.counts.failed === 0 &&
    weakText(release, track) === null
  )
}

/** How a rollout is known to be the release's. */
const proven: readonly RolloutTrack['binding'][] = ['firm', 'tag', 'commit']

/** How many rollouts are linked. */
const linked = 3

/** Links to what a folded card no longer lists. */
export function foldedLinks(release: Release): readonly string[] {
  const { run, migration, rollouts } = release.tracks
  const [task] = foldsMigrations(release) ? migration.tasks : []
  const taskPage = task && taskUrl(task.taskArn, 'configuration')
  return [
    ...(run !== null && foldsRun(release) ? [runLinkFirst({ ...run, number: run.seen?.number })] : []),
    ...(taskPage ? [link(taskPage, 'Migration')] : []),
    ...rollouts
      .filter((track) => foldsRollout(release, track))
      .slice(0, linked)
      .flatMap(({ target, seen }) => {
        const page = seen && serviceUrl(target, 'deployments', seen.revision.arn)
        return page ? [link(page, rollouts.length === 1 ? 'Rollout' : `Rollout of ${target.service}`)] : []
      }),
  ]
}
