import type { Changes } from '../release/release.ts'
import type { Client } from './client.ts'
import { commitOf } from './commit.ts'
import { type Comparison, compare } from './compare.ts'

/** Commits shown of what would change; the total is told beside them. */
const shown = 100

/**
 * What would change: forward, the commits that come; back, those that go; aside (the two lines parted), those that
 * come, while others go. The oldest first, 100 at most. Throws `Trouble`.
 * @param running the commit that serves now, as its image carries it: full or short; null: not known
 */
export async function changesSince(
  client: Client,
  ask: { readonly repository: string; readonly running: string | null; readonly wanted: string },
): Promise<Changes> {
  const { repository, running, wanted } = ask
  if (running === null || !/^[0-9a-f]{7,40}$/.test(running))
    return { known: false, why: 'the commit that serves now is not known' }
  const there = await compare(client, { repository, base: running, head: wanted, shown })
  if (!there)
    return {
      known: false,
      why: `${running.slice(0, 7)}, which serves now, has nothing in common with it on GitHub`,
    }
  if (there.status !== 'behind') return changes(there, there.status === 'diverged' ? 'aside' : 'forward')
  const back = await compare(client, { repository, base: wanted, head: running, shown })
  if (!back) return { known: false, why: 'GitHub does not tell what lies between' }
  return { ...changes(back, 'back'), url: there.html_url }
}

function changes(
  { commits, ahead_by, html_url }: Comparison,
  direction: 'forward' | 'back' | 'aside',
): Extract<Changes, { known: true }> {
  return { known: true, commits: commits.map(commitOf), total: ahead_by, direction, url: html_url }
}
