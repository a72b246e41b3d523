import type { Clock } from '../ports/clock.ts'
import type { Outside } from '../ports/outside.ts'
import { type MaxAge, Trouble } from '../ports/ports.ts'
import type { AskOf, Look, LookName, Observation, SightingOf } from '../release/look.ts'
import { lookFacts, lookNames } from '../release/look-facts.ts'
import type { Eligibility } from '../release/policy/approval.ts'
import type { BeforeSighting, Seen, TroubleKind } from '../release/sighting.ts'
import { type Settings, serviceEnvironmentOf } from '../settings/settings.ts'
import type { Store } from '../store/store.ts'
import { lookBeyond } from './beyond.ts'
import { lookAtOrder, requireCommits } from './order.ts'
import { lookAtOtherRuns } from './other-runs.ts'

export type ObserveDeps = {
  readonly outside: Outside
  /** Determines whether a commit succeeded in an earlier environment, before ECS is read. */
  readonly store: Store
  readonly settings: Settings
  readonly clock: Clock
}

/** How long the fresh looks may take together, ms. After that the first of them counts as old. */
const freshMs = 15_000

/** How long all looks at once may take, ms: what was read first is then hardly older than what was read last. */
const atOnceMs = 2_000

/**
 * Carries out the looks: all at once, so that the dispatch follows the last approval within moments; in order, if something
 * was missed at the last observation. If all at once took long, those that have to be fresh are made again. A look that
 * throws counts as unavailable, with its reason.
 * @param missed whether a look has failed at the last observation
 */
export async function observe(
  looks: readonly Look[],
  missed: 'nothing' | 'something',
  deps: ObserveDeps,
): Promise<Observation> {
  if (missed === 'something') return observeInOrder(looks, deps)
  const began = deps.clock()
  const seen = await observeAll(looks, { ...deps, maxAge: 'second' })
  return deps.clock() - began <= atOnceMs ? seen : { ...seen, ...(await observeFresh(looks, seen, deps)) }
}

/**
 * First the looks that may be old, however slow they are, then the services, then people and the channel. Slack is read
 * without the cache only if everything before could be read. Otherwise this round sends nothing, and a cached answer
 * suffices.
 */
async function observeInOrder(looks: readonly Look[], deps: ObserveDeps): Promise<Observation> {
  const others = await observeAll(looksOf(looks, undefined), { ...deps, maxAge: 'minute' })
  return { ...others, ...(await observeFresh(looks, others, deps)) }
}

/** The looks that have to be fresh, after the others. */
async function observeFresh(
  looks: readonly Look[],
  others: Observation,
  deps: ObserveDeps,
): Promise<Observation> {
  const began = deps.clock()
  const services = await observeAll(looksOf(looks, 'services'), { ...deps, maxAge: 'minute' })
  const maxAge = maySend({ ...others, ...services }) ? 'second' : 'minute'
  const peopleAndChannel = await observeAll(looksOf(looks, 'people'), { ...deps, maxAge })
  const tookMs = deps.clock() - began
  const fresh = { ...services, ...peopleAndChannel }
  return tookMs > freshMs ? markTooOld(fresh, tookMs) : fresh
}

function looksOf(looks: readonly Look[], fresh: 'services' | 'people' | undefined): readonly Look[] {
  return looks.filter(({ look }) => lookFacts[look].fresh === fresh)
}

/** Marks the fresh looks as unavailable, because together they took too long. */
function markTooOld(observation: Observation, tookMs: number): Observation {
  const reason = `the last check took ${Math.round(tookMs / 1_000)} s, and what it read first may have changed since`
  const old = Object.entries(observation).map(([name, seen]) => [
    name,
    seen.seen ? { seen: false, kind: 'passing', reason } : seen,
  ])
  return Object.fromEntries(old)
}

/** Whether every look that a release has to wait for was read. */
function maySend(observation: Observation): boolean {
  return lookNames.every((name) => lookFacts[name].optional || observation[name]?.seen !== false)
}

/** `maxAge`: how old answers of Slack may be. */
type LookDeps = ObserveDeps & { readonly maxAge: MaxAge }

type Observer<Name extends LookName> = (ask: AskOf<Name>, deps: LookDeps) => Promise<SightingOf<Name>>

/** How each look is carried out. */
const observers: { readonly [Name in LookName]: Observer<Name> } = {
  people,
  requester,
  channel: observeChannel,
  tip: (ask, { outside }) => outside.github.tip(ask),
  order: lookAtOrder,
  before,
  tasksBefore: (ask, { outside }) => outside.ecs.tasksBefore(ask),
  rollbackTarget: (ask, { outside }) => outside.ecs.rollbackTarget(ask),
  checks: (ask, { outside }) => outside.github.checks(ask),
  changesNow,
  gate: (ask, { outside }) => outside.github.gate(ask),
  findRun: (ask, { outside }) => outside.github.findRun(ask),
  failedRun: (ask, { outside }) => outside.github.failedRun(ask),
  findAttempt: (ask, { outside }) => outside.github.findAttempt(ask),
  run: (ask, { outside }) => outside.github.run(ask),
  laterAttempt: (ask, { outside }) => outside.github.laterAttempt(ask),
  headTree: (ask, { outside }) => outside.github.headTree(ask),
  migration: (ask, { outside }) => outside.ecs.migration(ask),
  rollouts: (ask, { outside }) => outside.ecs.rollouts(ask),
  runLog: (ask, { outside }) => outside.github.runLog(ask),
  beyond: lookBeyond,
  otherRuns: lookAtOtherRuns,
}

async function observeAll(looks: readonly Look[], deps: LookDeps): Promise<Observation> {
  const seen = await Promise.all(looks.map((look) => observeOne(look, deps)))
  return Object.assign({}, ...seen)
}

async function observeOne<Name extends LookName>(look: Look<Name>, deps: LookDeps): Promise<Observation> {
  return { [look.look]: await attempt(() => observers[look.look](look, deps)) }
}

async function people(
  { ids, lists }: AskOf<'people'>,
  { outside, maxAge }: LookDeps,
): Promise<SightingOf<'people'>> {
  const standings = await Promise.all(
    ids.map((id) => outside.people.standing({ user: id, team: null }, lists, maxAge)),
  )
  return Object.fromEntries(standings.map((standing, at) => [ids[at], requireKnown(standing)]))
}

async function requester(
  { id, requesters }: AskOf<'requester'>,
  { outside, maxAge }: LookDeps,
): Promise<Eligibility> {
  return requireKnown(await outside.people.requester({ user: id, team: null }, requesters, maxAge))
}

/** Throws if the commits that run now decide what is sent and one is not known. */
async function before(look: AskOf<'before'>, { outside: { ecs } }: ObserveDeps): Promise<BeforeSighting> {
  const targets = await ecs.before(look)
  if (look.commits === 'needed') requireCommits(targets.map(({ serving }) => serving))
  return { targets, at: ecs.now() }
}

/** Whether the branch still has the commit. Compares only if another revision serves than at the request. */
async function changesNow(
  look: AskOf<'changesNow'>,
  { outside: { ecs, github }, settings }: ObserveDeps,
): Promise<SightingOf<'changesNow'>> {
  const { repository, branch, commit, targets, source, since } = look
  if (!(await github.isOnBranch({ repository, branch, commit }))) return 'off branch'
  const running = (await ecs.before({ targets, source })).map(({ serving }) => serving)
  const [first] = running
  if (!first || first.arn === since) return null
  const { migrationPaths } = serviceEnvironmentOf(settings, look) ?? {}
  return { serving: first, ...(await github.changesSince({ repository, commit, running, migrationPaths })) }
}

/** Throws if the lookup failed, which is not a "no": the release waits until Slack answers again. */
function requireKnown(standing: Eligibility): Eligibility {
  if (!standing.eligible && (standing.why === 'identity_unknown' || standing.why === 'group_unknown'))
    throw new Trouble('passing', standing.sentence)
  return standing
}

/** Throws if twokey no longer sees the channel, because it may be shared now. */
async function observeChannel(
  { channel: id }: AskOf<'channel'>,
  { outside, maxAge }: LookDeps,
): Promise<SightingOf<'channel'>> {
  const found = await outside.channels.sharing(id, maxAge)
  if (found === 'hidden')
    throw new Trouble('terminal', `twokey does not see the release channel ${id}: invite it`)
  return found
}

async function attempt<T>(look: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { seen: true, value: await look() }
  } catch (error) {
    return { seen: false, ...troubleOf(error) }
  }
}

/** The kind and reason of an error from outside. An error that is not known to be terminal counts as passing. */
export function troubleOf(error: unknown): { readonly kind: TroubleKind; readonly reason: string } {
  if (error instanceof Trouble) return { kind: error.kind, reason: error.message }
  return { kind: 'passing', reason: error instanceof Error ? error.message : String(error) }
}
