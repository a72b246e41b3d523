import type { Outcome } from '../stage.ts'

/** The verdict of the workflow run. `unseen`: it could not be read for so long that twokey no longer waits. */
export type RunTrackVerdict = 'moving' | 'succeeded' | 'failed' | 'cancelled' | 'unseen'

/**
 * The verdict of the migrations. `none`: none is configured. `absent`: one is configured, and was not found long
 * enough after the run's end.
 */
export type MigrationTrackVerdict = 'none' | 'absent' | 'moving' | 'succeeded' | 'failed' | 'unseen'

/**
 * The verdict of the rollout. `awaited`: none was seen yet, one may still come. `none`: none was found long enough
 * after the run's end.
 */
export type RolloutTrackVerdict =
  | 'awaited'
  | 'none'
  | 'moving'
  | 'baking'
  | 'paused'
  | 'rolling back'
  | 'succeeded'
  | 'partly'
  | 'failed'
  | 'rolled back'
  | 'rollback failed'
  | 'superseded'
  | 'stopped'
  | 'unseen'

export type Track<Verdict> = {
  readonly verdict: Verdict
  /** The reason, one sentence without a full stop. */
  readonly reason: string
}

export type JoinedTracks = {
  readonly run: Track<RunTrackVerdict>
  readonly migration: Track<MigrationTrackVerdict>
  readonly rollout: Track<RolloutTrackVerdict>
}

export type Joined =
  | { readonly on: true }
  | { readonly on: false; readonly outcome: Outcome; readonly reason: string }

const followOn: Joined = { on: true }
const end = (outcome: Outcome, reason: string): Joined => ({ on: false, outcome, reason })

/** Joins the verdicts of the run, the migration and the rollout of a deploy. This table decides how a deploy ends. */
export function join({ run, migration, rollout }: JoinedTracks): Joined {
  switch (rollout.verdict) {
    case 'rolled back':
    case 'rollback failed':
    case 'superseded':
    case 'stopped':
    case 'failed':
      return end(rollout.verdict, rollout.reason)
    case 'awaited':
    case 'moving':
    case 'baking':
    case 'paused':
    case 'rolling back':
      return followOn
    case 'partly':
      return run.verdict === 'moving' ? followOn : end('failed', rollout.reason)
    case 'succeeded':
      return serving({ run, migration, rollout })
    case 'none':
      return untouched({ run, migration })
    case 'unseen':
      return run.verdict === 'moving' || migration.verdict === 'moving'
        ? followOn
        : end('unknown', rollout.reason)
  }
}

type Rest = Omit<JoinedTracks, 'rollout'>

function serving({ run, migration, rollout }: JoinedTracks): Joined {
  if (migration.verdict === 'moving') return followOn
  if (migration.verdict === 'failed')
    return end('failed', `the service was updated although ${failure(migration)}`)
  switch (run.verdict) {
    case 'moving':
      return followOn
    case 'failed':
    case 'cancelled':
      return end('failed', `the new version is serving, but ${run.reason} after it${openText(migration)}`)
    case 'unseen':
      return end(
        'unknown',
        `the new version is serving, but the result of the run could not be read: ${run.reason}`,
      )
    case 'succeeded':
      if (migration.verdict === 'unseen')
        return end(
          'unknown',
          `the new version is serving, but the result of the migration is unknown: ${migration.reason}`,
        )
      return end('succeeded', `${ranBefore(migration)}${rollout.reason}`)
  }
}

/** A reason often says itself that the migration failed, or never started. */
function failure({ reason }: JoinedTracks['migration']): string {
  return reason.startsWith('the migration ') ? reason : `the migration failed: ${reason}`
}

/** Says that a migration may still run, or that its end is not known. */
function openText({ verdict, reason }: JoinedTracks['migration']): string {
  return verdict === 'unseen' ? `; the result of the migration is unknown: ${reason}` : ''
}

/** The part about the migration, for the same sentence. */
function ranBefore({ verdict, reason }: JoinedTracks['migration']): string {
  switch (verdict) {
    case 'succeeded':
    case 'absent':
      return `${reason} and `
    default:
      return ''
  }
}

function untouched({ run, migration }: Rest): Joined {
  if (run.verdict === 'moving' || migration.verdict === 'moving') return followOn
  const nothing = `${ranBefore(migration)}nothing was deployed`
  // An unreadable run may still roll something out, and only `unknown` keeps the lane.
  if (run.verdict === 'unseen') {
    const first = migration.verdict === 'failed' ? `${failure(migration)}; ` : ''
    return end('unknown', `${first}the result of the run could not be read: ${run.reason}`)
  }
  if (migration.verdict === 'failed') return end('failed', `${failure(migration)}; ${nothing}`)
  switch (run.verdict) {
    case 'failed':
      return end('failed', `${run.reason}; ${nothing}${openText(migration)}`)
    case 'cancelled':
      return end('cancelled', `${run.reason}; ${nothing}${openText(migration)}`)
    case 'succeeded':
      if (migration.verdict === 'unseen') return end('unknown', `${nothing}${openText(migration)}`)
      return end(
        'unchanged',
        migration.verdict === 'succeeded'
          ? 'the run and the migration succeeded, but nothing was deployed'
          : `the run succeeded, but ${nothing}`,
      )
  }
}
