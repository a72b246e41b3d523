import type { Kysely } from 'kysely'
import type { Origin } from '../messages/intent.ts'
import type { CardPlace } from '../messages/places.ts'
import type { Reply } from '../messages/reply.ts'
import type { CardLoss, ChainEnd, ReleasePost } from '../release/effects.ts'
import type { Time } from '../release/names.ts'
import type { Announced } from '../release/notice.ts'
import { headOf } from './heads.ts'
import type { BookmarksInTransaction } from './interface/bookmarks.ts'
import type { Schema } from './schema.ts'
import { strayChain } from './store.ts'

/** The bookmark with the last row of the stray chain that a post has shown. */
const strayHeadShown = 'strays shown'

/**
 * The head of the stray chain, which has no post of its own: the next post that shows the head of an audit chain shows
 * it too, so that removed rows are noticed. Undefined if a post has shown it already.
 */
async function strayHeadToShow(
  db: Kysely<Schema>,
  bookmarks: BookmarksInTransaction,
): Promise<{ readonly also: ChainEnd } | undefined> {
  const head = await headOf(db, strayChain)
  return head === undefined || head.seq === (await bookmarks.bookmark(strayHeadShown))
    ? undefined
    : { also: { chain: strayChain, head } }
}

type Stories = { readonly releaseId: string; readonly posts: readonly ReleasePost[]; readonly at: Time }

function insert(db: Kysely<Schema>, { releaseId, posts, at }: Stories) {
  return db
    .insertInto('post')
    .values(
      posts.map((each) => ({
        ...untriedPost(at),
        release_id: releaseId,
        key: each.key,
        body: JSON.stringify(each),
      })),
    )
    .onConflict((conflict) => conflict.columns(['release_id', 'key']).doNothing())
    .returning('key')
    .execute()
}

/** Writes thread posts about a card that is posted again: the old thread names the new card, and the new thread the old one. */
export async function writeCardLoss(
  db: Kysely<Schema>,
  {
    releaseId,
    card,
    why,
    at,
  }: Pick<Stories, 'releaseId' | 'at'> & { readonly card: CardPlace; readonly why: CardLoss },
): Promise<void> {
  const replaced = `card-replaced-${card.ts}`
  const posts: ReleasePost[] = [
    { key: replaced, story: { tell: 'card-replaced', why, card }, where: 'thread' },
  ]
  if (why !== 'gone')
    posts.push({
      key: `card-outdated-${card.ts}`,
      story: { tell: 'card-outdated', why, card },
      where: 'thread',
    })
  // The new thread names only the last lost card, however many were lost before the post.
  await db
    .updateTable('post')
    .set({ dropped: 'the card was posted again', due_at: null, sending_since: null })
    .where('release_id', '=', releaseId)
    .where('key', 'like', 'card-replaced-%')
    // The edit of a card and a post in its thread may both find it lost.
    .where('key', '!=', replaced)
    .where('due_at', 'is not', null)
    .execute()
  await insert(db, { releaseId, posts, at })
}

/** Writes thread posts of a release; a post whose key was already posted for it is left out. */
export async function addPosts(
  db: Kysely<Schema>,
  bookmarks: BookmarksInTransaction,
  { releaseId, posts, at }: Stories,
): Promise<void> {
  if (posts.length === 0) return
  const auditHead = posts.find(({ head }) => head)
  const strayHead = auditHead && (await strayHeadToShow(db, bookmarks))
  const written = await insert(db, {
    releaseId,
    posts: posts.map((each) => (each === auditHead ? { ...each, ...strayHead } : each)),
    at,
  })
  if (strayHead && written.some(({ key }) => key === auditHead.key))
    await bookmarks.setBookmark(strayHeadShown, strayHead.also.head.seq)
}

/** Writes a notice for a channel. */
export async function announce(
  db: Kysely<Schema>,
  bookmarks: BookmarksInTransaction,
  { channel, announced, at }: { readonly channel: string; readonly announced: Announced; readonly at: Time },
): Promise<void> {
  // A notice of the stray chain itself shows its head already.
  const showsStrays = announced.chain === strayChain
  const strayHead = showsStrays ? undefined : await strayHeadToShow(db, bookmarks)
  await db
    .insertInto('post')
    .values({
      ...untriedPost(at),
      release_id: null,
      key: announced.notice.notice,
      body: JSON.stringify({ channel, announced: { ...announced, ...strayHead } }),
    })
    .execute()
  const shown = showsStrays ? announced.head : strayHead?.also.head
  if (shown) await bookmarks.setBookmark(strayHeadShown, shown.seq)
}

/** Moves notices that wait for an unknown channel to the channel `to`. One that cannot be read is not changed. */
export async function moveNotices(
  db: Kysely<Schema>,
  { known, to }: { readonly known: readonly string[]; readonly to: string },
): Promise<void> {
  const waiting = await db
    .selectFrom('post')
    .select(['id', 'body'])
    .where('release_id', 'is', null)
    .where('key', 'is not', null)
    .where('due_at', 'is not', null)
    .execute()
  for (const { id, body } of waiting) {
    const read = noticeIn(body)
    if (read === null || known.includes(read.channel)) continue
    await db
      .updateTable('post')
      .set({ body: JSON.stringify({ ...read, channel: to }), due_at: 0, sending_since: null })
      .where('id', '=', id)
      .execute()
  }
}

function noticeIn(body: string): { readonly channel: string } | null {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

/** Writes an answer to one person alone. */
export async function writeReply(
  db: Kysely<Schema>,
  { to, reply, at }: { readonly to: Origin; readonly reply: Reply; readonly at: Time },
): Promise<void> {
  await db
    .insertInto('post')
    .values({ ...untriedPost(at), release_id: null, key: null, body: JSON.stringify({ to, reply }) })
    .execute()
}

/** A post that was not tried yet. */
function untriedPost(at: Time) {
  return { at, due_at: at, sending_since: null, ts: null, dropped: null }
}
