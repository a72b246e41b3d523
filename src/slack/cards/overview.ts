import type { KnownBlock } from '@slack/types'
import type { Brought, Reply, StatusRow, TargetStatus } from '../../messages/reply.ts'
import type { Freeze } from '../../release/policy/freeze.ts'
import type { Release } from '../../release/release.ts'
import { stateOf } from '../../release/state.ts'
import { section } from '../blocks.ts'
import { outside, reason } from '../escape.ts'
import { count, date, mention, mentions, revision, target } from '../mrkdwn.ts'
import { approvalLines } from './approvals.ts'
import { frozenUntil, unacknowledged } from './emergency.ts'
import { unfinishedLine } from './ending.ts'
import { enforcementLegend, enforcementLines, policyText } from './enforcement.ts'
import { progressText } from './headline.ts'
import { hindranceLines } from './hindrance.ts'
import { lockScopeText, lockText } from './locks.ts'
import { cardLink, pageButtons } from './paging.ts'
import { endText } from './setbacks.ts'
import { stateEmoji, stateLine } from './state-words.ts'
import { kindNames, subjectText } from './subject.ts'
import { waitingLine } from './waiting.ts'

type Status = Extract<Reply, { reply: 'status' }>

/** How many rows are shown (no more are requested), and how many releases and targets a row shows. */
const rowsShown = 15
const inFlightShown = 3
const unacknowledgedShown = 3
const targetsShown = 5

/** How long all rows of a message may be together, as JSON characters: Slack accepts about 13,200 in all blocks. */
const longest = 10_500

/**
 * For each service environment: what is running since when, what blocks it, what is missing, and whether its policy is
 * enforced.
 */
export function statusBlocks(status: Status, workspace?: string): readonly KnownBlock[] {
  const rows = status.rows.slice(0, rowsShown)
  const title = section([titleOf(status)])
  if (rows.length === 0) return [title, section(['There is nothing yet.'])]
  const share = Math.floor(longest / rows.length)
  return [
    title,
    ...rows.map((row) => section(fitting(rowLines(row, { ...status, workspace }), share))),
    ...enforcementLegend(rows.map((row) => row.policy)),
    ...pageButtons(status.pages),
  ]
}

function titleOf({ asked, rows, span }: Status): string {
  const names = [asked.service, asked.environment].flatMap((name) => (name === null ? [] : outside(name, 60)))
  const where = names.length > 0 ? ` · ${names.join(' ')}` : ''
  const last = span.first + rows.length - 1
  return `*Status*${where}${span.of > rows.length ? ` · ${span.first} to ${last} of ${span.of}` : ''}`
}

type Unapproved = NonNullable<Extract<TargetStatus, { seen: 'yes' }>['unapproved']>

type Around = { readonly cards: Status['cards']; readonly workspace: string | undefined }

/** The lines of a row, the most important first. */
function rowLines(row: StatusRow, around: Around): readonly string[] {
  return [
    `*${outside(row.service, 60)} ${outside(row.environment, 60)}* · ${policyText(row.policy)}`,
    ...enforcementLines(row.policy),
    ...(row.freeze ? [freezeLine(row.freeze)] : []),
    ...row.locks.map((lock) => `:lock: ${lockScopeText(lock)} is ${lockText(lock, 120)}`),
    ...row.targets
      .slice(0, targetsShown)
      .flatMap((each) => [servingLine(each, row.targets.length), ...driftLines(each, around)]),
    ...more(row.targets.length - targetsShown, 'target'),
    ...(row.lastFailed ? [failedLine(row.lastFailed, around)] : []),
    ...row.inFlight.slice(0, inFlightShown).flatMap((release) => holderLines(release, around)),
    ...more(row.inFlight.length - inFlightShown, 'release in progress'),
    ...row.unacknowledged.slice(0, unacknowledgedShown).map((release) => emergencyLine(release, around)),
    ...more(row.unacknowledged.length - unacknowledgedShown, 'emergency that nobody has acknowledged'),
  ]
}

function freezeLine(freeze: Freeze): string {
  const { approvals, reason: why } = freeze
  const opens = approvals === null ? 'deploys are blocked' : `a deploy needs ${count(approvals, 'approval')}`
  return `:snowflake: ${frozenUntil(freeze)}${why === null ? '' : ` (${outside(why, 100)})`}: ${opens}`
}

function servingLine(status: TargetStatus, of: number): string {
  const where = of > 1 ? `${target(status.target)}: ` : ''
  if (status.seen === 'no') return `${where}:warning: cannot be read: ${outside(status.why, 200)}`
  const { since, unread, by, unapproved } = status
  const name = revision({ name: status.revision, commit: status.commit })
  const commit = unread === null ? '' : `; its commit is not known: ${outside(unread, 100)}`
  const line = `${where}${name}${commit}${since === null ? '' : ` since ${date(since)}`}`
  return unapproved === undefined ? `${line} · ${originText(by)}` : `${line} · ${unapprovedText(unapproved)}`
}

/** What serves is not what the last release left. */
function driftLines(status: TargetStatus, { cards, workspace }: Around): readonly string[] {
  if (status.seen === 'no' || status.drift === undefined) return []
  const { drift, revision: name, commit, since } = status
  const card = cardLink(cards[drift.release], workspace) ?? outside(drift.release, 40)
  const serving = `${revision({ name, commit })} is serving${since === null ? '' : ` since ${date(since)}`}`
  return [
    `:warning: Drift: the last release (${card}) left ${revision(drift.revision)} ${date(drift.at)}, but ${serving}`,
  ]
}

function unapprovedText({ release, service, environment }: Unapproved): string {
  return `:rotating_light: changed without approval by the run of release ${outside(release, 40)} (${outside(service, 60)} in ${outside(environment, 60)})`
}

const afterEndText: Readonly<Record<NonNullable<Brought['afterEnd']>, string>> = {
  'in its run': 'while its run was in progress',
  'after its run': 'after its run had also ended',
}

function originText(by: Extract<TargetStatus, { seen: 'yes' }>['by']): string {
  if (by === null) return 'deployed outside twokey'
  const approved = by.approvers.length > 0 ? `, approved by ${mentions(by.approvers)}` : ''
  if (by.afterEnd !== undefined)
    return `:warning: rolled out after the end of release ${outside(by.release, 40)} (${by.state}) by ${mention(by.requester)}${approved}, ${afterEndText[by.afterEnd]}`
  return `by ${mention(by.requester)}${approved}${by.state === 'succeeded' ? '' : ` (its release: ${by.state})`}`
}

/** The release that blocks the service environment, why, and what happens next. */
function holderLines(release: Release, { cards, workspace }: Around): readonly string[] {
  const { stage } = release
  const card = cardLink(cards[release.id], workspace)
  const line = `Blocked by ${releaseLine(release)}${card === null ? '' : ` · ${card}`}`
  const waiting = waitingLine(release)
  if (waiting !== null) return [line, ...(stage.at === 'approval' ? approvalLines(release) : []), waiting]
  if (stage.at !== 'ended') return [line, ...hindranceLines(release)]
  const run = unfinishedLine(release)
  if (run !== null) return [line, run, ...hindranceLines(release)]
  return [
    line,
    `Its outcome is unknown: ${reason(stage.reason, 150)}. *Next:* press Look again or Settle on its ${card ?? `card, release ${outside(release.id, 40)}`}.`,
  ]
}

/** What serves may be older than the last release. */
function failedLine(release: Release, { cards, workspace }: Around): string {
  const { stage, subject, id } = release
  const what = kindNames[subject.kind]
  const card = cardLink(cards[id], workspace) ?? outside(id, 40)
  if (stage.at !== 'ended') return ''
  if (stage.outcome === 'unknown')
    return `:question: Last ${what} ended ${date(stage.since)} with an unknown outcome (${card})`
  const why =
    stage.outcome === 'failed' ? reason(stage.reason, 150) : endText({ outcome: stage.outcome, by: null })
  return `:x: Last ${what} failed ${date(stage.since)}: ${why} (${card})`
}

function emergencyLine(release: Release, { cards, workspace }: Around): string {
  const card = cardLink(cards[release.id], workspace)
  return `:rotating_light: ${unacknowledged} ${releaseLine(release)}. *Next:* an approver presses Acknowledge on its ${card ?? `card, release ${outside(release.id, 40)}`}.`
}

/** `✓ blog-api prod: succeeded · 3f2c1ab (main) · by @Ana · yesterday`. */
export function releaseLine(release: Release): string {
  const emergency = release.emergency === null ? '' : ' · :rotating_light: emergency'
  const progress = progressText(release)
  const again = release.subject.kind === 'rerun' ? 're-run of ' : ''
  return `${stateEmoji(stateOf(release))} ${stateLine(release)}${progress === null ? '' : ` (${progress})`}${emergency} · ${again}${subjectText(release)} · by ${mention(release.requester)} · ${date(release.requestedAt)}`
}

function more(count: number, noun: string): readonly string[] {
  return count > 0 ? [`… and ${count} more: ${noun}`] : []
}

/** As many whole lines as fit, and `…` if some do not. */
function fitting(lines: readonly string[], max: number): readonly string[] {
  const kept: string[] = []
  let length = 0
  for (const line of lines) {
    length += JSON.stringify(line).length
    if (length > max && kept.length > 0) return [...kept, '…']
    kept.push(line)
  }
  return kept
}
