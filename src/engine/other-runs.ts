import type { Outside } from '../ports/outside.ts'
import type { RepositoryStart } from '../ports/start.ts'
import type { AskOf } from '../release/look.ts'
import type { ServiceEnvironmentName } from '../release/names.ts'
import type { OtherRun } from '../release/other-runs.ts'
import type { Store } from '../store/store.ts'
import { claimants, mayShip, overlaps, reaches } from './watched-workflows.ts'

type OtherRunsDeps = {
  readonly outside: Pick<Outside, 'github'>
  readonly store: Pick<Store, 'transact'>
}

type Look = AskOf<'otherRuns'>

/** How many runs are named; a repository may have dozens at the same time. */
const mostNamed = 5

/**
 * Other runs that could deploy there too, newest first. Before the dispatch these are runs of the workflow, from the
 * list that is read anyway for runs started outside twokey. Once the run is known these are runs of the repository,
 * of other workflows only if the workflow has none. Runs of releases of another service environment are left out.
 * Throws `Trouble`.
 */
export async function lookAtOtherRuns(
  look: Look,
  { outside, store }: OtherRunsDeps,
): Promise<readonly OtherRun[]> {
  const starts = await possibleRuns(look, outside)
  const owned = await store.transact((tx) => Promise.all(starts.map((start) => claimants(tx, start))))
  return starts
    .filter((_, index) => (owned[index] ?? []).every((release) => isSameEnvironment(look, release)))
    .slice(0, mostNamed)
    .map(otherRun)
}

async function possibleRuns(
  look: Look,
  { github }: OtherRunsDeps['outside'],
): Promise<readonly RepositoryStart[]> {
  const { beside, workflow } = look
  if (beside.at === 'dispatch') {
    const starts = await github.starts(look)
    return starts
      .filter((start) => start.runId !== beside.own && !start.isOver && reaches(start, look))
      .map((start) => ({ ...start, workflow }))
  }
  const starts = await github.startsIn(look)
  const others = starts.filter((start) => start.runId !== beside.runId && overlaps(start, beside))
  const same = others.filter((start) => start.workflow === workflow && reaches(start, look))
  return same.length > 0
    ? same
    : others.filter((start) => start.workflow !== workflow && mayShip(start, look))
}

function isSameEnvironment(
  other: ServiceEnvironmentName,
  { service, environment }: ServiceEnvironmentName,
): boolean {
  return service === other.service && environment === other.environment
}

/** A run with the fields that a release stores. */
export function otherRun({
  runId,
  number,
  attempt,
  url,
  workflow,
  event,
  login,
  branch,
  headSha,
  at,
}: RepositoryStart): OtherRun {
  return {
    id: runId,
    ...(number !== undefined && { number }),
    attempt,
    url,
    workflow,
    event,
    login,
    branch,
    sha: headSha,
    startedAt: at,
  }
}
