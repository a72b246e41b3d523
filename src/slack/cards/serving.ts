import type { Target } from '../../release/names.ts'
import type { Release } from '../../release/release.ts'
import type { Revision } from '../../release/revision.ts'
import type { RolloutTrack } from '../../release/tracks.ts'
import { outside } from '../escape.ts'
import { count, revision, target } from '../mrkdwn.ts'

type Serving = { readonly target: Target; readonly revision: Revision | null }

/** `blog-api:43 (1111111)`. Before anything is sent, what served at the request still serves. */
export function servingText({ sentAt, servingBefore }: Release, serving: readonly Serving[]): string {
  const words = serving.slice(0, 5).map(({ target: where, revision: seen }) => {
    const now = seen ?? (sentAt === null ? servingBefore : null)
    const name = now ? revision(now) : 'not seen'
    return serving.length === 1 ? name : `${target(where)}: ${name}`
  })
  return words.join('; ') || 'not seen'
}

/** How many different revisions are named; the rest are only mentioned. */
const differentShown = 2

/**
 * A shorter form, for the current state of the release: `blog-api:43 → blog-api:44`, or
 * `blog-api:44 on 2 targets, blog-api:43 on 1 target`.
 * @param unseen the words for a revision that is not known
 */
export function servingNow(release: Release, unseen = 'not seen'): string {
  const words = release.tracks.rollouts.map((track) => ofTarget(release, track) ?? unseen)
  const counts = new Map<string, number>()
  for (const each of words) counts.set(each, (counts.get(each) ?? 0) + 1)
  const [[only] = [unseen], ...others] = counts
  if (others.length === 0) return only
  const shown = [...counts]
    .slice(0, differentShown)
    .map(([each, times]) => `${each} on ${count(times, 'target')}`)
  return `${shown.join(', ')}${counts.size > differentShown ? ' and others' : ''}`
}

/** What served before the rollout of a target; null: not known. */
export function previousRevision(
  { servingBefore }: Pick<Release, 'servingBefore'>,
  { before }: Pick<RolloutTrack, 'before'>,
): Revision | null {
  return before?.revision ?? servingBefore
}

function ofTarget({ stage, sentAt, servingBefore }: Release, track: RolloutTrack): string | null {
  const { seen, serving } = track
  const old = previousRevision({ servingBefore }, track)
  if (stage.at !== 'ended' && seen !== null && old !== null) {
    const between = [outside(old.name, 80), outside(seen.revision.name, 80)]
    if (seen.verdict === 'rolling back') return between.toReversed().join(' → ')
    if (seen.verdict === 'moving' || seen.verdict === 'paused') return between.join(' → ')
  }
  const known = serving ?? (sentAt === null || stage.at !== 'ended' ? old : null)
  return known && revision(known)
}
