import type { KnownBlock } from '@slack/types'
import { actionsOf } from '../../release/actions/actions.ts'
import { controllerOf } from '../../release/controller.ts'
import type { Time } from '../../release/names.ts'
import { type Lock, lockScopeArgs } from '../../release/policy/lock.ts'
import { isEnded, type Release, unfinished } from '../../release/release.ts'
import { stateOf } from '../../release/state.ts'
import { firstUnapproved } from '../../release/tracks/rollout-track.ts'
import { foreignHeadText } from '../../release/tracks/run.ts'
import { actions, context, fallback, type Message, section, sections } from '../blocks.ts'
import { inCode, outside, reason } from '../escape.ts'
import { capital, date, duration, link, mention, revision, withoutLinks } from '../mrkdwn.ts'
import { spoken } from './accessible-text.ts'
import { approvalLines } from './approvals.ts'
import { actionButton } from './buttons.ts'
import { serviceUrl } from './console.ts'
import { dispatchLines, waitLines } from './dispatching.ts'
import { emergencyLines, freezeLines } from './emergency.ts'
import { endLines } from './ending.ts'
import { factLines } from './facts.ts'
import { foldedLinks, isFolded } from './folding.ts'
import { fromToLine } from './from-to.ts'
import { mayNotOpenLine, openedOutsideLine, starterText, waitingRunLine } from './gate.ts'
import { headlineLine, headlineText } from './headline.ts'
import { lockScopeText, lockText } from './locks.ts'
import { joinWithDots } from './marks.ts'
import { nowLine } from './now.ts'
import { cardLink } from './paging.ts'
import { pauseLines } from './pause.ts'
import { replacedLines } from './replaced-releases.ts'
import { checksLines } from './required-checks.ts'
import { servingNow } from './serving.ts'
import { stateLine } from './state-words.ts'
import { changeBlocks, changedBlocks, changeLine, subjectText } from './subject.ts'
import { trackLines, unavailableLines } from './tracks.ts'
import { upcomingLines } from './upcoming-steps.ts'
import { waitingLine } from './waiting.ts'

/** The card of a release, drawn from the release alone. @param workspace its address, for links to other cards */
export function card(release: Release, workspace?: string): Message {
  const buttons = actionsOf(release).map((action) => actionButton(action, release))
  return {
    text: cardText(release, workspace),
    blocks: [
      section([headlineLine(release), ...emergencyLines(release), ...mainLines(release, workspace)]),
      ...shownChanges(release),
      ...sections(stepLines(release)),
      ...(buttons.length > 0 ? [actions(buttons)] : []),
      smallPrint(release, null),
    ],
    metadata: { event_type: 'twokey_release', event_payload: { release_id: release.id } },
  }
}

/** The card with the time when Slack is shown it, if it says so. @param message as `card` draws it */
export function stamped(message: Message, release: Release, at: Time): Message {
  if (!showsUpdates(release)) return message
  return { ...message, blocks: [...message.blocks.slice(0, -1), smallPrint(release, at)] }
}

/**
 * Whether the card says when it was updated: once something was sent, the card follows it by itself, so that an old one
 * means that twokey is down. Before, it changes if people do something.
 */
export function showsUpdates(release: Release): boolean {
  return release.sentAt !== null && (!isEnded(release) || unfinished(release).length > 0)
}

/** For screen readers and notifications: service, environment and state first, then everything in the blocks. */
function cardText(release: Release, workspace: string | undefined): string {
  return fallback([
    stateLine(release),
    headlineText(release),
    ...emergencyLines(release),
    ...mainLines(release, workspace).map((line) => line && withoutLinks(line)),
    ...spoken(shownChanges(release)),
    ...stepLines(release).map(withoutLinks),
  ])
}

/** First what people have to know now: what would change, what is going on, or what was requested and how it ended. */
function mainLines(release: Release, workspace: string | undefined): readonly (string | null)[] {
  if (isDecidedOn(release))
    return [
      fromToLine(release),
      ...factLines(release, (place) => cardLink(place, workspace)),
      ...openLines(release),
    ]
  return release.stage.at === 'ended'
    ? [endedRequestLine(release), ...endedLines(release, release.stage)]
    : [nowLine(release), ...openLines(release), requestedText(release)]
}

/** Who requested what, and what serves, but for a success, whose first line says so. */
function endedRequestLine(release: Release): string {
  const words = requestedText(release)
  // If the end could not be determined, what serves may have changed by now.
  const label = stateOf(release) === 'unknown' ? 'last seen serving' : 'serving'
  return stateOf(release) === 'succeeded' ? words : `${words} · ${label} ${servingNow(release)}`
}

function requestedText(release: Release): string {
  const started = starterText(release, subjectText(release))
  if (started !== null) return started
  const { subject } = release
  const what =
    subject.kind === 'rollback'
      ? `Rollback to ${revision(subject.revision)}`
      : `${subject.kind === 'rerun' ? 'Re-run of the failed jobs' : 'Deploy'} of ${subjectText(release)}`
  return `${what}, requested by ${mention(release.requester)}`
}

function endedLines(release: Release, stage: Extract<Release['stage'], { at: 'ended' }>) {
  return [
    openedOutsideLine(release),
    ...endLines(release, stage),
    ...(unfinished(release).length > 0 ? stopLines(release) : []),
  ]
}

/** What people must know at once of a release in progress. */
function openLines(release: Release): readonly (string | null)[] {
  return [
    ...replacedLines(release),
    release.lock ? lockLine(release, release.lock) : null,
    unapprovedLine(release),
    openedOutsideLine(release),
    waitingRunLine(release),
    mayNotOpenLine(release),
    waitingLine(release),
    ...pauseLines(release),
    ...stopLines(release),
  ]
}

/** Shown until the end says so. */
function unapprovedLine(release: Release): string | null {
  const words = firstUnapproved(release) ?? foreignHeadText(release)
  return words === null ? null : `:rotating_light: ${capital(reason(words, 300))}.`
}

/** The person who requested to stop the run. */
function stopLines({ cancelAsked, supersededBy }: Release): readonly (string | null)[] {
  return [
    cancelAsked ? `${mention(cancelAsked.by)} asked to cancel the run ${date(cancelAsked.at)}.` : null,
    supersededBy ? `Release ${outside(supersededBy.release, 40)} replaces it.` : null,
  ]
}

function lockLine({ subject }: Release, lock: Lock): string {
  if (subject.kind === 'rollback')
    return `:unlock: Bypasses the lock of ${lockScopeText(lock)}, ${lockText(lock)}`
  return `:lock: ${lockScopeText(lock)} is ${lockText(lock)}. Until ${inCode(`/deploy unlock ${lockScopeArgs(lock)}`)} no approval counts and nothing is deployed.`
}

/** What changes; at the end the commits once more, because people come back to see what was in it. */
function shownChanges(release: Release): readonly KnownBlock[] {
  if (isDecidedOn(release)) return changeBlocks(release)
  return isEnded(release) ? changedBlocks(release) : changeLine(release)
}

/** Whether a person can still stop it. */
function isDecidedOn({ stage }: Release): boolean {
  return stage.at === 'approval' || stage.at === 'wait' || stage.at === 'ready'
}

/** One line for each step, in order. */
function stepLines(release: Release): readonly string[] {
  return [
    ...checksLines(release),
    ...freezeLines(release),
    ...(isFolded(release) ? [] : approvalLines(release)),
    ...waitLines(release),
    ...dispatchLines(release),
    ...trackLines(release),
    ...upcomingLines(release),
    ...unavailableLines(release),
  ]
}

/** The time has its day, because the card may be of yesterday. */
const dayAndTime = '{date_short_pretty} at {time}'

function smallPrint(release: Release, updatedAt: Time | null): KnownBlock {
  const { id, requestedAt, sentAt, stage } = release
  return context(
    joinWithDots([
      `Requested ${date(requestedAt, dayAndTime)}`,
      updatedAt === null ? null : `updated ${date(updatedAt, dayAndTime)}`,
      stage.at === 'ended' && sentAt !== null && !isFolded(release)
        ? `took ${duration(stage.since - requestedAt)}`
        : null,
      `release ${outside(id, 60)}`,
      stageText(release),
      ...foldedLinks(release),
      ...serviceLinks(release),
    ]),
  )
}

/** The stage of a rollout by its controller's name, to look it up; null: it has none. */
function stageText({ tracks }: Release): string | null {
  const at = tracks.rollouts.find(({ seen }) => seen?.stage !== undefined)?.seen
  return at?.stage === undefined ? null : `${controllerOf(at)} stage ${outside(at.stage, 60)}`
}

/** How many targets are linked before any of them has a rollout. */
const linked = 3

/** Links to the services in the console, until links to their rollouts are known. */
function serviceLinks({ targets, tracks, servingBefore }: Release): readonly string[] {
  if (servingBefore === null || tracks.rollouts.some(({ seen }) => seen !== null)) return []
  return targets.slice(0, linked).flatMap((target) => {
    const url = serviceUrl(target, 'health', servingBefore.arn)
    const name = targets.length === 1 ? 'ECS service' : target.service
    return url === null ? [] : [link(url, name)]
  })
}
