import type { Time } from './names.ts'
import type { RolloutSighting, RolloutVerdict } from './sighting.ts'

/**
 * Who may have made a rollout, as far as AWS names somebody. `registeredBy`: ARN of whoever registered the task
 * definition. `creator`: what CodeDeploy calls the maker of its deployment, such as `user` or `CloudFormation`.
 */
export type Origin = { readonly registeredBy: string | null; readonly creator: string | null }

/** What there is to report of a rollout that twokey did not start. A later one of the list includes the earlier ones. */
const inOrder = ['began', 'failed', 'rolled back', 'rollback failed'] as const
export type RolloutNews = (typeof inOrder)[number]

/** What twokey has noticed of the rollouts and tasks of a target, apart from its releases. Times are by AWS's clock. */
export type Watched = {
  /** Rollouts that began earlier are not looked at: twokey was not there yet, or they had ended. */
  readonly since: Time
  /** When twokey first looked at the target. */
  readonly began: Time
  /** By the deployment's ID: the last news that needs no further report. */
  readonly known: Readonly<Record<string, RolloutNews>>
  /** When the last of the tasks failed whose series was reported; null: none was. */
  readonly failingAt: Time | null
}

/** Of a target that is looked at for the first time. Nothing that happened before is reported. */
export function firstWatched(now: Time): Watched {
  return { since: now, began: now, known: {}, failingAt: null }
}

/** What a rollout shows. Everything that leaves the new revision alone counts as a rollout that began. */
const newsBy: Readonly<Record<RolloutVerdict, RolloutNews>> = {
  moving: 'began',
  baking: 'began',
  paused: 'began',
  succeeded: 'began',
  superseded: 'began',
  stopped: 'began',
  unknown: 'began',
  failed: 'failed',
  'rolling back': 'rolled back',
  'rolled back': 'rolled back',
  'rollback failed': 'rollback failed',
}

/** The news of a rollout. */
export function newsOf({ verdict }: Pick<RolloutSighting, 'verdict'>): RolloutNews {
  return newsBy[verdict]
}

/** Whether this was not reported of the rollout, nor anything that includes it. */
export function isNews({ known }: Watched, deploymentId: string, news: RolloutNews): boolean {
  const before = known[deploymentId]
  return before === undefined || inOrder.indexOf(before) < inOrder.indexOf(news)
}

/** The most that can be reported of a rollout, so nothing more is. */
export const nothingMore: RolloutNews = 'rollback failed'

const inProgress: ReadonlySet<RolloutVerdict> = new Set<RolloutVerdict>([
  'moving',
  'baking',
  'paused',
  'rolling back',
])

/** Whether nothing more can follow of a rollout. */
export function isSettled({ verdict }: Pick<RolloutSighting, 'verdict'>): boolean {
  return !inProgress.has(verdict)
}

/**
 * Whether ECS itself began this rollout to take another one back. ECS may show it as an entry of the service with an ID of
 * its own, and lists no service deployment for it.
 */
export function isTakingBack(
  rollout: Pick<RolloutSighting, 'arn' | 'deploymentId' | 'createdAt'>,
  all: readonly Pick<RolloutSighting, 'deploymentId' | 'createdAt' | 'verdict'>[],
): boolean {
  if (rollout.arn !== rollout.deploymentId || !rollout.deploymentId.startsWith('ecs-svc/')) return false
  return all.some(
    (other) =>
      other.deploymentId !== rollout.deploymentId &&
      other.createdAt <= rollout.createdAt &&
      (newsOf(other) === 'rolled back' || newsOf(other) === 'rollback failed'),
  )
}

/** How many rollouts are remembered of a target, though a look may not list them: lists of AWS lag. */
const mostKnown = 50

/** What is stored once these rollouts were reported, or need no report. `all`: every rollout of the look. */
export function withKnown(
  watched: Watched,
  reported: Readonly<Record<string, RolloutNews>>,
  all: readonly Pick<RolloutSighting, 'deploymentId' | 'createdAt' | 'verdict'>[],
): Watched {
  const fresh = Object.entries(reported).filter(([id, news]) => isNews(watched, id, news))
  const rest = Object.entries(watched.known).filter(([id]) => fresh.every(([other]) => other !== id))
  const known = Object.fromEntries([...rest, ...fresh].slice(-mostKnown))
  const open = all.filter((rollout) => !isSettled(rollout) || known[rollout.deploymentId] === undefined)
  const since =
    open.length > 0
      ? Math.min(...open.map(({ createdAt }) => createdAt)) - 1
      : Math.max(...all.map(({ createdAt }) => createdAt + 1))
  return { ...watched, since: all.length > 0 ? Math.max(watched.since, since) : watched.since, known }
}

/** How many tasks have to fail, and within which time (ms), for the tasks of a service to keep failing. */
export const failing = { tasks: 3, withinMs: 15 * 60_000 } as const

/** How long no task may have failed until a series of failures is over, ms: as long as ECS lists stopped tasks. */
const quietMs = 60 * 60_000

/** From when on failed tasks count. */
export function failuresSince({ began }: Watched, now: Time): Time {
  return Math.max(began, now - failing.withinMs)
}

/** Whether failing tasks belong to a series that was reported already. */
export function isSameSeries({ failingAt }: Watched, last: Time): boolean {
  return failingAt !== null && last - failingAt < quietMs
}
