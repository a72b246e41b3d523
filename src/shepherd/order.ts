import type { Refusal } from '../release/refusal.ts'
import { notShippedThereFirst } from '../release/refusals/commits.ts'
import type { Commit } from '../release/release.ts'
import type { Store } from '../store/store.ts'
import type { Outside } from './observe.ts'
import { type ServiceEnvironment, type Settings, targetsOf } from './settings.ts'

type Needs = {
  readonly store: Store
  readonly settings: Settings
  readonly outside: Pick<Outside, 'ecs'>
}

/** How many releases, and how many revisions of a service, are looked through. */
const releasesLooked = 100
const revisionsLooked = 50

/** Where the commit has to succeed before it ships here, and has not; null: nowhere. Throws `Trouble`. */
export async function notShippedFirst(
  needs: Needs,
  place: ServiceEnvironment,
  { sha }: Commit,
): Promise<Refusal | null> {
  const { service, environment, requires } = place
  for (const name of requires) {
    const first = needs.settings.serviceEnvironments.find(
      (other) => other.service === service && other.environment === name,
    )
    if (first && (await hasSucceeded(needs, first, sha))) continue
    const branch = first && first.branch !== place.branch ? first.branch : null
    return notShippedThereFirst({ service, environment }, { commit: sha, first: name, branch })
  }
  return null
}

/** By a release of ours, or by a rollout that completed in every target and carries the commit. */
async function hasSucceeded(
  { store, outside }: Needs,
  place: ServiceEnvironment,
  sha: string,
): Promise<boolean> {
  const { service, environment, containers } = place
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
      outside.ecs.past({ target, containers, limit: revisionsLooked, serving: null }),
    ),
  )
  return past.every((revisions) =>
    revisions.some(({ revision: { commit } }) => commit !== null && sha.startsWith(commit)),
  )
}
