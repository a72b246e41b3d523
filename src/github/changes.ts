import type { GitHub } from '../ports/ports.ts'
import { whyUnknown } from '../release/carried.ts'
import type { Revision } from '../release/revision.ts'
import type { Authorship, Changes } from '../release/subject.ts'
import { authorshipOf } from './authorship.ts'
import type { Client } from './client.ts'
import { type CommitAnswer, commitOf } from './commit.ts'
import { type Comparison, compare, notCompared } from './compare.ts'

/** Commits shown of what would change; the total is told beside them. */
const shown = 100

/**
 * What would change: forward, the commits that come; back, those that go; aside (the two lines parted), those that
 * come, while others go. The oldest first, 100 at most. Who wrote it is told of what every target gets. Throws `Trouble`.
 * @param running what the targets serve now; the changes are told from the first
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

/** From what one target serves to what is wanted, with each commit of it. */
type Span =
  | {
      readonly changes: Extract<Changes, { known: true }>
      readonly from: string
      readonly commits: readonly CommitAnswer[]
    }
  | { readonly changes: Extract<Changes, { known: false }> }

function unknown(why: string | null): Span {
  const known = 'the commit that serves now is not known'
  return { changes: { known: false, why: why === null ? known : `${known}: ${why}` } }
}

type SpanAsked = { readonly repository: string; readonly from: string; readonly to: string }

async function changesFrom(
  client: Client,
  {
    revision,
    ...asked
  }: Omit<SpanAsked, 'from'> & { readonly revision: Pick<Revision, 'commit' | 'unknown'> },
): Promise<Span> {
  const { commit: from } = revision
  if (from === null) return unknown(whyUnknown(revision))
  try {
    return await compared(client, { ...asked, from })
  } catch (error) {
    // Nothing of it has to be proven, so what GitHub does not compare ships all the same.
    const why = notCompared(error)
    if (why === null) throw error
    return { changes: { known: false, why } }
  }
}

async function compared(client: Client, { repository, from, to }: SpanAsked): Promise<Span> {
  const there = await compare(client, { repository, base: from, head: to, shown })
  if (!there) {
    const why = `${from.slice(0, 7)}, which serves now, has nothing in common with it on GitHub`
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

/** Not known where one target's is not. */
function authorshipOfAll(spans: readonly Span[], wanted: CommitAnswer): Authorship {
  const commits: CommitAnswer[] = [wanted]
  const since: string[] = []
  for (const each of spans) {
    if (!('from' in each)) return each.changes
    const { total } = each.changes
    if (total > each.commits.length)
      return { known: false, why: `of ${total} commits GitHub was asked for ${each.commits.length}` }
    since.push(each.from)
    commits.push(...each.commits)
  }
  return authorshipOf(commits, since)
}
