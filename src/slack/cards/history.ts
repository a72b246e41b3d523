import type { KnownBlock } from '@slack/types'
import type { Reply } from '../../messages/reply.ts'
import { approvalVerdict } from '../../release/policy/approval-round.ts'
import type { Release } from '../../release/release.ts'
import type { UnreleasedRollout } from '../../release/unreleased.ts'
import { section } from '../blocks.ts'
import { outside } from '../escape.ts'
import { date, duration, mention, mentions, revision } from '../mrkdwn.ts'
import { joinWithDots } from './marks.ts'
import { runText } from './other-runs.ts'
import { releaseLine } from './overview.ts'
import { cardLink, pageButtons } from './paging.ts'

type History = Extract<Reply, { reply: 'history' }>
type HistoryRole = 'requester' | NonNullable<History['asked']['as']>

/** How many releases, and how many rollouts outside twokey, are shown. No more than that are requested. */
const entriesShown = 10

/**
 * Releases, newest first, each with requester, approvers, duration and a link to its card. Rollouts outside twokey stand among
 * them by start time.
 */
export function historyBlocks(history: History, workspace?: string): readonly KnownBlock[] {
  const { asked, releases, outside: rollouts = [], pages, cards } = history
  const title = section([`*History*${ofWhat(asked)}${asked.from === null ? ', the newest first' : ''}`])
  const entries = [
    ...releases.map((release) => ({
      at: release.requestedAt,
      line: historyLine(release, cardLink(cards[release.id], workspace)),
    })),
    ...rollouts.map((rollout) => ({ at: rollout.at, line: rolloutLine(rollout) })),
  ].toSorted((one, other) => other.at - one.at)
  if (entries.length === 0) return [title, section([nothing(asked)])]
  return [title, ...entries.slice(0, entriesShown).map(({ line }) => section([line])), ...pageButtons(pages)]
}

/** `➖ blog-api prod: outside twokey · blog-api:44 (3f2c1ab) · yesterday · while run 12 of deploy.yml, push by dana, 3f2c1ab of main, was in progress`. */
function rolloutLine(rollout: UnreleasedRollout): string {
  const { service, environment, revision: name, commit, at, run } = rollout
  return joinWithDots([
    `:heavy_minus_sign: *${outside(`${service} ${environment}`)}: outside twokey*`,
    revision({ name, commit }),
    date(at),
    run === null ? null : `while ${runText(run)}, was in progress`,
  ])
}

function ofWhat(asked: History['asked']): string {
  const words = [scopeText(asked), personName(asked), periodText(asked)]
    .filter((part) => part !== '')
    .join(', ')
  return words === '' ? '' : ` · ${words}`
}

function scopeText({ service, environment }: History['asked']): string {
  return [service, environment].flatMap((name) => (name === null ? [] : outside(name, 60))).join(' ')
}

function personName({ requester, as }: History['asked']): string {
  if (requester === null) return ''
  return `${roles[as ?? 'requester']} by ${mention(requester)}`
}

const roles: Readonly<Record<HistoryRole, string>> = {
  requester: 'requested',
  approver: 'approved',
  'requester or approver': 'requested or approved',
}

/** Both days are included. */
function periodText({ period: { since, until } = {} }: History['asked']): string {
  if (since !== undefined && since === until) return `on ${dayLabel(since)}`
  if (until === undefined) return since === undefined ? '' : `since ${dayLabel(since)}`
  return `${since === undefined ? '' : `from ${dayLabel(since)} `}until ${dayLabel(until)}`
}

/** `Tue, Nov 24, 2026`: a day in the reader's own calendar, so without a time zone. */
function dayLabel(day: string): string {
  const at = new Date(`${day}T00:00Z`)
  return new Intl.DateTimeFormat('en-US', {
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(at)
}

/** The same conditions as in the title, in one sentence. */
function nothing(asked: History['asked']): string {
  const { service, environment } = asked
  const place = [
    service === null ? '' : ` of ${outside(service, 60)}`,
    environment === null ? '' : ` in ${outside(environment, 60)}`,
  ].join('')
  const rest = [personName(asked), periodText(asked)].filter((part) => part !== '')
  if (place === '' && rest.length === 0) return 'There are no releases yet.'
  return `There are no releases${place}${rest.map((part) => ` ${part}`).join('')}.`
}

/** `✓ blog-api prod: succeeded · 3f2c1ab (main) · by @Ana · yesterday · approved by @Ben and @Chloe · took 6 min · card`. */
function historyLine(release: Release, card: string | null): string {
  const { stage, requestedAt } = release
  const approvers = approvalVerdict(release).counted.map(({ by }) => by)
  return [
    releaseLine(release),
    approvers.length > 0 ? `approved by ${mentions(approvers)}` : null,
    stage.at === 'ended' ? `took ${duration(stage.since - requestedAt)}` : null,
    card,
  ]
    .filter((part) => part !== null)
    .join(' · ')
}
