import type { Outcome, Release } from '../../release/release.ts'
import { outside, reason as reasonWords } from '../escape.ts'
import { duration, mention, revision, target } from '../mrkdwn.ts'

type Ended = Extract<Release['stage'], { at: 'ended' }>

/** How it ended, what is serving now, and what to do. */
export function endLines(release: Release, stage: Ended): readonly (string | null)[] {
  return [
    `*${capital(stage.outcome)}:* ${reasonWords(stage.reason, 500)}.`,
    servingNow(release),
    nextStep(release, stage),
    `It took ${duration(stage.since - release.requestedAt)}.`,
  ]
}

/** What serves each target, as last seen; before anything was seen, what served at the request. */
export function servingNow({ tracks, servingBefore }: Release): string | null {
  const seen = tracks.rollouts.slice(0, 5).flatMap(({ target: where, serving }) => {
    const now = serving ?? servingBefore
    return now ? [tracks.rollouts.length === 1 ? revision(now) : `${target(where)}: ${revision(now)}`] : []
  })
  return seen.length > 0 ? `*Serving:* ${seen.join('; ')}` : '*Serving:* not seen'
}

function nextStep(release: Release, { outcome, settledBy }: Ended): string | null {
  if (outcome === 'unknown' && settledBy !== null)
    return `${mention(settledBy)} has said what is so: the place is free again.`
  const step = next[outcome]
  return step === null ? null : step.replaceAll('<service>', outside(release.service, 60))
}

const next: Record<Outcome, string | null> = {
  succeeded: null,
  failed: '*Next:* see the cause in the thread; then Retry, or go back with `/rollback <service>`.',
  'rolled back': '*Next:* the revision from before is serving. Find the cause in the thread, then Retry.',
  'rollback failed':
    '*Next:* look at the service now; `/rollback <service>` shows the revisions that ran well.',
  unchanged: '*Next:* see in the run why it rolled nothing out, then Retry.',
  rejected: null,
  cancelled: null,
  expired: '*Next:* press Retry to ask again.',
  superseded: null,
  stopped: '*Next:* somebody stopped the rollout by hand: look at the service, then Retry or Roll back.',
  unknown:
    '*Next:* look at the run on GitHub and at the service in ECS. The place stays held until somebody presses Settle.',
}

function capital(outcome: Outcome): string {
  return outcome.charAt(0).toUpperCase() + outcome.slice(1)
}
