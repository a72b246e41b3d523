import type { Revision } from '../../release/observation.ts'
import type { Outcome, Release, Target } from '../../release/release.ts'
import { outside, reason as reasonWords } from '../escape.ts'
import { capital, duration, mention, revision, target } from '../mrkdwn.ts'

type Ended = Extract<Release['stage'], { at: 'ended' }>

/** How it ended, what is serving now, and what to do. */
export function endLines(release: Release, stage: Ended): readonly (string | null)[] {
  return [
    `${capital(reasonWords(stage.reason, 500))}.`,
    stage.rejection?.why ? `*Why:* ${outside(stage.rejection.why, 500)}` : null,
    servingNow(release),
    nextStep(release, stage),
    `It took ${duration(stage.since - release.requestedAt)}.`,
  ]
}

/** What serves each target, as last seen. */
function servingNow(release: Release): string {
  const words = servingWords(
    release,
    release.tracks.rollouts.map(({ target: where, serving }) => ({ target: where, revision: serving })),
  )
  return `*Serving:* ${words}`
}

type Serving = { readonly target: Target; readonly revision: Revision | null }

/** `blog-api:43 (1111111)`; before anything was sent, what served at the request still does. */
export function servingWords({ sentAt, servingBefore }: Release, serving: readonly Serving[]): string {
  const words = serving.slice(0, 5).map(({ target: where, revision: seen }) => {
    const now = seen ?? (sentAt === null ? servingBefore : null)
    const name = now ? revision(now) : 'not seen'
    return serving.length === 1 ? name : `${target(where)}: ${name}`
  })
  return words.join('; ') || 'not seen'
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
