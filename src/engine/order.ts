import type { Outside } from '../ports/outside.ts'
import { type PastRevision, Trouble } from '../ports/ports.ts'
import { commitSource, isOfCommit } from '../release/commit-source.ts'
import type { Refusal } from '../release/refusal.ts'
import { notShippedThereFirst } from '../release/refusals/commits.ts'
import type { Revision } from '../release/revision.ts'
import type { MissingFirst } from '../release/sighting.ts'
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
  const missing = await missingBefore(deps, [serviceEnvironment], sha)
  return missing && refusalOf(deps, sha, missing)
}

/**
 * Why a run that waits at the gate of these service environments can never deploy the commit in order; null: it may, or it
 * may later, once the commit has succeeded where it has to. Throws `Trouble`.
 */
export async function orderRefusalAtGate(
  deps: OrderDeps,
  serviceEnvironments: readonly ServiceEnvironment[],
  { sha }: Commit,
): Promise<Refusal | null> {
  const missing = await missingBefore(deps, serviceEnvironments, sha)
  return missing && isOver(missing) ? refusalOf(deps, sha, missing) : null
}

/** What is missing, and for which service environment. */
type Missing = MissingFirst & { readonly of: ServiceEnvironment }

/** Whether the commit came to an end there, and not a good one. */
function isOver({ last }: MissingFirst): boolean {
  return last !== null && last.outcome !== null
}

function refusalOf(
  { settings }: OrderDeps,
  commit: string,
  { of: { service, environment, branch }, environment: first, last }: Missing,
): Refusal {
  const other = serviceEnvironmentOf(settings, { service, environment: first })
  const otherBranch = other && other.branch !== branch ? other.branch : null
  return notShippedThereFirst({ service, environment }, { commit, first, branch: otherBranch, last })
}

/**
 * An environment where the commit has to succeed before these ones, and has not; null: none. One where it ended badly
 * comes first, then one where a release is in progress. Throws `Trouble`.
 */
export async function missingBefore(
  deps: OrderDeps,
  serviceEnvironments: readonly ServiceEnvironment[],
  sha: string,
): Promise<Missing | null> {
  const missing: Missing[] = []
  for (const of of serviceEnvironments)
    for (const environment of of.requires) {
      const first = serviceEnvironmentOf(deps.settings, { service: of.service, environment })
      const last = first ? await lastUnlessSucceeded(deps, first, sha) : null
      if (last !== 'succeeded') missing.push({ of, environment, last })
    }
  return missing.find(isOver) ?? missing.find(({ last }) => last !== null) ?? missing[0] ?? null
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
