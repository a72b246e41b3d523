import type { Clock } from '../ports/clock.ts'
import type { Outside } from '../ports/outside.ts'
import { type MaxAge, Trouble } from '../ports/ports.ts'
import type { Eligibility } from '../release/approval.ts'
import {
  type AskOf,
  type Look,
  type LookName,
  lookFacts,
  lookNames,
  type Observation,
  type SightingOf,
} from '../release/look.ts'
import type { BeforeSighting, OrderSighting, Seen, TroubleKind } from '../release/sighting.ts'
import { placeOf, type Settings } from '../settings/settings.ts'
import type { Store } from '../store/store.ts'
import { lookBeyond } from './beyond.ts'
import { missingBefore, mustBeRead } from './order.ts'
import { lookAtOtherRuns } from './other-runs.ts'

export type ObserveDeps = {
  readonly outside: Outside
  /** What succeeded before is asked of the store first. */
  readonly store: Store
  readonly settings: Settings
  readonly clock: Clock
}

/** How long it may take to read what has to be fresh, ms: what was read first is old by then. */
const freshMs = 15_000

/**
 * Looks at the outside, all at once; at what has to be fresh last, however slow the others answer: the services before they
 * are touched, then people and channels, which are read anew. Where one of the others could not be read, nothing is sent by
 * this round, and Slack is spared. Trouble becomes "could not see", with its reason.
 */
export async function observe(looks: readonly Look[], needs: ObserveDeps): Promise<Observation> {
  const these = (fresh: 'services' | 'people' | undefined) =>
    looks.filter(({ look }) => lookFacts[look].fresh === fresh)
  const others = await seeAll(these(undefined), { ...needs, maxAge: 'minute' })
  const began = needs.clock()
  const services = await seeAll(these('services'), { ...needs, maxAge: 'minute' })
  const maxAge = maySend({ ...others, ...services }) ? 'second' : 'minute'
  const people = await seeAll(these('people'), { ...needs, maxAge })
  const tookMs = needs.clock() - began
  const fresh = { ...services, ...people }
  return { ...others, ...(tookMs > freshMs ? tooOld(fresh, tookMs) : fresh) }
}

/** None of what was read while it took so long. */
function tooOld(observation: Observation, tookMs: number): Observation {
  const reason = `the last check took ${Math.round(tookMs / 1_000)} s, and what it read first may have changed since`
  const old = Object.entries(observation).map(([name, seen]) => [
    name,
    seen.seen ? { seen: false, kind: 'passing', reason } : seen,
  ])
  return Object.fromEntries(old)
}

/** Whether everything was seen that nothing is sent without. */
function maySend(observation: Observation): boolean {
  return lookNames.every((name) => lookFacts[name].optional || observation[name]?.seen !== false)
}

/** `maxAge`: of what Slack says. */
type LookDeps = ObserveDeps & { readonly maxAge: MaxAge }

type Observer<Name extends LookName> = (ask: AskOf<Name>, deps: LookDeps) => Promise<SightingOf<Name>>

/** How each look is carried out. */
const observers: { readonly [Name in LookName]: Observer<Name> } = {
  people: standings,
  requester,
  channel: sharing,
  tip: (ask, { outside }) => outside.github.tip(ask),
  order,
  before,
  tasksBefore: (ask, { outside }) => outside.ecs.tasksBefore(ask),
  rollbackTarget: (ask, { outside }) => outside.ecs.rollbackTarget(ask),
  findRun: (ask, { outside }) => outside.github.findRun(ask),
  run: (ask, { outside }) => outside.github.run(ask),
  laterAttempt: (ask, { outside }) => outside.github.laterAttempt(ask),
  headTree: (ask, { outside }) => outside.github.headTree(ask),
  migration: (ask, { outside }) => outside.ecs.migration(ask),
  rollouts: (ask, { outside }) => outside.ecs.rollouts(ask),
  runLog: (ask, { outside }) => outside.github.runLog(ask),
  beyond: lookBeyond,
  otherRuns: lookAtOtherRuns,
}

async function seeAll(looks: readonly Look[], deps: LookDeps): Promise<Observation> {
  const seen = await Promise.all(looks.map((look) => see(look, deps)))
  return Object.assign({}, ...seen)
}

async function see<Name extends LookName>(look: Look<Name>, deps: LookDeps): Promise<Observation> {
  return { [look.look]: await seen(() => observers[look.look](look, deps)) }
}

/** A lookup that failed is not a "no": the approvals wait until Slack can tell again. */
async function standings(
  { ids, lists }: AskOf<'people'>,
  { outside: { people }, maxAge }: LookDeps,
): Promise<Record<string, Eligibility>> {
  const pairs = await Promise.all(
    ids.map(async (id) => [id, await people.standing({ user: id, team: null }, lists, maxAge)] as const),
  )
  return Object.fromEntries(pairs.map(([id, standing]) => [id, told(standing)]))
}

async function requester(
  { id, requesters }: AskOf<'requester'>,
  { outside, maxAge }: LookDeps,
): Promise<Eligibility> {
  return told(await outside.people.requester({ user: id, team: null }, requesters, maxAge))
}

/** Where the commits that serve decide what is sent, they have to be known. */
async function before(look: AskOf<'before'>, { outside: { ecs } }: ObserveDeps): Promise<BeforeSighting> {
  const targets = await ecs.before(look)
  if (look.commits === 'needed') mustBeRead(targets.map(({ serving }) => serving))
  return { targets, at: ecs.now() }
}

async function order(look: AskOf<'order'>, needs: ObserveDeps): Promise<OrderSighting> {
  const place = placeOf(needs.settings, look)
  return { missing: place ? await missingBefore(needs, place, look.commit) : null }
}

function told(standing: Eligibility): Eligibility {
  if (!standing.eligible && (standing.why === 'identity_unknown' || standing.why === 'group_unknown'))
    throw new Trouble('passing', standing.sentence)
  return standing
}

/** A channel that twokey no longer sees may be shared by now. */
async function sharing(
  { channel }: AskOf<'channel'>,
  { outside, maxAge }: LookDeps,
): Promise<'inside' | 'outside'> {
  const found = await outside.channels.sharing(channel, maxAge)
  if (found === 'hidden')
    throw new Trouble('terminal', `twokey does not see the release channel ${channel}: invite it`)
  return found
}

async function seen<T>(look: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { seen: true, value: await look() }
  } catch (error) {
    return { seen: false, ...troubleOf(error) }
  }
}

/** What an error says of the outside. Whatever is not named terminal may pass. */
export function troubleOf(error: unknown): { readonly kind: TroubleKind; readonly reason: string } {
  if (error instanceof Trouble) return { kind: error.kind, reason: error.message }
  return { kind: 'passing', reason: error instanceof Error ? error.message : String(error) }
}
