import type { KnownBlock } from '@slack/types'
import type { CardPlace } from '../../messages/places.ts'
import { rollbackRevision } from '../../release/actions/roll-back.ts'
import type { CardLoss, ReleasePost, ThreadPost } from '../../release/effects.ts'
import type { Release } from '../../release/release.ts'
import { context, fallback, type Message, preformatted, section } from '../blocks.ts'
import { outside, reason } from '../escape.ts'
import { count, date, duration, link, mention, mentions, revision, target } from '../mrkdwn.ts'
import {
  givenUp,
  migrationAfterEnd,
  moreRolledOutLate,
  rolledOutAfterEnd,
  rolledOutLate,
  startedAgain,
} from './after-end.ts'
import { approvedText, discountedText, missingText } from './approvals.ts'
import { auditHead } from './audit-head.ts'
import { fewerText, frozenText, reasonText, unacknowledged } from './emergency.ts'
import { endedLines } from './end-post.ts'
import { factLines } from './facts.ts'
import { askedText, gateOpenedLateLines, gateOpenedLines, gateReviewedLines } from './gate.ts'
import { blockedText, hindranceAdvice, hindranceLine } from './hindrance.ts'
import { lockReason, lockScopeText } from './locks.ts'
import { migrationText } from './migration-track.ts'
import { askedToReplace, replacedEndedLines } from './replaced-releases.ts'
import { runLink, runLinkFirst } from './run-name.ts'
import { steerLines } from './steer-post.ts'
import { changeBlocks, subjectText } from './subject.ts'
import { rolloutText, unavailableLine } from './tracks.ts'

/** The end of the log that shows the cause, or why there is none. */
export type LogTail =
  | { readonly read: true; readonly lines: readonly string[] }
  | { readonly read: false; readonly why: string }

/** A link to a card of the release; `now` is the current card. Null if it cannot be linked. */
export type LinkTo = (card: CardPlace | 'now') => string | null

/** One post in the card's thread. */
export function threadPost(
  release: Release,
  { key, story: post, head, also }: ReleasePost,
  log: LogTail | null,
  linkTo: LinkTo = () => null,
): Message {
  const lines = storyLines(release, post, linkTo)
  return {
    text: fallback([...stateLines(release, post), ...lines]),
    blocks: [
      section(lines),
      ...keptBlocks(release, post),
      ...(log ? logBlocks(log) : []),
      ...(head ? [auditHead({ chain: release.id, head })] : []),
      ...(also ? [auditHead(also)] : []),
    ],
    metadata: { event_type: 'twokey_story', event_payload: { release_id: release.id, key } },
  }
}

/** A notification of the end begins with the state, as the card does. */
function stateLines({ service, environment }: Release, post: ThreadPost): readonly string[] {
  return post.tell === 'ended' ? [outside(`${service} ${environment}: ${post.outcome}`, 200)] : []
}

/** At the end the card no longer shows these, so the thread keeps what was requested, as it was then. */
function keptBlocks(release: Release, post: ThreadPost): readonly KnownBlock[] {
  if (post.tell === 'asked') return changeBlocks({ ...post, facts: release.facts, voided: null })
  return post.tell === 'freed' ? changeBlocks(release) : []
}

function logBlocks(log: LogTail): readonly KnownBlock[] {
  return log.read
    ? [preformatted(log.lines)]
    : [context(`The log could not be read: ${outside(log.why, 200)}`)]
}

function storyLines(release: Release, post: ThreadPost, linkTo: LinkTo): readonly (string | null)[] {
  switch (post.tell) {
    case 'asked':
      return [
        askedText(release),
        post.serving ? `${revision(post.serving)} is serving.` : null,
        ...factLines(release, linkTo),
        ...askedToReplace(post.behind ?? []),
      ]
    case 'approved':
      return [approvedText(post)]
    case 'discounted':
      return [discountedText(post)]
    case 'withdrawn':
      return [`${mention(post.by)} withdrew their approval. ${missingText(post.missing)}`]
    case 'dismissed':
      return [`The approval of ${mention(post.by)} no longer counts: ${outside(post.why)}.`]
    case 'freed':
      return replacedEndedLines(release, post)
    case 'passes-lock':
      return [
        `:unlock: The rollback of ${serviceEnvironmentText(release)} bypasses the lock of ${mention(post.lock.by)} on ${lockScopeText(post.lock)}: ${lockReason(post.lock)}`,
      ]
    case 'tightened':
      return [
        post.to > post.from
          ? `twokey.yml was changed: ${count(post.to, 'approval')} ${post.to === 1 ? 'is' : 'are'} required now, instead of ${post.from}.`
          : 'twokey.yml was changed: it is stricter now about whose approval counts. See the card for what is missing.',
      ]
    case 'voided':
      return [
        `The approvals of ${serviceEnvironmentText(release)} are void: ${outside(post.why, 400)}.`,
        `Please look at the card again, ${mentions(release.policy.approvers)}.`,
      ]
    case 'run':
      return [`The workflow was started: ${runLink(post.run)}.`]
    case 'run-held': {
      const next = post.run.heldBy && hindranceAdvice[post.run.heldBy.kind]
      return [
        hindranceLine(runLinkFirst(post.run), post.since, blockedText(post.run)),
        next ? `*Next:* ${next}` : null,
      ]
    }
    case 'run-ended-early':
      return [
        `${runLinkFirst(post.run)} has ended (${outside(post.run.reason, 300)}), while the rollout continues. twokey follows it to its end.`,
      ]
    case 'run-ended':
      if (release.tracks.run?.settledBy !== undefined)
        return [
          `Nothing from this release is in progress. It no longer blocks other releases of ${serviceEnvironmentText(release)}.`,
        ]
      return [
        `${runLinkFirst(post.run)} has ended (${outside(post.run.reason, 300)}). This release no longer blocks other releases of ${serviceEnvironmentText(release)}.`,
      ]
    case 'rolled-out-after-end':
      return rolledOutAfterEnd(release, post)
    case 'started-again':
      return startedAgain(release, post)
    case 'rolled-out-late':
      return rolledOutLate(release, post)
    case 'more-rolled-out-late':
      return moreRolledOutLate(release, post)
    case 'given-up':
      return givenUp(release, post)
    case 'migration':
      return [`Migration ${migrationText(post.migration)}.`]
    case 'migration-held':
      return [hindranceLine('Migration', post.migration.createdAt, blockedText(post.migration))]
    case 'migration-after-end':
      return migrationAfterEnd(release, post)
    case 'rollout':
      return [
        `Rollout of ${target(post.target)}: ${rolloutText(post.rollout)}.`,
        post.from ? `It replaces ${revision(post.from)}.` : null,
      ]
    case 'rollout-held':
    case 'rollout-still':
    case 'paused':
    case 'continuing':
    case 'not-continued':
    case 'stopping':
    case 'rolling-back':
    case 'not-rolled-back':
    case 'not-stopped':
      return steerLines(release, post)
    case 'foreign-head':
      return foreignHeadLines(release, post)
    case 'unapproved':
      return unapprovedLines(release, post)
    case 'gate-opened-outside':
      return gateOpenedLines(post)
    case 'gate-reviewed':
      return gateReviewedLines(post)
    case 'gate-opened-late':
      return gateOpenedLateLines(release, post)
    case 'cancelling':
      return [
        `${mention(post.by)} requested a cancellation. twokey asked GitHub to cancel the run, and follows the run to its end.`,
      ]
    case 'superseding':
      return [
        `Release ${outside(post.by, 60)} replaces this one.${release.subject.kind !== 'rollback' && release.tracks.run?.endedAt == null ? ' The run is cancelled first.' : ''}`,
      ]
    case 'limited':
      return [
        `:hourglass_flowing_sand: GitHub did not start the workflow and asked to wait until ${date(post.until)}: ${outside(post.reason, 300)}.`,
        `The approvals remain valid. twokey checks everything again then, and dispatches it.`,
      ]
    case 'blind':
      return [`${unavailableLine(post.look, post, 300)} twokey keeps trying.`]
    case 'late':
      return [lateLine(post)]
    case 'was-down':
      return [
        `:electric_plug: twokey was down from ${date(post.from)} to ${date(post.to)}, and follows this release again.`,
        'If you clicked a button or typed a command in that time, do it again.',
      ]
    case 'settled':
      return [
        `${mention(post.by)} has settled it: nothing from it is still running. Other releases can start.`,
      ]
    case 'run-settled':
      return [
        `${mention(post.by)} has settled the run of this release: the run is no longer running. ${afterRunSettled(post)}`,
      ]
    case 'migration-settled':
      return [
        `${mention(post.by)} has settled the migration of this release: the migration is no longer running. twokey stops waiting for it and decides the result from what else it knows.`,
      ]
    case 'frozen':
      return [
        `:snowflake: *${outside(`${release.service} ${release.environment}`)}*, ${subjectText(release)}. ${frozenText(post)}`,
      ]
    case 'emergency':
      return [
        `:rotating_light: *EMERGENCY* in ${outside(`${release.service} ${release.environment}`)}: ${mention(post.by)} requested a deploy with ${fewerText(post.required, post.usual)}: ${subjectText(release)}.`,
        reasonText(post.why),
        post.mention.length > 0 ? mentions(post.mention) : null,
      ]
    case 'acknowledged':
      return [`${mention(post.by)} has acknowledged the emergency.`]
    case 'unacknowledged':
      return [
        `:rotating_light: *${outside(`${release.service} ${release.environment}`)}*: ${unacknowledged} ${mentions(post.mention)}: press Acknowledge on the card.`,
        reasonText(post.why),
      ]
    case 'explained':
      return [`${mention(post.by)} rejected it: ${outside(post.why, 500)}`]
    case 'card-replaced':
      return [
        `${replacedText(post.why, linkTo(post.card) ?? 'card')} twokey posted this card instead. New messages appear in this thread.`,
      ]
    case 'card-outdated':
      return [
        `:warning: This card is out of date: ${post.why === 'moved' ? 'twokey.yml now sets another channel for it' : 'Slack does not let twokey edit it'}. Use the new ${linkTo('now') ?? 'card'}. Of the buttons here, only Cancel still works.`,
      ]
    case 'ended':
      return endedLines(release, post)
  }
}

/** Posted while the run is in progress: people who approved another workflow should not wait for its end. */
function foreignHeadLines(
  release: Release,
  { reason: why, mention: mentioned }: Extract<ThreadPost, { tell: 'foreign-head' }>,
): readonly string[] {
  const { service, environment, tracks } = release
  const run = tracks.run === null ? 'the run' : link(tracks.run.url, 'the run')
  return [
    `:rotating_light: *${outside(`${service} ${environment}`)}*: ${reason(why, 300)}. twokey asks GitHub to cancel it and follows it to its end.`,
    `*Next:* look at ${run}; if it does not stop, cancel it on GitHub. Once it has rolled something out, the card has Roll back.`,
    mentions(mentioned),
  ]
}

/** Posted while it is still being rolled out: people who approved it should not wait for its end. */
function unapprovedLines(
  release: Release,
  { reason: why, mention: mentioned }: Extract<ThreadPost, { tell: 'unapproved' }>,
): readonly string[] {
  const { service, environment } = release
  const before = rollbackRevision(release)
  return [
    `:rotating_light: *${outside(`${service} ${environment}`)}*: ${reason(why, 500)}. twokey follows the rollout to its end.`,
    `*Next:* ${before === null ? '' : `press Roll back on the card to return to ${outside(before, 80)}, and `}find out who pushed the image again.`,
    mentions(mentioned),
  ]
}

function replacedText(why: CardLoss, earlier: string): string {
  switch (why) {
    case 'uneditable':
      return `Slack no longer lets twokey edit the earlier ${earlier} of this release.`
    case 'gone':
      return 'The earlier card of this release is gone.'
    case 'moved':
      return `The earlier ${earlier} of this release is in another channel; twokey.yml now sets this one.`
  }
}

function lateLine({ track, afterMs, why }: Extract<ThreadPost, { tell: 'late' }>): string {
  if (track === 'migration')
    return `:warning: The migration is still running, ${duration(afterMs)} after its run has ended. twokey does not stop tasks. The card links to it: if it hangs, stop it in ECS. If nothing from it is running and ECS does not show its end, press Settle there.`
  const because = why === undefined ? '' : `: ${outside(why, 300)}`
  const settle = track === 'run' ? ': if nothing from it is running, press Settle there' : ''
  return `:warning: The ${track} has taken longer than ${duration(afterMs)}${because}. twokey keeps following it and does not stop it. The card links to it${settle}.`
}

/** What happens after a person settled a run. */
function afterRunSettled({ left }: Extract<ThreadPost, { tell: 'run-settled' }>): string {
  return left === undefined
    ? 'twokey stops following it and takes the result of this release from ECS.'
    : 'twokey stops following it. Its migration is still running, so no other deploy starts until it has stopped.'
}

/** `blog-api in prod`, for posts that people read away from the card. */
function serviceEnvironmentText({ service, environment }: Release): string {
  return `${outside(service, 60)} in ${outside(environment, 60)}`
}
