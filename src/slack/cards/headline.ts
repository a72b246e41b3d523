import { controllersText } from '../../release/controller.ts'
import { approvalVerdict } from '../../release/policy/approval-round.ts'
import type { Release } from '../../release/release.ts'
import type { RolloutVerdict } from '../../release/sighting.ts'
import type { Outcome } from '../../release/stage.ts'
import { stateOf } from '../../release/state.ts'
import type { Changes } from '../../release/subject.ts'
import { rolloutTrack } from '../../release/tracks/rollout-track.ts'
import { outside } from '../escape.ts'
import { capital, count, duration, mentions, sha } from '../mrkdwn.ts'
import { joinWithDots } from './marks.ts'
import { servingNow } from './serving.ts'
import { stateEmoji } from './state-words.ts'

/** The first visible line: what the release does, to what, and its state. */
export function headlineLine(release: Release): string {
  const { emoji, words, known } = headlineParts(release)
  return `${emoji} *${words}*${known === '' ? '' : ` – ${known}`}`
}

/** The same for a message's `text`, where the state stands before it; null if it says no more than the state. */
export function headlineText(release: Release): string | null {
  if (release.stage.at !== 'ended') {
    const progress = progressText(release)
    return progress === null ? null : `${capital(progress)}.`
  }
  const { words, known } = headlineParts(release)
  return `${words}${known === '' ? '' : ` – ${known}`}.`
}

/** How a release ended, as the first line of a post that is read away from its card. */
export function endHeadline(release: Release, outcome: Outcome): string {
  return `${stateEmoji(outcome)} *${endText[outcome](release)}*`
}

/** What a release waits for, if its state does not say it; null: it does. */
export function progressText(release: Release): string | null {
  const { known } = headlineParts(release)
  return release.stage.at === 'ended' || known === stateOf(release) ? null : known
}

type Parts = { readonly emoji: string; readonly words: string; readonly known: string }

function headlineParts(release: Release): Parts {
  const { stage, subject } = release
  if (stage.at === 'ended')
    return {
      emoji: stateEmoji(stage.outcome),
      words: endText[stage.outcome](release),
      known: stage.outcome === 'succeeded' ? successText(release) : '',
    }
  const words = intent(release)
  const waits = waitText(release)
  if (waits !== null)
    return { emoji: waits === failedMigration ? ':warning:' : ':gear:', words, known: waits }
  const state = stateOf(release)
  const isAhead = state === 'awaiting approval' || state === 'rolling out'
  const emoji = subject.kind === 'rollback' && isAhead ? ':rewind:' : stateEmoji(state)
  return { emoji, words, known: state }
}

const failedMigration = 'migration failed, waiting for the run to end'

/** What a release waits for where its state would mislead, because it names the furthest track that was seen; null elsewhere. */
function waitText(release: Release): string | null {
  const { stage, subject } = release
  if (stage.at === 'ready')
    return stage.waiting && stateOf(release) === 'dispatching' ? 'waiting to be sent' : null
  if (stage.at !== 'underway' || subject.kind === 'rollback') return null
  const { run, migration } = release.tracks
  const rollout = rolloutTrack(release).verdict
  const isMigrating = migration.tasks.some(({ verdict }) => verdict === 'moving')
  if (rollout === 'succeeded') return `live, waiting for the ${isMigrating ? 'migration' : 'run'} to end`
  if (!['awaited', 'none', 'unseen'].includes(rollout)) return null
  if (migration.binding !== 'ambiguous' && migration.tasks.some(({ verdict }) => verdict === 'failed'))
    return failedMigration
  if (isMigrating) return null
  if (run?.seen != null && run.seen.verdict !== 'moving') return 'run ended, checking what it deployed'
  if (run?.seen?.heldBy !== undefined) return 'run is waiting on GitHub'
  return migration.tasks.length > 0 ? 'migration succeeded, waiting for the rollout' : null
}

/** `Deploy blog-api to prod: goes back 3 commits`, `Roll back blog-api in prod to :44 (2 ECS services)`. */
function intent({ service, environment, subject, targets }: Release): string {
  const [what, where] = [outside(service, 60), outside(environment, 60)]
  const several = targets.length > 1 ? ` (${count(targets.length, 'ECS service')})` : ''
  return subject.kind !== 'rollback'
    ? `Deploy ${what} to ${where}${several}${removalText(subject.changes)}`
    : `Roll back ${what} in ${where} to ${shortName(subject.revision.name)}${several}`
}

/** `: goes back 3 commits`, `: removes 3 commits`; empty if a deploy removes none, or that is not known. */
function removalText(changes: Changes): string {
  if (!changes.known) return ''
  switch (changes.direction) {
    case 'forward':
      return ''
    case 'back':
      return `: goes back ${count(changes.total, 'commit')}`
    case 'aside':
      return `: removes ${changes.removed ? count(changes.removed.total, 'commit') : 'commits'}`
  }
}

/** `Deploy of blog-api to prod`, `Rollback of blog-api in prod to :44`. */
function named({ service, environment, subject }: Release): string {
  const [what, where] = [outside(service, 60), outside(environment, 60)]
  return subject.kind !== 'rollback'
    ? `Deploy of ${what} to ${where}`
    : `Rollback of ${what} in ${where} to ${shortName(subject.revision.name)}`
}

/** The end in words: a rollback by AWS is a failure, not a state among others. */
const endText: Readonly<Record<Outcome, (release: Release) => string>> = {
  succeeded: doneText,
  failed: (release) => `${named(release)} failed`,
  'rolled back': (release) =>
    `${named(release)} failed – ${rolledBackBy(release)} rolled back${toServing(release)}`,
  'rollback failed': (release) =>
    `${named(release)} failed, and so did the rollback by ${rolledBackBy(release)}`,
  unchanged: (release) => `${named(release)} – unchanged`,
  rejected: (release) => `${named(release)} – rejected`,
  cancelled: (release) => `${named(release)} – cancelled`,
  expired: (release) =>
    `${named(release)} – expired before it was ${approvalVerdict(release).missing > 0 ? 'approved' : 'sent'}`,
  superseded: (release) => `${named(release)} – superseded`,
  stopped: (release) => `${named(release)} – stopped`,
  unknown: (release) => `${named(release)} – outcome unknown`,
}

/** What rolled back, or tried to. */
function rolledBackBy({ tracks }: Release): string {
  return controllersText(tracks.rollouts.filter(({ seen }) => seen && rolledBack.includes(seen.verdict)))
}

const rolledBack: readonly RolloutVerdict[] = ['rolled back', 'rollback failed']

function doneText({ service, environment, subject }: Release): string {
  const [what, where] = [outside(service, 60), outside(environment, 60)]
  return subject.kind !== 'rollback'
    ? `Deployed ${what} ${sha(subject.commit.sha)} to ${where}`
    : `Rolled back ${what} in ${where} to ${shortName(subject.revision.name)}`
}

/** `53 s · approved by @Ben, @Chloe · serving :44`. */
function successText(release: Release): string {
  const { stage, sentAt, requestedAt } = release
  const approvers = approvalVerdict(release).counted.map(({ by }) => by)
  return joinWithDots([
    duration(stage.at === 'ended' ? stage.since - (sentAt ?? requestedAt) : 0),
    approvers.length > 0 ? `approved by ${mentions(approvers)}` : null,
    `serving ${servingNow(release)}`,
  ])
}

/** ` to :43`, if all targets serve the same again. */
function toServing({ tracks }: Release): string {
  const names = new Set(tracks.rollouts.map(({ serving }) => serving?.name ?? ''))
  const [only = ''] = names
  return names.size === 1 && only !== '' ? ` to ${shortName(only)}` : ''
}

/** `:44` of `blog-api:44`, because the service stands beside it. */
function shortName(revision: string): string {
  return outside(/:\d+$/.exec(revision)?.[0] ?? revision, 80)
}
