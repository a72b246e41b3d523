import type { Answer } from '../answer.ts'
import type { Draft } from '../draft.ts'
import { takes } from '../input-binding.ts'
import type { Look, Observation } from '../look.ts'
import { type Target, targetName } from '../names.ts'
import { markFreshMs } from '../preconditions/age.ts'
import { readLook } from '../read-look.ts'
import type { Release } from '../release.ts'
import type { Revision } from '../revision.ts'
import type { TargetSighting } from '../sighting.ts'
import { spanOf } from '../span.ts'
import type { Stage } from '../stage.ts'
import type { Subject } from '../subject.ts'
import { looksAtGate } from '../tracks/gate.ts'
import { deploymentShown } from '../tracks/live-on-github.ts'
import { continueAnswered } from '../tracks/pause.ts'
import { bindRollouts, buildRolloutsLook, reportUnapproved, unavailableIfGone } from '../tracks/rollout.ts'
import { firstUnapproved, refusalOf } from '../tracks/rollout-track.ts'
import { foundRun } from '../tracks/run.ts'
import { stopAnswered } from '../tracks/stop.ts'
import type { RolloutTrack } from '../tracks.ts'
import { gateAnswered, lookForOpening } from './opening.ts'
import { lookForAttempt, looksForAttempt, rerunAnswered } from './rerunning.ts'
import { sendAgainLater, waitForGitHub } from './send-again.ts'
import type { StageRules } from './stage-rules.ts'
import { activeStopAnswered } from './stop-active.ts'

type Sending = Extract<Stage, { at: 'sending' }>

/** The most times an update is sent. Between two attempts a look did not find it. */
const updateAttempts = 3

/** Handles the answer to a dispatch, an update or a cancellation. */
export function answered(draft: Draft, answer: Answer): undefined {
  draft.record('twokey', `${answer.to} ${answer.answer}`, { ...answer })
  switch (answer.to) {
    case 'cancel-run':
      draft.change({ cancelSentAt: draft.now })
      return undefined
    case 'report-gate':
      return undefined
    case 'continue-rollout':
      return continueAnswered(draft, answer)
    case 'stop-rollout':
      return draft.release.stage.at === 'ready'
        ? activeStopAnswered(draft, answer)
        : stopAnswered(draft, answer)
    case 'show-deployment':
      return deploymentShown(draft, answer)
    case 'dispatch':
      return dispatchAnswered(draft, answer)
    case 'review-gate':
      return gateAnswered(draft, answer)
    case 'rerun':
      return rerunAnswered(draft, answer)
    case 'update':
      return updateAnswered(draft, answer)
  }
}

function dispatchAnswered(draft: Draft, answer: Extract<Answer, { to: 'dispatch' }>): undefined {
  if (draft.release.stage.at !== 'sending') return
  switch (answer.answer) {
    case 'run':
      return foundRun(draft, { id: answer.runId, url: answer.url, seen: null })
    case 'refused':
      draft.end('failed', `GitHub did not start the workflow: ${answer.reason}`)
      return
    case 'held back':
      return sendAgainLater(draft, {})
    case 'limited':
      return waitForGitHub(draft, answer)
    case 'details refused':
      draft.change({ runDetails: 'refused' })
      return sendAgainLater(draft, {})
    case 'accepted':
    case 'unclear':
      return canBeFound(draft)
        ? undefined
        : notFound(
            draft,
            answer.answer === 'unclear' ? answer.reason : 'GitHub did not say which run it started',
          )
  }
}

function updateAnswered(draft: Draft, answer: Extract<Answer, { to: 'update' }>): undefined {
  if (draft.release.stage.at !== 'sending' || answer.answer === 'unclear') return
  noteAnswer(draft, answer.target, answeredBy(answer))
  followOnceAnswered(draft)
}

function answeredBy(
  answer: Exclude<Extract<Answer, { to: 'update' }>, { answer: 'unclear' }>,
): NonNullable<RolloutTrack['answered']> {
  switch (answer.answer) {
    case 'accepted':
      return { deploymentId: answer.deploymentId }
    case 'unneeded':
      return { broughtBy: answer.deploymentId }
    case 'refused':
      return { refused: answer.reason }
  }
}

function noteAnswer(draft: Draft, target: Target, answered: RolloutTrack['answered']): void {
  const rollouts = draft.release.tracks.rollouts.map((track) =>
    targetName(track.target) === targetName(target) ? { ...track, answered } : track,
  )
  draft.track({ rollouts })
}

/** Continues under way once ECS has answered for each target, or shows a rollout there; ends if ECS accepted none. */
function followOnceAnswered(draft: Draft): undefined {
  const { rollouts } = draft.release.tracks
  if (rollouts.some(isOpen)) return
  const { supersededBy } = draft.release
  const place = supersededBy ? [`release ${supersededBy.release} replaced it`] : []
  if (rollouts.every((track) => refusalOf(track) !== null))
    draft.end(supersededBy ? 'superseded' : 'failed', [...place, ...rollouts.map(refusalOf)].join('; '))
  else draft.moveTo({ at: 'underway', since: draft.now })
}

function isOpen({ answered, seen, binding }: RolloutTrack): boolean {
  return answered === null && seen === null && binding !== 'ambiguous'
}

/** The dispatch or update is marked: it is sent, then searched until it is answered or found. */
export const sending: StageRules = {
  looks: (release, rules) => searches[release.subject.kind].looks(release, rules),
  step,
  nextLook: (_, now, { activeMs }) => now + activeMs,
}

function looksForRun(release: Release): readonly Look[] {
  const { subject, id } = release
  if (subject.kind !== 'deploy' || !takes(subject.inputs, 'release_id')) return []
  const { repository, workflow, branch } = subject
  return [{ look: 'findRun', repository, workflow, releaseId: id, branch, since: spanOf(release).since }]
}

/**
 * Searches a marked dispatch or update without an answer. A dispatch is never sent again, an update only if it is not
 * there.
 */
function step(draft: Draft, seen: Observation): undefined {
  return searches[draft.release.subject.kind].step(draft, seen)
}

type Search = Pick<StageRules, 'looks'> & { readonly step: (draft: Draft, seen: Observation) => undefined }

/** How a marked effect without an answer is searched. */
const searches: Readonly<Record<Subject['kind'], Search>> = {
  deploy: { looks: looksForRun, step: lookForRun },
  gate: { looks: looksAtGate, step: lookForOpening },
  rerun: { looks: looksForAttempt, step: lookForAttempt },
  rollback: { looks: (release) => [buildRolloutsLook(release)], step: lookForUpdate },
}

function lookForRun(draft: Draft, seen: Observation): undefined {
  const { stage, settleMs, supersededBy } = draft.release
  if (stage.at !== 'sending') return
  if (!canBeFound(draft)) return notFound(draft, 'twokey was stopped while it was sent')
  // People and the stored release treat a run that cannot be found as one that cannot be read.
  const search = readLook(draft, 'run', seen.findRun)
  if (!search) {
    const unavailable = draft.release.blind.run
    if (unavailable?.lost) notFound(draft, unavailable.reason)
    return
  }
  const answer = search.value
  switch (answer.found) {
    case 'one':
      return foundRun(draft, { id: answer.run.id, url: answer.run.url, seen: answer.run })
    case 'several':
      return notFound(draft, `runs ${answer.ids.join(' and ')} both have its id`)
    case 'none':
      if (draft.now < stage.since) draft.change({ stage: { ...stage, since: draft.now } })
      if (draft.now - stage.since >= settleMs)
        notFound(draft, supersededBy ? 'it was replaced meanwhile' : 'no run has its id')
  }
}

/** Whether the run's name shows our id, so that it can be found without the answer. */
function canBeFound({ release: { subject } }: Draft): boolean {
  return subject.kind === 'deploy' && takes(subject.inputs, 'release_id')
}

function notFound(draft: Draft, why: string): undefined {
  draft.end('unknown', `the dispatch was sent, but twokey could not determine whether a run started: ${why}`)
}

function lookForUpdate(draft: Draft, seen: Observation): undefined {
  const { stage, settleMs, subject } = draft.release
  if (stage.at !== 'sending' || subject.kind !== 'rollback') return
  const sightings = readLook(draft, 'rollouts', unavailableIfGone(draft.release, seen.rollouts))
  if (!sightings) {
    if (draft.release.blind.rollouts?.lost)
      draft.end(
        'unknown',
        `twokey could not determine whether ECS accepted the update: ${draft.release.blind.rollouts.reason}`,
      )
    return
  }
  bindRollouts(draft, sightings.value, { isAfterRun: false })
  reportUnapproved(draft)
  const open = draft.release.tracks.rollouts.filter(isOpen)
  if (open.length === 0) return followOnceAnswered(draft)
  const sentAgo = draft.now - stage.lastAt
  if (sentAgo >= 0 && sentAgo < Math.min(settleMs, resendAfterMs)) return
  const isUnlisted = (track: RolloutTrack) =>
    primaryNow(track, sightings.value)?.revision.arn === subject.revision.arn
  if (open.some(isUnlisted) && draft.now - stage.lastAt < settleMs) return
  const unchanged = open.filter((track) => primaryNow(track, sightings.value)?.id === track.before?.primary)
  const { supersededBy } = draft.release
  for (const track of open.filter((each) => !unchanged.includes(each))) {
    const revision = primaryNow(track, sightings.value)?.revision.arn ?? ''
    noteAnswer(
      draft,
      track.target,
      supersededBy?.revisions.includes(revision)
        ? { replacedBy: supersededBy.release }
        : {
            unclear: `${targetName(track.target)} got another deployment while twokey was sending the update of this release, so twokey could not determine whether ECS accepted the update; nothing was sent again`,
          },
    )
  }
  const no = whyNotAgain(draft, stage)
  if (no === null && unchanged.length > 0) return sendAgain(draft, subject.revision, unchanged)
  if (no !== null) for (const { target } of unchanged) noteAnswer(draft, target, no)
  return followOnceAnswered(draft)
}

/** The newest deployment of the service, which shows before it is listed. */
function primaryNow(
  { target }: RolloutTrack,
  sightings: readonly TargetSighting[],
): TargetSighting['primary'] | undefined {
  return sightings.find((each) => targetName(each.target) === targetName(target))?.primary
}

/** Why an update that ECS does not show is not sent again; null: it may be. */
function whyNotAgain(
  { now, release }: Draft,
  { since, attempts }: Sending,
): Extract<RolloutTrack['answered'], { refused: string } | { replacedBy: string }> | null {
  const { supersededBy } = release
  if (supersededBy !== null) return { replacedBy: supersededBy.release }
  if (firstUnapproved(release) !== null)
    return { refused: 'this release rolled out something that was not approved on another target' }
  if (attempts >= updateAttempts)
    return { refused: `it was sent ${attempts} times but did not appear in ECS` }
  // After a clock that was set back the age of the mark is not known.
  if (now < since || now - since > markFreshMs)
    return {
      refused: 'no deployment began, and the last check is too long ago to send the update again',
    }
  return null
}

function sendAgain(draft: Draft, revision: Revision, tracks: readonly RolloutTrack[]): undefined {
  const { stage } = draft.release
  if (stage.at !== 'sending') return
  const attempts = stage.attempts + 1
  draft.change({ stage: { ...stage, lastAt: draft.now, attempts } })
  draft.record('twokey', 'update marked again', { attempt: attempts })
  const sendBy = stage.since + markFreshMs
  for (const { target } of tracks) draft.addEffect({ do: 'update', target, revision, sendBy })
}

/** UpdateService shows at once. After this long without a trace it was not performed, ms. */
const resendAfterMs = 5_000
