import type { PersonId, Release } from '../release/release.ts'
import type { HistoryCursor, HistoryQuery, Store } from '../store/store.ts'
import type { HistoryAsked } from './asked.ts'
import type { Cards, Pages, Reply } from './reply.ts'

/** How many releases a page shows. */
const releasesAPage = 10

/** What happened, the newest first. @param asker whom `me` means */
export async function history(store: Store, said: HistoryAsked, asker: PersonId): Promise<Reply> {
  const asked = { ...said, requester: said.requester === 'me' ? asker : said.requester }
  const { service, environment, requester } = asked
  const query = {
    ...(service !== null && { service }),
    ...(environment !== null && { environment }),
    ...(requester !== null && { requester }),
  }
  const { releases, isMore } = await pageOf(store, query, asked.from)
  return {
    reply: 'history',
    asked,
    releases,
    pages: pages(asked, releases, isMore),
    cards: await cardsOf(store, releases),
  }
}

/** Where these releases' cards are; those that are not posted yet are left out. */
export async function cardsOf(store: Store, releases: readonly Release[]): Promise<Cards> {
  const found = await store.cards(releases.map(({ id }) => id))
  return Object.fromEntries(found.map(({ releaseId, channel, ts }) => [releaseId, { channel, ts }]))
}

type Page = {
  readonly releases: readonly Release[]
  readonly isMore: { readonly newer: boolean; readonly older: boolean }
}

/** One more than is shown is read, to know whether there is another page. */
async function pageOf(
  store: Store,
  query: Omit<HistoryQuery, 'limit'>,
  from: HistoryCursor | null,
): Promise<Page> {
  const limit = releasesAPage + 1
  const found = await store.history({ ...query, ...(from && { from }), limit })
  if (from?.go !== 'newer')
    return {
      releases: found.slice(0, releasesAPage),
      isMore: { newer: from !== null, older: found.length === limit },
    }
  // The first page is shown whole, whatever was added since.
  if (found.length < limit) return pageOf(store, query, null)
  return { releases: found.slice(-releasesAPage), isMore: { newer: true, older: true } }
}

function pages(
  asked: HistoryAsked,
  releases: readonly Release[],
  { newer, older }: Page['isMore'],
): Pages<HistoryAsked> {
  const [first, last] = [releases[0], releases.at(-1)]
  return {
    previous: newer && first ? { ...asked, from: cursor('newer', first) } : null,
    next: older && last ? { ...asked, from: cursor('older', last) } : null,
  }
}

function cursor(go: HistoryCursor['go'], { requestedAt, id }: Release): HistoryCursor {
  return { go, requestedAt, id }
}
