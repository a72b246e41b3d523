import type { Outside } from '../ports/outside.ts'
import type { RepositoryStart } from '../ports/start.ts'
import type { AskOf } from '../release/look.ts'
import type { Place } from '../release/names.ts'
import type { OtherRun } from '../release/other-runs.ts'
import type { Store } from '../store/store.ts'
import { claimants, mayShip, overlaps, reaches } from './watched-workflows.ts'

type OtherRunsDeps = {
  readonly outside: Pick<Outside, 'github'>
  readonly store: Pick<Store, 'transact'>
}

type Look = AskOf<'otherRuns'>

/** How many are named: a repository may have dozens of runs at the same time. */
const most = 5

/**
 * The runs that could ship there too, the newest first. Before the dispatch those of the workflow, by the list that is read
 * anyway for runs started outside twokey. Beside the run those of the repository; of other workflows only where there is none
 * of its own. Left out are runs of releases of another service environment. Throws `Trouble`.
 */
export async function lookAtOtherRuns(
  look: Look,
  { outside, store }: OtherRunsDeps,
): Promise<readonly OtherRun[]> {
  const starts = await possible(look, outside)
  const owned = await store.transact((tx) => Promise.all(starts.map((start) => claimants(tx, start))))
  return starts
    .filter((_, index) => (owned[index] ?? []).every((release) => isOf(look, release)))
    .slice(0, most)
    .map(otherRun)
}

async function possible(
  look: Look,
  { github }: OtherRunsDeps['outside'],
): Promise<readonly RepositoryStart[]> {
  const { beside, workflow } = look
  if (beside.at === 'dispatch') {
    const starts = await github.starts(look)
    return starts
      .filter((start) => !start.isOver && reaches(start, look))
      .map((start) => ({ ...start, workflow }))
  }
  const starts = await github.startsIn(look)
  const others = starts.filter((start) => start.runId !== beside.runId && overlaps(start, beside))
  const same = others.filter((start) => start.workflow === workflow && reaches(start, look))
  return same.length > 0
    ? same
    : others.filter((start) => start.workflow !== workflow && mayShip(start, look))
}

function isOf(place: Place, { service, environment }: Place): boolean {
  return service === place.service && environment === place.environment
}

/** A run as the list shows it. */
export function otherRun({
  runId,
  attempt,
  url,
  workflow,
  event,
  login,
  branch,
  headSha,
  at,
}: RepositoryStart): OtherRun {
  return { id: runId, attempt, url, workflow, event, login, branch, sha: headSha, startedAt: at }
}
