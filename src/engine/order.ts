import type { Outside } from '../ports/outside.ts'
import { type PastRevision, Trouble } from '../ports/ports.ts'
import { commitSource, isOfCommit } from '../release/commit-source.ts'
import type { Refusal } from '../release/refusal.ts'
import { notShippedThereFirst } from '../release/refusals/commits.ts'
import type { Revision } from '../release/revision.ts'
import type { Commit } from '../release/subject.ts'
import {
  type ServiceEnvironment,
  type Settings,
  serviceEnvironmentOf,
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

/** Why the commit may not be deployed here yet; null: it may. Throws `Trouble`. */
export async function orderRefusal(
  deps: OrderDeps,
  serviceEnvironment: ServiceEnvironment,
  { sha }: Commit,
): Promise<Refusal | null> {
  const { service, environment } = serviceEnvironment
  const first = await missingBefore(deps, serviceEnvironment, sha)
  if (first === null) return null
  const other = serviceEnvironmentOf(deps.settings, { service, environment: first })
  const branch = other && other.branch !== serviceEnvironment.branch ? other.branch : null
  return notShippedThereFirst({ service, environment }, { commit: sha, first, branch })
}

/** The first environment where the commit has to succeed before this one, and has not; null: none. Throws `Trouble`. */
export async function missingBefore(
  deps: OrderDeps,
  { service, requires }: ServiceEnvironment,
  sha: string,
): Promise<string | null> {
  for (const environment of requires) {
    const first = serviceEnvironmentOf(deps.settings, { service, environment })
    if (!first || !(await hasSucceeded(deps, first, sha))) return environment
  }
  return null
}

/** Whether a release of the commit succeeded there, or a rollout of it completed in every target. */
async function hasSucceeded(
  { store, outside }: OrderDeps,
  serviceEnvironment: ServiceEnvironment,
  sha: string,
): Promise<boolean> {
  const { service, environment } = serviceEnvironment
  const releases = await store.history({ service, environment, ended: true, limit: mostReleases })
  const ours = releases.some(
    ({ stage, subject }) =>
      stage.at === 'ended' &&
      stage.outcome === 'succeeded' &&
      subject.kind !== 'rollback' &&
      subject.commit.sha === sha,
  )
  if (ours) return true
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
  return past.every((revisions) => ranIn(revisions, sha))
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
