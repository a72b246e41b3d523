import { type RecordDeps, recordServing } from '../engine/unreleased.ts'
import type { HistoryAsked } from '../messages/intent.ts'
import type { HistoryCursor } from '../messages/places.ts'
import type { Cards, Pages, Reply } from '../messages/reply.ts'
import type { Clock } from '../ports/clock.ts'
import type { Outside } from '../ports/outside.ts'
import type { People } from '../ports/ports.ts'
import type { PersonId, Time } from '../release/names.ts'
import type { Release } from '../release/release.ts'
import type { UnreleasedRollout } from '../release/unreleased.ts'
import { type ServiceEnvironment, targetsOf } from '../settings/settings.ts'
import type { HistoryQuery, Store } from '../store/store.ts'
import { resolvePeriod } from './resolve-period.ts'

/** How many releases and rollouts outside twokey a page shows. */
const entriesAPage = 10

export type HistoryDeps = {
  readonly store: Store
  readonly people: Pick<People, 'zone'>
  readonly clock: Clock
}

type LookDeps = RecordDeps & { readonly clock: Clock; readonly outside: Pick<Outside, 'people'> }

/** Reads the running revisions first, in few requests, so that rollouts outside twokey are in the list. */
export async function freshHistory(
  deps: LookDeps,
  { asked, asker }: { readonly asked: HistoryAsked; readonly asker: PersonId },
  serviceEnvironments: readonly ServiceEnvironment[],
): Promise<Reply> {
  // A filter by requester excludes rollouts outside twokey.
  if (asked.requester === null)
    await lookAt(
      deps,
      serviceEnvironments.filter((serviceEnvironment) => isAsked(asked, serviceEnvironment)),
    )
  const { store, clock, outside } = deps
  return history({ store, clock, people: outside.people }, asked, asker)
}

function isAsked(asked: HistoryAsked, { service, environment }: ServiceEnvironment): boolean {
  return (
    (asked.service === null || asked.service === service) &&
    (asked.environment === null || asked.environment === environment)
  )
}

async function lookAt(deps: RecordDeps, serviceEnvironments: readonly ServiceEnvironment[]): Promise<void> {
  const targets = serviceEnvironments.map(targetsOf)
  const seen = await deps.outside.ecs.serving(targets.flat())
  const all = targets.flat().flatMap((target, index) => {
    const now = seen[index]
    return now === undefined ? [] : [{ target, now }]
  })
  await Promise.all(
    serviceEnvironments.map((serviceEnvironment, index) =>
      recordServing(
        deps,
        serviceEnvironment,
        all.filter(({ target }) => targets[index]?.includes(target)),
      ),
    ),
  )
}

/**
 * The history, newest first.
 * @param asker whom `me` means
 */
export async function history(
  { store, people, clock }: HistoryDeps,
  said: HistoryAsked,
  asker: PersonId,
): Promise<Reply> {
  const meant = await resolvePeriod(said.period, { people, asker, now: clock() })
  if ('refused' in meant) return { reply: 'refusal', refusal: meant.refused }
  const { days, ...times } = meant
  const requester = said.requester === 'me' ? asker : said.requester
  const asked = { ...said, requester, ...(days && { period: days }) }
  const { service, environment } = asked
  const query = {
    ...(service !== null && { service }),
    ...(environment !== null && { environment }),
    ...(requester !== null && { person: { id: requester, as: asked.as ?? ('requester' as const) } }),
    ...times,
  }
  const { entries, isMore } = await pageOf(store, query, asked.from)
  const releases = entries.flatMap(({ of }) => ('subject' in of ? [of] : []))
  return {
    reply: 'history',
    asked,
    releases,
    outside: entries.flatMap(({ of }) => ('subject' in of ? [] : [of])),
    pages: pages(asked, entries, isMore),
    cards: await cardsOf(store, releases),
  }
}

/** Links to the cards of these releases; cards that are not posted yet are left out. */
export async function cardsOf(store: Store, releases: readonly Pick<Release, 'id'>[]): Promise<Cards> {
  const found = await store.cards(releases.map(({ id }) => id))
  return Object.fromEntries(found.map(({ releaseId, channel, ts }) => [releaseId, { channel, ts }]))
}

/** A release, or a rollout outside twokey, with its place in the list. */
type Entry = { readonly at: Time; readonly id: string; readonly of: Release | UnreleasedRollout }

type Page = {
  readonly entries: readonly Entry[]
  readonly isMore: { readonly newer: boolean; readonly older: boolean }
}

/** One more entry than is shown is read, to know whether there is another page. */
async function pageOf(
  store: Store,
  query: Omit<HistoryQuery, 'limit'>,
  from: HistoryCursor | null,
): Promise<Page> {
  const limit = entriesAPage + 1
  const ask = { ...query, ...(from && { from }), limit }
  const found = entriesOf(
    await store.history(ask),
    query.person === undefined ? await store.unreleased.list(ask) : [],
  )
  if (from?.go !== 'newer')
    return {
      entries: found.slice(0, entriesAPage),
      isMore: { newer: from !== null, older: found.length >= limit },
    }
  // The first page is complete, even if releases were added later.
  if (found.length < limit) return pageOf(store, query, null)
  return { entries: found.slice(-entriesAPage), isMore: { newer: true, older: true } }
}

/** Releases and rollouts in one list, newest first. */
function entriesOf(releases: readonly Release[], rollouts: readonly UnreleasedRollout[]): readonly Entry[] {
  const entries: readonly Entry[] = [
    ...releases.map((of) => ({ at: of.requestedAt, id: of.id, of })),
    ...rollouts.map((of) => ({ at: of.at, id: of.deploymentId, of })),
  ]
  return entries.toSorted((one, other) => other.at - one.at || (other.id < one.id ? -1 : 1))
}

function pages(
  asked: HistoryAsked,
  entries: readonly Entry[],
  { newer, older }: Page['isMore'],
): Pages<HistoryAsked> {
  const [first, last] = [entries[0], entries.at(-1)]
  return {
    previous: newer && first ? { ...asked, from: cursor('newer', first) } : null,
    next: older && last ? { ...asked, from: cursor('older', last) } : null,
  }
}

function cursor(go: HistoryCursor['go'], { at, id }: Entry): HistoryCursor {
  return { go, requestedAt: at, id }
}
