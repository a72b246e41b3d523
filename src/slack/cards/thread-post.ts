import type { KnownBlock } from '@slack/types'
import type { CardPlace } from '../../messages/places.ts'
import { rollbackRevision } from '../../release/actions/roll-back.ts'
import { isBad } from '../../release/draft.ts'
import type { CardLoss, ThreadPost, Told } from '../../release/effects.ts'
import type { Release } from '../../release/release.ts'
import type { RunSighting } from '../../release/sighting.ts'
import { context, fallback, type Message, preformatted, section } from '../blocks.ts'
import { outside, reason } from '../escape.ts'
import { capital, count, date, duration, link, mention, mentions, revision, target } from '../mrkdwn.ts'
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
import { databaseLine } from './database.ts'
import { frozenText, reasonText, unacknowledged } from './emergency.ts'
import { nextLine, unfinishedLine } from './ending.ts'
import { factLines } from './facts.ts'
import { endHeadline } from './headline.ts'
import { hindranceAdvice, hindranceLine, hindranceText } from './hindrance.ts'
import { lockReason, lockScopeText } from './locks.ts'
import { migrationEnds, migrationText } from './migration-track.ts'
import { otherRunLines } from './other-runs.ts'
import { askedToReplace, replacedEndedLines } from './replaced-releases.ts'
import { saidLines } from './said.ts'
import { servingText } from './serving.ts'
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
  { key, story: told, head, also }: Told,
  log: LogTail | null,
  linkTo: LinkTo = () => null,
): Message {
  const lines = storyLines(release, told, linkTo)
  return {
    text: fallback([...stateLines(release, told), ...lines]),
    blocks: [
      section(lines),
      ...keptBlocks(release, told),
      ...(log ? logBlocks(log) : []),
      ...(head ? [auditHead({ chain: release.id, head })] : []),
      ...(also ? [auditHead(also)] : []),
    ],
    metadata: { event_type: 'twokey_story', event_payload: { release_id: release.id, key } },
  }
}

/** A notification of the end begins with the state, as the card does. */
function stateLines({ service, environment }: Release, told: ThreadPost): readonly string[] {
  return told.tell === 'ended' ? [outside(`${service} ${environment}: ${told.outcome}`, 200)] : []
}

/** At the end the card no longer shows these, so the thread keeps what was requested, as it was then. */
function keptBlocks(release: Release, told: ThreadPost): readonly KnownBlock[] {
  if (told.tell === 'asked') return changeBlocks({ ...told, facts: release.facts, voided: null })
  return told.tell === 'freed' ? changeBlocks(release) : []
}

function logBlocks(log: LogTail): readonly KnownBlock[] {
  return log.read
    ? [preformatted(log.lines)]
    : [context(`The log could not be read: ${outside(log.why, 200)}`)]
}

function storyLines(release: Release, told: ThreadPost, linkTo: LinkTo): readonly (string | null)[] {
  switch (told.tell) {
    case 'asked':
      return [
        `${release.subject.kind === 'deploy' ? 'Deploy' : 'Rollback'} requested: ${subjectText(release)}.`,
        told.serving ? `${revision(told.serving)} is serving.` : null,
        ...factLines(release, linkTo),
        ...askedToReplace(told.behind ?? []),
      ]
    case 'approved':
      return [approvedText(told)]
    case 'discounted':
      return [discountedText(told)]
    case 'withdrawn':
      return [`${mention(told.by)} withdrew their approval. ${missingText(told.missing)}`]
    case 'dismissed':
      return [`The approval of ${mention(told.by)} no longer counts: ${outside(told.why)}.`]
    case 'freed':
      return replacedEndedLines(release, told)
    case 'passes-lock':
      return [
        `:unlock: The rollback of ${serviceEnvironmentText(release)} bypasses the lock of ${mention(told.lock.by)} on ${lockScopeText(told.lock)}: ${lockReason(told.lock)}`,
      ]
    case 'tightened':
      return [
        told.to > told.from
          ? `twokey.yml was changed: ${count(told.to, 'approval')} ${told.to === 1 ? 'is' : 'are'} required now, instead of ${told.from}.`
          : 'twokey.yml was changed: it is stricter now about whose approval counts. See the card for what is missing.',
      ]
    case 'voided':
      return [
        `The approvals of ${serviceEnvironmentText(release)} are void: ${outside(told.why, 400)}.`,
        `Please look at the card again, ${mentions(release.policy.approvers)}.`,
      ]
    case 'run':
      return [`The workflow was started: ${link(told.run.url, `run ${told.run.id}`)}.`]
    case 'run-held': {
      const next = told.run.heldBy && hindranceAdvice[told.run.heldBy.kind]
      return [
        hindranceLine(link(told.run.url, `Run ${told.run.id}`), told.since, heldOr(told.run)),
        next ? `*Next:* ${next}` : null,
      ]
    }
    case 'run-ended-early':
      return [
        `${link(told.run.url, `Run ${told.run.id}`)} has ended (${outside(told.run.reason, 300)}), while the rollout continues. twokey follows it to its end.`,
      ]
    case 'run-ended':
      if (release.tracks.run?.settledBy !== undefined)
        return [
          `Nothing from this release is in progress. It no longer blocks other releases of ${serviceEnvironmentText(release)}.`,
        ]
      return [
        `${link(told.run.url, `Run ${told.run.id}`)} has ended (${outside(told.run.reason, 300)}). This release no longer blocks other releases of ${serviceEnvironmentText(release)}.`,
      ]
    case 'rolled-out-after-end':
      return rolledOutAfterEnd(release, told)
    case 'started-again':
      return startedAgain(release, told)
    case 'rolled-out-late':
      return rolledOutLate(release, told)
    case 'more-rolled-out-late':
      return moreRolledOutLate(release, told)
    case 'given-up':
      return givenUp(release, told)
    case 'migration':
      return [`Migration ${migrationText(told.migration)}.`]
    case 'migration-held':
      return [hindranceLine('Migration', told.migration.createdAt, heldOr(told.migration))]
    case 'migration-after-end':
      return migrationAfterEnd(release, told)
    case 'rollout':
      return [
        `Rollout of ${target(told.target)}: ${rolloutText(told.rollout)}.`,
        told.from ? `It replaces ${revision(told.from)}.` : null,
      ]
    case 'rollout-held':
      return [
        `:hourglass_flowing_sand: Rollout of ${target(told.target)}: ${rolloutText(told.rollout)}.`,
        `Since ${date(told.since, '{time}')}: ${heldOr(told.rollout)}.`,
      ]
    case 'rolling-back':
      return [`:rewind: ${capital(reason(told.rollout.reason, 300))} (${target(told.target)}).`]
    case 'foreign-head':
      return foreignHeadLines(release, told)
    case 'unapproved':
      return unapprovedLines(release, told)
    case 'cancelling':
      return [
        `${mention(told.by)} requested a cancellation. twokey asked GitHub to cancel the run, and follows the run to its end.`,
      ]
    case 'superseding':
      return [
        `Release ${outside(told.by, 60)} replaces this one.${release.subject.kind === 'deploy' && release.tracks.run?.endedAt == null ? ' The run is cancelled first.' : ''}`,
      ]
    case 'limited':
      return [
        `:hourglass_flowing_sand: GitHub did not start the workflow and asked to wait until ${date(told.until)}: ${outside(told.reason, 300)}.`,
        `The approvals remain valid. twokey checks everything again then, and dispatches it.`,
      ]
    case 'blind':
      return [`${unavailableLine(told.look, told, 300)} twokey keeps trying.`]
    case 'late':
      return [lateLine(told)]
    case 'was-down':
      return [
        `:electric_plug: twokey was down from ${date(told.from)} to ${date(told.to)}, and follows this release again.`,
        'If you clicked a button or typed a command in that time, do it again.',
      ]
    case 'settled':
      return [
        `${mention(told.by)} has settled it: nothing from it is still running. Other releases can start.`,
      ]
    case 'run-settled':
      return [`${mention(told.by)} has settled its run: it is no longer running. ${afterRunSettled(told)}`]
    case 'migration-settled':
      return [
        `${mention(told.by)} has settled its migration: it is no longer running. twokey stops waiting for it and decides the result from what else it knows.`,
      ]
    case 'frozen':
      return [
        `:snowflake: *${outside(`${release.service} ${release.environment}`)}*, ${subjectText(release)}. ${frozenText(told)}`,
      ]
    case 'emergency':
      return [
        `:rotating_light: *EMERGENCY* in ${outside(`${release.service} ${release.environment}`)}: ${mention(told.by)} requested a deploy with ${count(told.required, 'approval')} instead of ${told.usual}: ${subjectText(release)}.`,
        reasonText(told.why),
        told.mention.length > 0 ? mentions(told.mention) : null,
      ]
    case 'acknowledged':
      return [`${mention(told.by)} has acknowledged the emergency.`]
    case 'unacknowledged':
      return [
        `:rotating_light: *${outside(`${release.service} ${release.environment}`)}*: ${unacknowledged} ${mentions(told.mention)}: press Acknowledge on the card.`,
        reasonText(told.why),
      ]
    case 'explained':
      return [`${mention(told.by)} rejected it: ${outside(told.why, 500)}`]
    case 'card-replaced':
      return [
        `${replacedText(told.why, linkTo(told.card) ?? 'card')} twokey posted this card instead. New messages appear in this thread.`,
      ]
    case 'card-outdated':
      return [
        `:warning: This card is out of date: ${told.why === 'moved' ? 'twokey.yml now sets another channel for it' : 'Slack does not let twokey edit it'}. Use the new ${linkTo('now') ?? 'card'}. Of the buttons here, only Cancel still works.`,
      ]
    case 'ended':
      return endedLines(release, told)
  }
}

/** Older versions stored the cause only in the reason. */
function heldOr({ heldBy, reason: why }: Pick<RunSighting, 'heldBy' | 'reason'>): string {
  return heldBy === undefined ? outside(why, 300) : hindranceText(heldBy, 300)
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

/** Posted while ECS is still rolling out: people who approved it should not wait for its end. */
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

function endedLines(
  release: Release,
  told: Extract<ThreadPost, { tell: 'ended' }>,
): readonly (string | null)[] {
  const { stage } = release
  const said = told.outcome === 'unknown' ? 'Last seen serving' : 'Serving now'
  return [
    endHeadline(release, told.outcome),
    `${capital(reason(told.reason, 500))}.`,
    databaseLine(release),
    ...(isBad(told.outcome) ? [...migrationEnds(release, told.reason), ...saidLines(release)] : []),
    ...(told.outcome === 'unknown' ? otherRunLines(release) : []),
    `${said}: ${servingText(release, told.serving)}. It took ${duration(told.tookMs)}.`,
    unfinishedLine(release),
    stage.at === 'ended' && stage.outcome === told.outcome && stage.settledBy === null
      ? nextLine(release, stage)
      : null,
    told.mention.length > 0 ? mentions(told.mention) : null,
  ]
}
