import type { Release } from '../../release/release.ts'
import { outside } from '../escape.ts'
import { duration } from '../mrkdwn.ts'
import { stepLine } from './marks.ts'

/** How many targets are named, because an approval is for all of them. */
const targetsNamed = 5

/** The steps that are known to follow, in one line. */
export function upcomingLines(release: Release): readonly string[] {
  const { stage, waitMs, subject } = release
  const steps = [
    stage.at === 'approval' && waitMs > 0 ? `wait ${duration(waitMs)}` : null,
    ...(subject.kind !== 'rollback' ? [runAhead(release), migrationAhead(release)] : []),
    rolloutAhead(release),
  ].filter((step) => step !== null)
  if (stage.at === 'ended' || steps.length === 0) return []
  return [stepLine({ mark: 'ahead', name: 'Next', word: steps.join(' → ') })]
}

function runAhead({ subject, tracks }: Release): string | null {
  if (tracks.run !== null) return null
  return subject.kind === 'rollback' ? null : ahead[subject.kind]
}

const ahead = { deploy: 'workflow', gate: 'gate opens', rerun: 'failed jobs' } as const

function migrationAhead({ migration, tracks }: Release): string | null {
  const isAwaited = tracks.migration.binding === 'awaited' && !isRolledOut(tracks) && !isOver(tracks)
  return migration !== null && isAwaited ? 'migration task' : null
}

function rolloutAhead({ tracks, targets }: Release): string | null {
  if (isRolledOut(tracks) || isOver(tracks) || hasFailed(tracks)) return null
  if (targets.length === 1) return 'rollout'
  const named = targets.slice(0, targetsNamed).map(({ service }) => outside(service, 60))
  const more = targets.length > targetsNamed ? ' and others' : ''
  return `${targets.length} rollouts (${named.join(', ')}${more})`
}

function hasFailed({ migration }: Release['tracks']): boolean {
  return migration.tasks.some(({ verdict }) => verdict === 'failed')
}

function isRolledOut({ rollouts }: Release['tracks']): boolean {
  return rollouts.some(({ seen, answered }) => seen !== null || answered !== null)
}

/** No step follows a run that failed. */
function isOver({ run }: Release['tracks']): boolean {
  return run?.seen != null && run.seen.verdict !== 'moving' && run.seen.verdict !== 'succeeded'
}
