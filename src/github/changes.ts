import type { GitHub } from '../ports/ports.ts'
import { whyUnknown } from '../release/carried.ts'
import type { Revision } from '../release/revision.ts'
import type { Authorship, Changes } from '../release/subject.ts'
import { authorshipOf } from './authorship.ts'
import type { Client } from './client.ts'
import { type CommitAnswer, commitOf } from './commit.ts'
import { type Comparison, compare, notCompared } from './compare.ts'

/** Limit of listed commits; the total is reported separately. */
const shown = 100

/**
 * Lists the changes: forward, the commits that are added; back, those that are removed; aside (the branches diverged),
 * those that are added while others are removed. Oldest first, 100 at most. Authorship covers the commits that any
 * target gets. Throws `Trouble`.
 * @param running what the targets serve now; changes are listed relative to the first
 */
export async function changesSince(
  client: Client,
  ask: {
    readonly repository: string
    readonly running: Parameters<GitHub['inspect']>[0]['running']
    readonly wanted: CommitAnswer
  },
): Promise<{ readonly changes: Changes; readonly authorship: Authorship }> {
  const { repository, running, wanted } = ask
  const commits = running.map(({ commit }) => commit)
  const different = running.filter(({ commit }, index) => commits.indexOf(commit) === index)
  const spans = await Promise.all(
    different.map((revision) => changesFrom(client, { repository, revision, to: wanted.sha })),
  )
  const [first = unknown(null)] = spans
  return { changes: first.changes, authorship: authorshipOfAll(spans, wanted) }
}

/** The commits between what one target serves and the wanted commit. */
type Span =
  | {
      readonly changes: Extract<Changes, { known: true }>
      readonly from: string
      readonly commits: readonly CommitAnswer[]
    }
  | { readonly changes: Extract<Changes, { known: false }> }

function unknown(why: string | null): Span {
  const unknownServing = 'the commit that serves now is not known'
  return { changes: { known: false, why: why === null ? unknownServing : `${unknownServing}: ${why}` } }
}

type SpanQuery = { readonly repository: string; readonly from: string; readonly to: string }

async function changesFrom(
  client: Client,
  {
    revision,
    ...asked
  }: Omit<SpanQuery, 'from'> & { readonly revision: Pick<Revision, 'commit' | 'unknown'> },
): Promise<Span> {
  const { commit: from } = revision
  if (from === null) return unknown(whyUnknown(revision))
  try {
    return await compared(client, { ...asked, from })
  } catch (error) {
    // The list is for information only, so a comparison that GitHub cannot make does not block the release.
    const why = notCompared(error)
    if (why === null) throw error
    return { changes: { known: false, why } }
  }
}

async function compared(client: Client, { repository, from, to }: SpanQuery): Promise<Span> {
  const there = await compare(client, { repository, base: from, head: to, shown })
  if (!there) {
    const why = `${from.slice(0, 7)}, which serves now, has no common history with it on GitHub`
    return { changes: { known: false, why } }
  }
  if (there.status !== 'behind') return spanOf(from, there, there.status === 'diverged' ? 'aside' : 'forward')
  const back = await compare(client, { repository, base: to, head: from, shown })
  if (!back) return { changes: { known: false, why: 'GitHub does not show the commits between them' } }
  return spanOf(from, { ...back, html_url: there.html_url }, 'back')
}

function spanOf(
  from: string,
  { commits, ahead_by: total, html_url: url }: Comparison,
  direction: 'forward' | 'back' | 'aside',
): Span {
  return {
    changes: { known: true, commits: commits.map(commitOf), total, direction, url },
    from,
    commits,
  }
}

/** Not known if the authorship of one target is not known. */
function authorshipOfAll(spans: readonly Span[], wanted: CommitAnswer): Authorship {
  const commits: CommitAnswer[] = [wanted]
  const since: string[] = []
  for (const each of spans) {
    if (!('from' in each)) return each.changes
    const { total } = each.changes
    if (total > each.commits.length)
      return { known: false, why: `only ${each.commits.length} of ${total} commits were read from GitHub` }
    since.push(each.from)
    commits.push(...each.commits)
  }
  return authorshipOf(commits, since)
}
