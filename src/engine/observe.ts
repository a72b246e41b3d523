import type { Clock } from '../ports/clock.ts'
import type { Outside } from '../ports/outside.ts'
import { type Channels, type Ecs, type LookOf, type MaxAge, type People, Trouble } from '../ports/ports.ts'
import type { Eligibility } from '../release/approval.ts'
import type { Look } from '../release/look.ts'
import type { BeforeSighting, Observation, OrderSighting, Seen, TroubleKind } from '../release/observation.ts'
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
  const others = await Promise.all(looks.filter(isEarly).map((look) => elsewhere(look, needs)))
  const began = needs.clock()
  const before = await Promise.all(looks.filter(isBefore).map((look) => elsewhere(look, needs)))
  const maxAge = [...others, ...before].every(isSeen) ? 'second' : 'minute'
  const ofSlack = await Promise.all(
    looks.filter(isOfSlack).map((look) => inSlack(look, needs.outside, maxAge)),
  )
  const tookMs = needs.clock() - began
  const fresh = [...before, ...ofSlack]
  return Object.assign(
    {},
    ...others,
    ...(tookMs > freshMs ? fresh.map((each) => tooOld(each, tookMs)) : fresh),
  )
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

type SlackLook = LookOf<'people' | 'requester' | 'channel'>

function isEarly(look: Look): look is Exclude<Look, SlackLook | LookOf<'before'>> {
  return !isOfSlack(look) && !isBefore(look)
}

function isBefore(look: Look): look is LookOf<'before'> {
  return look.look === 'before'
}

function isOfSlack(look: Look): look is SlackLook {
  return look.look === 'people' || look.look === 'requester' || look.look === 'channel'
}

/** Whether everything was seen that nothing is sent without. */
function isSeen({ tasksBefore: _tasks, otherRuns: _runs, ...needed }: Observation): boolean {
  return Object.values(needed).every(({ seen }) => seen)
}

async function inSlack(
  look: SlackLook,
  { people, channels }: Pick<Outside, 'people' | 'channels'>,
  maxAge: MaxAge,
): Promise<Observation> {
  switch (look.look) {
    case 'people':
      return { people: await seen(() => standings(look, people, maxAge)) }
    case 'requester':
      return { requester: await seen(() => requester(look, people, maxAge)) }
    case 'channel':
      return { channel: await seen(() => sharing(look, channels, maxAge)) }
  }
}

async function elsewhere(look: Exclude<Look, SlackLook>, needs: ObserveDeps): Promise<Observation> {
  const { github, ecs } = needs.outside
  switch (look.look) {
    case 'tip':
      return { tip: await seen(() => github.tip(look)) }
    case 'order':
      return { order: await seen(() => order(look, needs)) }
    case 'before':
      return { before: await seen(() => before(look, ecs)) }
    case 'tasks-before':
      return { tasksBefore: await seen(() => ecs.tasksBefore(look)) }
    case 'rollback-target':
      return { rollbackTarget: await seen(() => ecs.rollbackSighting(look)) }
    case 'find-run':
      return { run: await seen(() => github.findRun(look)) }
    case 'run':
      return { run: await seen(() => github.run(look)) }
    case 'later-attempt':
      return { laterAttempt: await seen(() => github.laterAttempt(look)) }
    case 'head-tree':
      return { headTree: await seen(() => github.headTree(look)) }
    case 'migration':
      return { migration: await seen(() => ecs.migration(look)) }
    case 'rollouts':
      return { rollouts: await seen(() => ecs.rollouts(look)) }
    case 'run-log':
      return { runLog: await seen(() => github.namesInLogs(look)) }
    case 'beyond':
      return { beyond: await seen(() => lookBeyond(look, needs)) }
    case 'other-runs':
      return { otherRuns: await seen(() => lookAtOtherRuns(look, needs)) }
  }
}

/** A lookup that failed is not a "no": the approvals wait until Slack can tell again. */
async function standings(
  { ids, lists }: LookOf<'people'>,
  people: People,
  maxAge: MaxAge,
): Promise<Record<string, Eligibility>> {
  const pairs = await Promise.all(
    ids.map(async (id) => [id, await people.standing({ user: id, team: null }, lists, maxAge)] as const),
  )
  return Object.fromEntries(pairs.map(([id, standing]) => [id, told(standing)]))
}

async function requester(
  { id, requesters }: LookOf<'requester'>,
  people: People,
  maxAge: MaxAge,
): Promise<Eligibility> {
  return told(await people.requester({ user: id, team: null }, requesters, maxAge))
}

/** Where the commits that serve decide what is sent, they have to be known. */
async function before(look: LookOf<'before'>, ecs: Ecs): Promise<BeforeSighting> {
  const targets = await ecs.before(look)
  if (look.commits === 'needed') mustBeRead(targets.map(({ serving }) => serving))
  return { targets, at: ecs.now() }
}

async function order(look: LookOf<'order'>, needs: ObserveDeps): Promise<OrderSighting> {
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
  { channel }: LookOf<'channel'>,
  channels: Channels,
  maxAge: MaxAge,
): Promise<'inside' | 'outside'> {
  const found = await channels.sharing(channel, maxAge)
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
