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

/** How many releases, and how many revisions of a service, are looked through. */
const releasesLooked = 100
const revisionsLooked = 50

/** Why the commit may not ship here yet; null: it may. Throws `Trouble`. */
export async function notShippedFirst(
  deps: OrderDeps,
  place: ServiceEnvironment,
  { sha }: Commit,
): Promise<Refusal | null> {
  const { service, environment } = place
  const first = await missingBefore(deps, place, sha)
  if (first === null) return null
  const other = serviceEnvironmentOf(deps.settings, { service, environment: first })
  const branch = other && other.branch !== place.branch ? other.branch : null
  return notShippedThereFirst({ service, environment }, { commit: sha, first, branch })
}

/** The first environment where the commit has to succeed before it ships here, and has not; null: none. Throws `Trouble`. */
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

/** By a release of ours, or by a rollout that completed in every target and carries the commit. */
async function hasSucceeded(
  { store, outside }: OrderDeps,
  place: ServiceEnvironment,
  sha: string,
): Promise<boolean> {
  const { service, environment } = place
  const releases = await store.history({ service, environment, ended: true, limit: releasesLooked })
  const ours = releases.some(
    ({ stage, subject }) =>
      stage.at === 'ended' &&
      stage.outcome === 'succeeded' &&
      subject.kind === 'deploy' &&
      subject.commit.sha === sha,
  )
  if (ours) return true
  const past = await Promise.all(
    targetsOf(place).map((target) =>
      outside.ecs.past({
        target,
        source: commitSource(place),
        commit: sha,
        limit: revisionsLooked,
        serving: null,
      }),
    ),
  )
  return past.every((revisions) => ranIn(revisions, sha))
}

/** Whether the commit is among those that ran well. Throws `Trouble` where it is not, and one could not be looked up. */
function ranIn(past: readonly Pick<PastRevision, 'revision'>[], sha: string): boolean {
  if (past.some(({ revision }) => isOfCommit(revision.commit, sha))) return true
  mustBeRead(past.map(({ revision }) => revision))
  return false
}

/** Throws `Trouble` where the commit of one of them could not be looked up, which is not "none". */
export function mustBeRead(revisions: readonly Pick<Revision, 'unknown'>[]): void {
  for (const { unknown } of revisions)
    if (unknown?.because === 'unread') throw new Trouble('passing', unknown.reason)
}
