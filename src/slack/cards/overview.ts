import type { KnownBlock } from '@slack/types'
import type { Release } from '../../release/release.ts'
import { stateOf } from '../../release/state.ts'
import type { StatusRow } from '../../shepherd/reply.ts'
import { context, section } from '../blocks.ts'
import { outside } from '../escape.ts'
import { date, mention, sha } from '../mrkdwn.ts'
import { stateEmoji, stateLine } from './state-words.ts'
import { subjectWords } from './subject.ts'

/** How many rows a list shows, and how many releases in flight a row. */
const rowsShown = 15
const inFlightShown = 3

/** What serves where, what is in flight there, and whether the policy is enforced. */
export function statusBlocks(rows: readonly StatusRow[]): readonly KnownBlock[] {
  return list(rows, (row) => [
    `*${outside(row.service, 60)} ${outside(row.environment, 60)}* · ${serving(row)} · ${policy(row.policy)}`,
    ...row.inFlight.slice(0, inFlightShown).map(releaseLine),
  ])
}

function serving({ serving: now, why }: StatusRow): string {
  if (now === null) return `cannot be seen: ${outside(why ?? 'no reason given', 150)}`
  const commit = now.commit === null ? '' : ` (${sha(now.commit)})`
  return `${outside(now.revision, 80)}${commit}`
}

function policy(kind: StatusRow['policy']): string {
  switch (kind) {
    case 'none':
      return 'no approvals asked'
    case 'enforced':
      return 'approvals enforced on GitHub'
    case 'detected':
      return 'approvals asked here; a start on GitHub is only told'
  }
}

/** Releases, the newest first. */
export function historyBlocks(releases: readonly Release[]): readonly KnownBlock[] {
  return list(releases, (release) => [releaseLine(release)])
}

/** `✓ blog-api prod: succeeded · 3f2c1ab of main · @Ana · yesterday`. */
export function releaseLine(release: Release): string {
  return `${stateEmoji(stateOf(release))} ${stateLine(release)} · ${subjectWords(release)} · ${mention(release.requester)} · ${date(release.requestedAt)}`
}

function list<Row>(rows: readonly Row[], lines: (row: Row) => readonly string[]): readonly KnownBlock[] {
  if (rows.length === 0) return [section(['There is nothing yet.'])]
  const more = rows.length - rowsShown
  return [
    ...rows.slice(0, rowsShown).map((row) => section(lines(row))),
    ...(more > 0 ? [context(`… and ${more} more`)] : []),
  ]
}
