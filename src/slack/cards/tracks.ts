import type {
  JobSighting,
  MigrationSighting,
  RolloutSighting,
  RunSighting,
} from '../../release/observation.ts'
import type { Release, RolloutTrack, RunTrack } from '../../release/release.ts'
import { outside } from '../escape.ts'
import { date, duration, link, revision, target } from '../mrkdwn.ts'

/** How many jobs, and how many targets, a card lists. */
const shown = 5

/** How far the run, the migration and the rollouts are, and what cannot be seen. */
export function trackLines(release: Release): readonly string[] {
  const { tracks } = release
  return [
    ...(tracks.run ? runLines(tracks.run, movingWord(release)) : []),
    ...migrationLines(release),
    ...tracks.rollouts.slice(0, shown).flatMap(rolloutLine),
    ...(tracks.rollouts.length > shown ? [`… and ${tracks.rollouts.length - shown} more targets`] : []),
    ...blindLines(release),
  ]
}

/** A release may end before its run does, and is not looked at again then. */
function movingWord({ stage }: Release): string {
  return stage.at === 'ended' ? 'was still running then' : 'running'
}

function runLines({ id, url, seen }: RunTrack, moving: string): string[] {
  const name = link(url, `Run ${id}`)
  if (seen === null) return [`*${name}:* started`]
  const jobs = seen.jobs.slice(0, shown).map((job) => `• ${jobLine(job, moving)}`)
  const more = seen.jobs.length > shown ? [`• … and ${seen.jobs.length - shown} more jobs`] : []
  return [`*${name}:* ${runWords(seen, moving)}`, ...jobs, ...more]
}

function runWords({ verdict, reason }: RunSighting, moving: string): string {
  if (verdict === 'moving') return moving
  return verdict === 'succeeded' ? 'succeeded' : `${verdict} – ${outside(reason, 150)}`
}

function jobLine({ name, url, verdict, step, startedAt, completedAt }: JobSighting, moving: string): string {
  const at =
    step !== null && (verdict === 'moving' || verdict === 'failed') ? ` at “${outside(step, 60)}”` : ''
  const took = startedAt !== null && completedAt !== null ? ` in ${duration(completedAt - startedAt)}` : ''
  return `${link(url, name)}: ${verdict === 'moving' ? moving : verdict}${at}${took}`
}

function migrationLines({ migration, tracks }: Release): string[] {
  if (migration === null) return []
  const { binding, seen } = tracks.migration
  if (seen)
    return [
      `*Migration:* ${migrationWords(seen)}${binding === 'weak' ? ' – known by its commit alone so far' : ''}`,
    ]
  switch (binding) {
    case 'absent':
      return ['*Migration:* none was seen']
    case 'ambiguous':
      return ['*Migration:* two could be this release’s']
    case 'awaited':
    case 'found':
    case 'weak':
      return []
  }
}

/** `succeeded – exit code 0, 42 s`. */
export function migrationWords({ verdict, exitCode, durationMs, reason }: MigrationSighting): string {
  if (verdict === 'moving') return 'running'
  const exit = exitCode === null ? 'no exit code' : `exit code ${exitCode}`
  const took = durationMs === null ? '' : `, ${duration(durationMs)}`
  const why = verdict === 'failed' ? ` – ${outside(reason, 150)}` : ''
  return `${verdict} – ${exit}${took}${why}`
}

function rolloutLine({ target: where, seen, binding }: RolloutTrack): string[] {
  if (seen) {
    const doubt = binding === 'weak' ? ' – known by its time alone so far' : ''
    return [`*Rollout* of ${target(where)}: ${rolloutWords(seen)}${doubt}`]
  }
  return binding === 'ambiguous' ? [`*Rollout* of ${target(where)}: two could be this release’s`] : []
}

/** `blog-api:44, 1 of 2 running, 0 failed`. */
export function rolloutWords({ revision: to, verdict, counts, reason }: RolloutSighting): string {
  const state = verdict === 'moving' ? '' : `${verdict}, `
  const pending = counts.pending > 0 ? `, ${counts.pending} starting` : ''
  const why = verdict === 'moving' || verdict === 'succeeded' ? '' : ` – ${outside(reason, 150)}`
  return `${state}${revision(to)}, ${counts.running} of ${counts.requested} running${pending}, ${counts.failed} failed${why}`
}

function blindLines({ blind, stage }: Release): string[] {
  if (stage.at === 'ended') return []
  return Object.values(blind)
    .filter((blindness) => blindness.times > 1 || blindness.lost)
    .slice(0, 2)
    .map(({ since, reason }) => `:warning: Cannot be seen since ${date(since)}: ${outside(reason, 150)}`)
}
