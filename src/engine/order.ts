import type { Outside } from '../ports/outside.ts'
import { type PastRevision, Trouble } from '../ports/ports.ts'
import { commitSource, isOfCommit } from '../release/commit-source.ts'
import type { AskOf } from '../release/look.ts'
import type { MissingFirst, OrderSighting } from '../release/order-sighting.ts'
import type { Revision } from '../release/revision.ts'
import {
  type ServiceEnvironment,
  type Settings,
  serviceEnvironmentOf,
  sharingGate,
  targetsOf,
} from '../settings/settings.ts'
import type { Store } from '../store/store.ts'

type OrderDeps = {
  readonly store: Store
  readonly settings: Settings
  readonly outside: Pick<Outside, 'ecs'>
}

/** How many releases, and how many revisions of a service, are searched. */
const mostReleases = 100
const mostRevisions = 50

/**
 * The environment where the commit has to succeed before it is deployed here, and has not: for a run that waits at a gate,
 * before any of the services that share it. One where it ended badly comes first, then one where a release is in progress.
 * Throws `Trouble`.
 */
export async function lookAtOrder(ask: AskOf<'order'>, deps: OrderDeps): Promise<OrderSighting> {
  const { settings } = deps
  const own = serviceEnvironmentOf(settings, ask)
  const missing: MissingFirst[] = []
  for (const of of [...(own ? [own] : []), ...sharingGate(settings, ask)])
    for (const environment of of.requires) {
      const first = serviceEnvironmentOf(settings, { service: of.service, environment })
      const last = first ? await lastUnlessSucceeded(deps, first, ask.subject.commit.sha) : null
      if (last === 'succeeded') continue
      missing.push({
        environment,
        last,
        ...(of !== own && { of: { service: of.service, environment: of.environment } }),
        ...(first && first.branch !== of.branch && { branch: first.branch }),
      })
    }
  const isOver = ({ last }: MissingFirst) => last !== null && last.outcome !== null
  return {
    missing: missing.find(isOver) ?? missing.find(({ last }) => last !== null) ?? missing[0] ?? null,
  }
}

/** The last release of the commit there, unless one succeeded, or a rollout of it completed in every target. */
async function lastUnlessSucceeded(
  { store, outside }: OrderDeps,
  serviceEnvironment: ServiceEnvironment,
  sha: string,
): Promise<MissingFirst['last'] | 'succeeded'> {
  const { service, environment } = serviceEnvironment
  const releases = await store.history({ service, environment, limit: mostReleases })
  const ofCommit = releases.flatMap(({ id: release, stage, subject }) =>
    subject.kind !== 'rollback' && subject.commit.sha === sha
      ? [{ release, outcome: stage.at === 'ended' ? stage.outcome : null }]
      : [],
  )
  if (ofCommit.some(({ outcome }) => outcome === 'succeeded')) return 'succeeded'
  const past = await Promise.all(
    targetsOf(serviceEnvironment).map((target) =>
      outside.ecs.past({
        target,
        source: commitSource(serviceEnvironment),
        commit: sha,
        limit: mostRevisions,
        serving: null,
      }),
    ),
  )
  if (past.every((revisions) => ranIn(revisions, sha))) return 'succeeded'
  return ofCommit.find(({ outcome }) => outcome === null) ?? ofCommit[0] ?? null
}

/** Whether the commit is among the completed ones. Throws `Trouble` if it is not, but one could not be looked up. */
function ranIn(past: readonly Pick<PastRevision, 'revision'>[], sha: string): boolean {
  if (past.some(({ revision }) => isOfCommit(revision.commit, sha))) return true
  requireCommits(past.map(({ revision }) => revision))
  return false
}

/** Throws `Trouble` if the commit of a revision could not be looked up, which is not "none". */
export function requireCommits(revisions: readonly Pick<Revision, 'unknown'>[]): void {
  for (const { unknown } of revisions)
    if (unknown?.because === 'unread') throw new Trouble('passing', unknown.reason)
}
