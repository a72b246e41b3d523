import type { Outside } from '../ports/outside.ts'
import { type Serving, Trouble } from '../ports/ports.ts'
import type { Start } from '../ports/start.ts'
import { commitSource } from '../release/commit-source.ts'
import type { Observation } from '../release/look.ts'
import { locationOf, type Target, type Time } from '../release/names.ts'
import type { OtherRun } from '../release/other-runs.ts'
import type { Release } from '../release/release.ts'
import type { TargetSighting } from '../release/sighting.ts'
import { mayBeLateOf, mayBeOf, type RolloutSeen } from '../release/unreleased.ts'
import { inTime } from '../runtime/bounded.ts'
import { type ServiceEnvironment, type Settings, serviceEnvironmentOf } from '../settings/settings.ts'
import type { Store } from '../store/store.ts'
import { otherRun } from './other-runs.ts'
import { claimants, mayShip, overlaps, reaches } from './watched-workflows.ts'

export type RecordDeps = {
  readonly store: Store
  readonly outside: Pick<Outside, 'ecs' | 'github'>
}

/** A rollout that ECS completed in a target of a service environment. */
type CompletedRollout = RolloutSeen & { readonly target: Target }

/** Bookmark of the time when twokey was first started on this store. */
const began = 'began'

/** Stores when twokey was first started on this store. Earlier rollouts are not reported. */
export async function recordBeginning(store: Store, now: Time): Promise<void> {
  await store.transact(async (tx) => {
    if ((await tx.bookmark(began)) === null) await tx.setBookmark(began, now)
  })
}

/** Records running rollouts that no release made, as status and history see them. */
export async function recordServing(
  deps: RecordDeps,
  serviceEnvironment: ServiceEnvironment,
  serving: readonly { readonly target: Target; readonly now: Serving }[],
): Promise<void> {
  const completed = serving.flatMap(({ target, now }): readonly CompletedRollout[] =>
    now.seen === 'yes' && now.rolledOut !== null && now.since !== null
      ? [{ target, deploymentId: now.rolledOut, createdAt: now.since, arn: now.arn }]
      : [],
  )
  await recordAll(deps, serviceEnvironment, completed)
}

/** Records rollouts that a look for a release saw beside it: before its dispatch, and once it has ended. */
export async function recordSeen(
  deps: RecordDeps & { readonly settings: Settings },
  release: Release,
  seen: Observation,
): Promise<void> {
  const serviceEnvironment = serviceEnvironmentOf(deps.settings, release)
  if (serviceEnvironment === undefined) return
  const before = seen.before?.seen && release.stage.at === 'sending' ? seen.before.value.targets : []
  const after = seen.rollouts?.seen && release.stage.at === 'ended' ? seen.rollouts.value : []
  await recordAll(deps, serviceEnvironment, [...before, ...after].flatMap(completedIn))
}

/** Records the rollouts of one look that are complete and that no release made. */
export async function recordRollouts(
  deps: RecordDeps,
  serviceEnvironment: ServiceEnvironment,
  seen: TargetSighting,
): Promise<void> {
  await recordAll(deps, serviceEnvironment, completedIn(seen))
}

function completedIn({ target, rollouts }: TargetSighting): readonly CompletedRollout[] {
  return rollouts
    .filter(({ verdict }) => verdict === 'succeeded')
    .map(({ deploymentId, createdAt, revision: { arn } }) => ({ target, deploymentId, createdAt, arn }))
}

async function recordAll(
  deps: RecordDeps,
  serviceEnvironment: ServiceEnvironment,
  completed: readonly CompletedRollout[],
): Promise<void> {
  await Promise.all(completed.map((each) => recordIfReadable(deps, serviceEnvironment, each)))
}

/** A rollout that cannot be read now is recorded by a later look while it runs. */
async function recordIfReadable(
  deps: RecordDeps,
  serviceEnvironment: ServiceEnvironment,
  completed: CompletedRollout,
): Promise<void> {
  try {
    await recordUnreleased(deps, serviceEnvironment, completed)
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
  }
}

/** How many releases that were sent before a rollout may own it. Few suffice, because each holds its lane until its end. */
const mostReleases = 20

/**
 * How far our clock may be from AWS's, ms: AWS refuses requests whose date is 5 minutes wrong. Source: AWS's page on
 * SigV4.
 */
const clockDifferenceMs = 10 * 60_000

/** The releases that were sent to a target before a rollout began there, newest first. @param at by AWS's clock */
export function releasesBefore(store: Store, target: Target, at: Time): Promise<readonly Release[]> {
  return store.sentTo({ target, until: at + clockDifferenceMs, limit: mostReleases })
}

/** The last release that was sent to a target; null: none was. @param now by our clock or AWS's */
export async function lastSentTo(
  store: Pick<Store, 'sentTo'>,
  target: Target,
  now: Time,
): Promise<Release | null> {
  const [last] = await store.sentTo({ target, until: now + clockDifferenceMs, limit: 1 })
  return last ?? null
}

async function recordUnreleased(
  deps: RecordDeps,
  serviceEnvironment: ServiceEnvironment,
  { target, ...rollout }: CompletedRollout,
): Promise<void> {
  const { store, outside } = deps
  const { service, environment } = serviceEnvironment
  const { deploymentId, createdAt: at, arn } = rollout
  const since = await store.bookmark(began)
  if (typeof since !== 'number' || at < since) return
  if (await store.unreleased.has(target, deploymentId)) return
  const releases = await releasesBefore(store, target, at)
  if (releases.some((release) => mayBeOf(release, target, rollout))) return
  const [revision, starts] = await Promise.all([
    outside.ecs.revision({ arn, source: commitSource(serviceEnvironment), location: locationOf(target) }),
    startsInTime(deps, serviceEnvironment),
  ])
  const lastSent = releases.find(({ sentAt, sentAtAws }) => (sentAtAws ?? sentAt ?? at) <= at)
  if (lastSent && mayBeLateOf(lastSent, { createdAt: at, revision })) return
  const { name, commit } = revision
  const run = await runDuring(deps, starts ?? [], { serviceEnvironment, at, commit })
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

/** How long GitHub may take to list runs, ms, as for commits, because somebody waits for the answer. */
const listTimeoutMs = 5_000

/** The last runs of the workflow; null if GitHub does not list them in time. */
export async function startsInTime(
  { outside }: RecordDeps,
  serviceEnvironment: ServiceEnvironment,
): Promise<readonly Start[] | null> {
  try {
    return await inTime<readonly Start[] | null>(
      outside.github.starts(serviceEnvironment),
      listTimeoutMs,
      () => null,
    )
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return null
  }
}

/** GitHub dates runs by the second, ms. */
const secondMs = 1_000

/** A rollout: when it began, by AWS's clock, and its only known commit. */
type Moment = {
  readonly serviceEnvironment: ServiceEnvironment
  readonly at: Time
  readonly commit: string | null
}

/** The runs that were in progress then and that could have built the commit, newest first. */
export function runsAround(
  listed: readonly Start[],
  { serviceEnvironment, at, commit }: Moment,
): readonly Start[] {
  return listed.filter(
    (start) =>
      reaches(start, serviceEnvironment) &&
      overlaps(start, { since: at - secondMs, until: at + secondMs }) &&
      (commit === null || mayShip(start, { commit })),
  )
}

/** The only such run that no release follows; null: none or several. The rollout is recorded anyway. */
async function runDuring(
  { store }: RecordDeps,
  listed: readonly Start[],
  moment: Moment,
): Promise<OtherRun | null> {
  const starts = runsAround(listed, moment)
  const released = await store.transact((tx) => Promise.all(starts.map((start) => claimants(tx, start))))
  const [only, ...others] = starts.filter(
    (start, index) => !(released[index] ?? []).some((release) => follows(release, start)),
  )
  return only === undefined || others.length > 0
    ? null
    : otherRun({ ...only, workflow: moment.serviceEnvironment.workflow })
}

/** Whether the release follows this run. It follows one attempt; another attempt is a start of its own. */
function follows({ tracks: { run } }: Release, { runId, attempt }: Start): boolean {
  return run?.id === runId && run.attempt === attempt
}
