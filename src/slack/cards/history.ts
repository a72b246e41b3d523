import type { KnownBlock } from '@slack/types'
import type { Release } from '../../release/release.ts'
import { approvalVerdict } from '../../release/steps/approval.ts'
import type { Reply } from '../../shepherd/reply.ts'
import { section } from '../blocks.ts'
import { outside } from '../escape.ts'
import { duration, mention, mentions } from '../mrkdwn.ts'
import { releaseLine } from './overview.ts'
import { cardLink, pageButtons } from './paging.ts'

type History = Extract<Reply, { reply: 'history' }>

/** How many releases are shown; more are never asked for. */
const releasesShown = 10

/** Releases, the newest first, each with who asked, who approved, how long it took and where its card is. */
export function historyBlocks(history: History, workspace?: string): readonly KnownBlock[] {
  const { asked, releases, pages, cards } = history
  const title = section([`*What happened*${ofWhat(asked)}${asked.from === null ? ', the newest first' : ''}`])
  if (releases.length === 0) return [title, section(['There is nothing yet.'])]
  return [
    title,
    ...releases
      .slice(0, releasesShown)
      .map((release) => section([historyLine(release, cardLink(cards[release.id], workspace))])),
    ...pageButtons(pages),
  ]
}

function ofWhat({ service, environment, requester }: History['asked']): string {
  const place = [service, environment].flatMap((name) => (name === null ? [] : outside(name, 60))).join(' ')
  const person = requester === null ? '' : `asked for by ${mention(requester)}`
  const words = [place, person].filter((part) => part !== '').join(', ')
  return words === '' ? '' : ` · ${words}`
}

/** `✓ blog-api prod: succeeded · 3f2c1ab of main · @Ana · yesterday · approved by @Ben and @Chloe · took 6 min · card`. */
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
