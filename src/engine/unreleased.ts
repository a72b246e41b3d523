import type { Outside } from '../ports/outside.ts'
import { type Serving, Trouble } from '../ports/ports.ts'
import type { Start } from '../ports/start.ts'
import { commitSource } from '../release/commit-source.ts'
import type { Observation } from '../release/look.ts'
import type { Target, Time } from '../release/names.ts'
import type { OtherRun } from '../release/other-runs.ts'
import type { Release } from '../release/release.ts'
import type { TargetSighting } from '../release/sighting.ts'
import { mayBeLateOf, mayBeOf, type RolloutSeen } from '../release/unreleased.ts'
import { inTime } from '../runtime/bounded.ts'
import { type ServiceEnvironment, type Settings, serviceEnvironmentOf } from '../settings/settings.ts'
import type { Store } from '../store/store.ts'
import { otherRun } from './other-runs.ts'
import { claimants, mayShip, overlaps, reaches } from './watched-workflows.ts'

export type NoteDeps = {
  readonly store: Store
  readonly outside: Pick<Outside, 'ecs' | 'github'>
}

/** A rollout that ECS is done with, in a target of a service environment. */
type Shipped = RolloutSeen & { readonly target: Target }

/** Names when twokey was started first on this store. */
const began = 'began'

/** Writes down when twokey was started first on this store: what was rolled out before is nobody's news. */
export async function noteBeginning(store: Store, now: Time): Promise<void> {
  await store.transact(async (tx) => {
    if ((await tx.bookmark(began)) === null) await tx.setBookmark(began, now)
  })
}

/** Takes down what serves without having been released, as status and history see it. */
export async function noteServing(
  deps: NoteDeps,
  place: ServiceEnvironment,
  serving: readonly { readonly target: Target; readonly now: Serving }[],
): Promise<void> {
  const shipped = serving.flatMap(({ target, now }): readonly Shipped[] =>
    now.seen === 'yes' && now.rolledOut !== null && now.since !== null
      ? [{ target, deploymentId: now.rolledOut, createdAt: now.since, arn: now.arn }]
      : [],
  )
  await noteShipped(deps, place, shipped)
}

/** Takes down what a look for a release saw beside it: before its dispatch, and once it has ended. */
export async function noteSeen(
  deps: NoteDeps & { readonly settings: Settings },
  release: Release,
  seen: Observation,
): Promise<void> {
  const place = serviceEnvironmentOf(deps.settings, release)
  if (place === undefined) return
  const before = seen.before?.seen && release.stage.at === 'sending' ? seen.before.value.targets : []
  const after = seen.rollouts?.seen && release.stage.at === 'ended' ? seen.rollouts.value : []
  await noteShipped(deps, place, [...before, ...after].flatMap(shippedIn))
}

function shippedIn({ target, rollouts }: TargetSighting): readonly Shipped[] {
  return rollouts
    .filter(({ verdict }) => verdict === 'succeeded')
    .map(({ deploymentId, createdAt, revision: { arn } }) => ({ target, deploymentId, createdAt, arn }))
}

async function noteShipped(
  deps: NoteDeps,
  place: ServiceEnvironment,
  shipped: readonly Shipped[],
): Promise<void> {
  await Promise.all(shipped.map((each) => noteIfReadable(deps, place, each)))
}

/** What cannot be read now is taken down by a later look, as long as it serves. */
async function noteIfReadable(deps: NoteDeps, place: ServiceEnvironment, shipped: Shipped): Promise<void> {
  try {
    await noteUnreleased(deps, place, shipped)
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
  }
}

/** How many releases that were sent before a rollout are asked whether it is theirs: each holds the lane until it is done. */
const releasesAsked = 20

/** How far our clock may be from AWS's, which takes no request that is dated 5 minutes wrong, ms. Source: AWS's page on SigV4. */
const clockMs = 10 * 60_000

async function noteUnreleased(
  deps: NoteDeps,
  place: ServiceEnvironment,
  { target, ...rollout }: Shipped,
): Promise<void> {
  const { store, outside } = deps
  const { service, environment } = place
  const { deploymentId, createdAt: at, arn } = rollout
  const since = await store.bookmark(began)
  if (typeof since !== 'number' || at < since) return
  if (await store.unreleased.has(target, deploymentId)) return
  const releases = await store.sentTo({ target, until: at + clockMs, limit: releasesAsked })
  if (releases.some((release) => mayBeOf(release, target, rollout))) return
  const [revision, starts] = await Promise.all([
    outside.ecs.revision({ arn, source: commitSource(place), ...regionOf(target) }),
    startsInTime(deps, place),
  ])
  const lastSent = releases.find(({ sentAt, sentAtAws }) => (sentAtAws ?? sentAt ?? at) <= at)
  if (lastSent && mayBeLateOf(lastSent, { createdAt: at, revision })) return
  const { name, commit } = revision
  const run = await runDuring(deps, starts, { place, at, commit })
  await store.unreleased.add({
    service,
    environment,
    target,
    deploymentId,
    revision: name,
    commit,
    at,
    run,
  })
}

function regionOf({ region }: Target): { readonly region?: string } {
  return region === undefined ? {} : { region }
}

/** How long GitHub may take to list runs, ms, as it may for commits: somebody waits for the answer. */
const listMs = 5_000

/** None where GitHub does not list them in time: that somebody shipped is written down all the same. */
async function startsInTime({ outside }: NoteDeps, place: ServiceEnvironment): Promise<readonly Start[]> {
  try {
    return await inTime(outside.github.starts(place), listMs, () => [])
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return []
  }
}

/** GitHub dates runs by the second, ms. */
const secondMs = 1_000

/** The only run of the workflow that was in progress then, that no release follows, and that could have built the commit. */
async function runDuring(
  { store }: NoteDeps,
  listed: readonly Start[],
  {
    place,
    at,
    commit,
  }: { readonly place: ServiceEnvironment; readonly at: Time; readonly commit: string | null },
): Promise<OtherRun | null> {
  const starts = listed.filter(
    (start) =>
      reaches(start, place) &&
      overlaps(start, { since: at - secondMs, until: at + secondMs }) &&
      (commit === null || mayShip(start, { commit })),
  )
  const released = await store.transact((tx) => Promise.all(starts.map((start) => claimants(tx, start))))
  const [only, ...others] = starts.filter(
    (start, index) => !(released[index] ?? []).some((release) => follows(release, start)),
  )
  return only === undefined || others.length > 0 ? null : otherRun({ ...only, workflow: place.workflow })
}

/** A release follows one attempt of its run: another is somebody else's start. */
function follows({ tracks: { run } }: Release, { runId, attempt }: Start): boolean {
  return run?.id === runId && run.attempt === attempt
}
