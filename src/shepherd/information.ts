import type { Release } from '../release/release.ts'
import { targetName } from '../release/release.ts'
import type { Store } from '../store/store.ts'
import type { Asked } from './asked.ts'
import { type Outside, troubleOf } from './observe.ts'
import type { PastRevision } from './ports.ts'
import type { Reply, StatusRow } from './reply.ts'
import { type ServiceEnvironment, type Settings, targetsOf } from './settings.ts'

type Needs = { readonly store: Store; readonly outside: Outside; readonly settings: Settings }

/** What runs where, and what is in flight. A place that cannot be seen says why. */
export async function status({ store, outside, settings }: Needs): Promise<Reply> {
  const inFlight = await store.inFlight()
  const rows = await Promise.all(settings.serviceEnvironments.map((place) => row(outside, place, inFlight)))
  return { reply: 'status', rows }
}

async function row(
  { ecs }: Outside,
  place: ServiceEnvironment,
  inFlight: readonly Release[],
): Promise<StatusRow> {
  const { service, environment, policy } = place
  const common = {
    service,
    environment,
    inFlight: inFlight.filter(
      (release) => release.service === service && release.environment === environment,
    ),
    // No GitHub gate is looked for yet: what others start there is not held.
    policy: policy.required === 0 ? ('none' as const) : ('detected' as const),
  }
  return { ...common, ...(await servingAt(ecs, place)) }
}

/** What runs there, in its first target; what cannot be seen says why. */
export async function servingAt(
  ecs: Outside['ecs'],
  place: ServiceEnvironment,
): Promise<Pick<StatusRow, 'serving' | 'why'>> {
  const [target] = targetsOf(place)
  try {
    const [sighting] = await ecs.before({
      look: 'before',
      targets: target ? [target] : [],
      containers: place.containers,
    })
    if (!sighting)
      return { serving: null, why: `ECS knows no service ${target ? targetName(target) : place.service}` }
    const { name, commit } = sighting.serving
    return { serving: { revision: name, commit }, why: null }
  } catch (error) {
    return { serving: null, why: troubleOf(error).reason }
  }
}

/** What happened, the newest first. */
export async function history({ store }: Needs, asked: Extract<Asked, { ask: 'history' }>): Promise<Reply> {
  const releases = await store.history({
    limit: 10,
    ...(asked.service !== null && { service: asked.service }),
    ...(asked.environment !== null && { environment: asked.environment }),
  })
  return { reply: 'history', releases }
}

/** The revisions that ran well there, to go back to, with commit, date and author where GitHub knows them. */
export async function revisions({ outside }: Needs, place: ServiceEnvironment): Promise<Reply> {
  const { ecs, github } = outside
  const [target] = targetsOf(place)
  if (!target) throw new Error(`${place.service} has no target in ${place.environment}`)
  const [past, before] = await Promise.all([
    ecs.past({ target, containers: place.containers, limit: 10 }),
    ecs.before({ look: 'before', targets: [target], containers: place.containers }),
  ])
  const withCommits = await Promise.all(
    past.map(async (each): Promise<PastRevision> => {
      const sha = each.revision.commit
      if (sha === null) return { ...each, commit: null }
      // An unreadable commit leaves the revision to be picked by its number.
      const commit = await github.commit({ repository: place.repository, sha }).catch(() => null)
      return { ...each, commit }
    }),
  )
  return {
    reply: 'revisions',
    service: place.service,
    environment: place.environment,
    revisions: withCommits,
    serving: before[0]?.serving.name ?? null,
  }
}
