import { isBad } from '../../release/draft.ts'
import type { ThreadPost } from '../../release/effects.ts'
import type { Release } from '../../release/release.ts'
import { reason } from '../escape.ts'
import { capital, duration, mentions } from '../mrkdwn.ts'
import { databaseLine } from './database.ts'
import { nextLine, unfinishedThenLine } from './ending.ts'
import { endHeadline } from './headline.ts'
import { migrationEnds } from './migration-track.ts'
import { otherRunLines } from './other-runs.ts'
import { saidLines } from './said.ts'
import { servingText } from './serving.ts'

/** The post about the end of a release: how it ended, why, what is serving, and what to do. */
export function endedLines(
  release: Release,
  post: Extract<ThreadPost, { tell: 'ended' }>,
): readonly (string | null)[] {
  const { stage } = release
  const said = post.outcome === 'unknown' ? 'Last seen serving' : 'Serving now'
  return [
    endHeadline(release, post.outcome),
    `${capital(reason(post.reason, 500))}.`,
    databaseLine(release),
    ...(isBad(post.outcome) ? [...migrationEnds(release, post.reason), ...saidLines(release)] : []),
    ...(post.outcome === 'unknown' ? otherRunLines(release) : []),
    `${said}: ${servingText(release, post.serving)}. The release took ${duration(post.tookMs)}.`,
    unfinishedThenLine(release),
    stage.at === 'ended' && stage.outcome === post.outcome && stage.settledBy === null
      ? nextLine(release, stage)
      : null,
    post.mention.length > 0 ? mentions(post.mention) : null,
  ]
}
