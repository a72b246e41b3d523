import { type GitHub, Trouble } from '../ports/ports.ts'
import { whyUnknown } from '../release/carried.ts'
import type { Revision } from '../release/revision.ts'
import type { Authorship, Changes } from '../release/subject.ts'
import { authorshipOf } from './authorship.ts'
import { sizeOf } from './change-size.ts'
import type { Client } from './client.ts'
import { type CommitAnswer, commitOf } from './commit.ts'
import { type Comparing, type Comparison, compare, notCompared, relation } from './compare.ts'

/** Limit of listed commits; the total is reported separately. */
const shown = 100

/** Limit of listed commits that are removed while others are added. */
const shownRemoved = 10

/**
 * Lists the changes: forward, the commits that are added; back, those that are removed; aside (the branches diverged),
 * those that are added while others are removed. Oldest first, 100 at most. Authorship covers the commits that any
 * target gets. Throws `Trouble`.
 * @param running what the targets serve now; changes are listed relative to the first
 * @param migrationPaths where migrations are; absent: where tools keep them
 */
export async function changesSince(
  client: Client,
  ask: {
    readonly repository: string
    readonly running: Parameters<GitHub['inspect']>[0]['running']
    readonly wanted: CommitAnswer
    readonly migrationPaths?: readonly string[] | undefined
  },
): Promise<{ readonly changes: Changes; readonly authorship: Authorship }> {
  const { repository, running, wanted, migrationPaths } = ask
  const commits = running.map(({ commit }) => commit)
  const different = running.filter(({ commit }, index) => commits.indexOf(commit) === index)
  const spans = await Promise.all(
    different.map((revision) =>
      changesFrom(client, { repository, revision, to: wanted.sha, migrationPaths }),
    ),
  )
  const [first = unknown(null)] = spans
  return { changes: first.changes, authorship: authorshipOfAll(spans, wanted) }
}

/** The commits between what one target serves and the wanted commit. */
type KnownSpan = {
  readonly changes: Extract<Changes, { known: true }>
  readonly from: string
  readonly commits: readonly CommitAnswer[]
}
type Span = KnownSpan | { readonly changes: Extract<Changes, { known: false }> }

function unknown(why: string | null): Span {
  const unknownServing = 'the running commit is not known'
  return { changes: { known: false, why: why === null ? unknownServing : `${unknownServing}: ${why}` } }
}

type SpanQuery = {
  readonly repository: string
  readonly from: string
  readonly to: string
  readonly migrationPaths: readonly string[] | undefined
}

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
    return (await removalFrom(client, { ...asked, from })) ?? { changes: { known: false, why } }
  }
}

/** A deploy that removes commits is recognized without a diff too; null if it removes none, or that cannot be read either. */
async function removalFrom(
  client: Client,
  { repository, from, to, migrationPaths }: SpanQuery,
): Promise<KnownSpan | null> {
  try {
    const found = await relation(client, { repository, base: from, head: to })
    if (found === null || found.behind_by === 0) return null
    const at = { from, migrationPaths }
    const there = { ...found, commits: [], files: undefined }
    if (found.ahead_by === 0) return spanOf(at, { ...there, ahead_by: found.behind_by }, 'back')
    const span = spanOf(at, there, 'aside')
    return {
      ...span,
      changes: { ...span.changes, removed: removedOf(found.behind_by, null, migrationPaths) },
    }
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return null
  }
}

async function compared(client: Client, { repository, from, to, migrationPaths }: SpanQuery): Promise<Span> {
  const at = { from, migrationPaths }
  const there = await compare(client, { repository, base: from, head: to, shown })
  if (!there) {
    const why = `${from.slice(0, 7)}, which is running now, has no common history with it on GitHub`
    return { changes: { known: false, why } }
  }
  const removing = { repository, base: to, head: from }
  switch (there.status) {
    case 'behind': {
      const removed = await removedBy(client, { ...removing, shown })
      const { commits = [], files } = removed ?? {}
      const { behind_by: ahead_by } = there
      return spanOf(at, { ...there, commits, files, ahead_by }, 'back')
    }
    case 'diverged': {
      const removed = await removedBy(client, { ...removing, shown: shownRemoved })
      const span = spanOf(at, there, 'aside')
      return {
        ...span,
        changes: { ...span.changes, removed: removedOf(there.behind_by, removed, migrationPaths) },
      }
    }
    default:
      return spanOf(at, there, 'forward')
  }
}

/** The removed commits; null if GitHub does not list them. Their number is known anyway. */
async function removedBy(
  client: Client,
  asked: Comparing & { readonly shown: number },
): Promise<Comparison | null> {
  try {
    return await compare(client, asked)
  } catch (error) {
    if (notCompared(error) === null) throw error
    return null
  }
}

function removedOf(
  total: number,
  removed: Comparison | null,
  migrationPaths: readonly string[] | undefined,
): Required<KnownSpan['changes']>['removed'] {
  const { commits = [], files } = removed ?? {}
  const size = sizeOf(files, migrationPaths)
  const isKnown = size !== undefined && (size.migrations > 0 || !size.isCut)
  return { commits: commits.map(commitOf), total, ...(isKnown && { migrations: size.migrations }) }
}

function spanOf(
  { from, migrationPaths }: Pick<SpanQuery, 'from' | 'migrationPaths'>,
  { commits, ahead_by: total, html_url: url, files }: Comparison,
  direction: 'forward' | 'back' | 'aside',
): KnownSpan {
  const size = sizeOf(files, migrationPaths)
  return {
    changes: { known: true, commits: commits.map(commitOf), total, direction, url, ...(size && { size }) },
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
