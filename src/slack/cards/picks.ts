import type { KnownBlock } from '@slack/types'
import type { Reply } from '../../messages/reply.ts'
import type { PastRevision } from '../../ports/ports.ts'
import { whyUnknown } from '../../release/carried.ts'
import type { Release } from '../../release/release.ts'
import { button, context, pickRevision, section } from '../blocks.ts'
import { outside } from '../escape.ts'
import { capital, date } from '../mrkdwn.ts'
import { pickCancelButton } from './buttons.ts'
import { differenceText } from './difference.ts'
import { releaseLine } from './overview.ts'

/** How many entries there are to pick from. */
const picksShown = 10

type Revisions = Extract<Reply, { reply: 'revisions' }>

/** The revisions that deployed successfully, each with a button that requests a rollback to it. */
export function revisionBlocks(reply: Revisions): readonly KnownBlock[] {
  const { service, environment, revisions, serving } = reply
  const where = `*${outside(service, 60)}* in *${outside(environment, 60)}*`
  if (revisions.length === 0)
    return [section([`No revision of ${where} is known to have deployed successfully.`])]
  return [
    section([`Recent healthy revisions of ${where}:`]),
    ...revisions.slice(0, picksShown).map((past) => revisionRow(reply, past)),
    context(`Serving now: ${serving === null ? 'not seen' : outside(serving, 80)}`),
  ]
}

function revisionRow({ service, environment, serving }: Revisions, past: PastRevision): KnownBlock {
  const { name } = past.revision
  const number = Number(name.split(':').at(-1))
  const lines = [
    `*${outside(name, 80)}* · deployed successfully${past.at === null ? '' : ` ${date(past.at)}`}`,
    commitText(past),
  ]
  if (name === serving || !Number.isSafeInteger(number)) return section(lines)
  return section(
    [...lines, capital(differenceText(past.difference, 'differs from the running revision'))],
    button({
      action: pickRevision,
      label: 'Roll back',
      spoken: `Roll back to ${name}`,
      value: JSON.stringify({ service, environment, revision: number }),
      style: 'danger',
      confirm: {
        title: `Roll ${service} in ${environment} back?`,
        text: `This requests a rollback of ${service} in ${environment} to ${name}, with its own approvals. Migrations are not undone.`,
        yes: 'Request it',
      },
    }),
  )
}

function commitText({ commit, revision }: PastRevision): string {
  const why = whyUnknown(revision)
  if (revision.commit === null) return `commit not known${why === null ? '' : `: ${outside(why, 150)}`}`
  if (commit === null) return outside(revision.commit.slice(0, 7))
  const at = Date.parse(commit.date)
  const when = Number.isNaN(at) ? '' : `, ${date(at, '{date_short_pretty}')}`
  return `${outside(commit.sha.slice(0, 7))} ${outside(commit.title, 100)} – ${outside(commit.author, 40)}${when}`
}

/** The caller's releases in progress, each with its button. */
export function pickCancelBlocks(releases: readonly Release[]): readonly KnownBlock[] {
  const more = releases.length - picksShown
  return [
    section(['*Which release do you want to cancel?*']),
    ...releases
      .slice(0, picksShown)
      .map((release) => section([releaseLine(release)], pickCancelButton(release))),
    ...(more > 0 ? [context(`… and ${more} more: cancel them on their cards`)] : []),
  ]
}
