import { isOfCommit } from './commit-source.ts'
import type { ContainedSetback, Facts, Setback, Setbacks } from './facts.ts'
import type { Time } from './names.ts'
import type { Release } from './release.ts'
import type { Outcome } from './stage.ts'
import type { Shipped } from './subject.ts'
import { changedPaths } from './workflow-path.ts'

type Ended = Release & { readonly stage: Extract<Release['stage'], { at: 'ended' }> }

/** How many environments are named. */
const environmentsNamed = 5

/** Which releases of the commits that a deploy contains are told, ms; how many commits are named, and how long a reason may be. */
const contained = { withinMs: 30 * 24 * 3_600_000, named: 2, reason: 200 } as const

/**
 * The facts about a deploy from earlier releases.
 * @param releases of the same service that have ended, of any environment
 * @param expected environments where the commit should have succeeded before
 * @param now for how long ago something was
 */
export function pastOf(
  { environment, subject }: { readonly environment: string; readonly subject: Shipped },
  releases: readonly Release[],
  expected: readonly string[],
  now: Time,
): Pick<Facts, 'succeededIn' | 'setbacks' | 'contains' | 'workflow'> {
  const ended = releases.filter(hasEnded).toSorted((one, other) => other.stage.since - one.stage.since)
  const here = ended.filter((release) => release.environment === environment)
  const setbacks = setbacksOf(here, subject.commit.sha)
  const contains = containedSetbacks(here, subject, now)
  const workflow = workflowOf(here, subject)
  return {
    succeededIn: successes(ended, subject.commit.sha, expected),
    ...(setbacks && { setbacks }),
    ...(contains && { contains }),
    ...(workflow && { workflow }),
  }
}

function hasEnded(release: Release): release is Ended {
  return release.stage.at === 'ended'
}

function isDeployOf(release: Release, sha: string): boolean {
  return release.subject.kind !== 'rollback' && release.subject.commit.sha === sha
}

function successes(
  ended: readonly Ended[],
  sha: string,
  expected: readonly string[],
): NonNullable<Facts['succeededIn']> {
  const last = new Map<string, number | null>(expected.map((environment) => [environment, null]))
  for (const release of ended.toReversed())
    if (release.stage.outcome === 'succeeded' && isDeployOf(release, sha))
      last.set(release.environment, release.stage.since)
  return [...last].slice(0, environmentsNamed).map(([environment, at]) => ({ environment, at }))
}

/** The ends that count against the commit. A Cancel, or approvals that expired, do not. */
const failures: ReadonlySet<Outcome> = new Set([
  'failed',
  'rolled back',
  'rollback failed',
  'unchanged',
  'stopped',
  'unknown',
])

/** Undefined: every release of the commit here went well, or there was none. @param here the newest first */
function setbacksOf(here: readonly Ended[], sha: string): Setbacks | undefined {
  const failed = here.filter((release) => isDeployOf(release, sha) && isFailure(release))
  const takenBack = here.filter((release) => takesBack(release, sha))
  const counted = [...failed, ...takenBack.filter((rollback) => cameAfterSuccess(rollback, here, sha))]
  const rejected = here.filter((release) => isDeployOf(release, sha) && release.stage.outcome === 'rejected')
  const [last] = [
    ...failed.map((release) => failure(release, here)),
    ...takenBack.map((rollback) => removal(rollback, here, sha)),
    ...rejected.map((release) => setback(release, 'rejected', release.stage.rejection?.by ?? null)),
  ].toSorted((one, other) => other.at - one.at)
  if (last === undefined) return undefined
  const times = counted.map(({ stage }) => stage.since)
  return { failures: times.length, since: Math.min(last.at, ...times), last }
}

/** The last release of these that was sent, if it ended badly. Null: it did not. */
export function lastFailure(ended: readonly Release[]): Release | null {
  const [last] = ended
    .filter(hasEnded)
    .filter(({ sentAt }) => sentAt !== null)
    .toSorted((one, other) => other.stage.since - one.stage.since)
  return last !== undefined && failures.has(last.stage.outcome) ? last : null
}

function isFailure({ stage, sentAt }: Ended): boolean {
  return failures.has(stage.outcome) || (stage.outcome === 'superseded' && sentAt !== null)
}

/** Whether it is a rollback that succeeded, and the commit served before it. */
function takesBack({ subject, stage, servingBefore }: Ended, sha: string): boolean {
  const served = servingBefore?.commit ?? null
  return subject.kind === 'rollback' && stage.outcome === 'succeeded' && isOfCommit(served, sha)
}

/** If the deploy before it failed, that failure is counted already. */
function cameAfterSuccess(rollback: Ended, here: readonly Ended[], sha: string): boolean {
  const before = deployBefore(rollback, here, sha)
  return before === undefined || before.stage.outcome === 'succeeded'
}

function deployBefore(rollback: Ended, here: readonly Ended[], sha: string): Ended | undefined {
  return here.find((release) => isDeployOf(release, sha) && release.stage.since <= rollback.requestedAt)
}

function removal(rollback: Ended, here: readonly Ended[], sha: string): Setback {
  const before = deployBefore(rollback, here, sha)
  return {
    ...setback(rollback, 'taken back', rollback.requester),
    ...(before?.stage.outcome === 'succeeded' && { servedSince: before.stage.since }),
  }
}

/** A deploy brings its listed commits along, so what went wrong with one of them may go wrong again. @param here the newest first */
function containedSetbacks(
  here: readonly Ended[],
  { changes, commit }: Shipped,
  now: Time,
): Facts['contains'] {
  // What goes back removes the commits that it lists.
  if (!changes.known || changes.direction === 'back') return undefined
  const recent = here.filter(({ stage }) => now - stage.since <= contained.withinMs)
  const bad = changes.commits
    .filter(({ sha }) => sha !== commit.sha)
    .flatMap(({ sha }) => lastSetback(recent, sha) ?? [])
    .toSorted((one, other) => other.at - one.at)
  const last = bad.slice(0, contained.named)
  return last.length > 0 ? { last, more: bad.length - last.length } : undefined
}

/** Null: it was not here, its last release succeeded, or never ran. @param here the newest first */
function lastSetback(here: readonly Ended[], sha: string): ContainedSetback | null {
  const last = here.find(
    (release) =>
      takesBack(release, sha) ||
      (isDeployOf(release, sha) && (release.stage.outcome === 'succeeded' || isFailure(release))),
  )
  if (last === undefined) return null
  if (takesBack(last, sha)) return { ...removal(last, here, sha), commit: sha }
  if (last.stage.outcome === 'succeeded') return null
  const { reason } = last.stage
  return { ...failure(last, here), commit: sha, reason: reason.slice(0, contained.reason) }
}

function failure(release: Ended, here: readonly Ended[]): Setback {
  const { outcome } = release.stage
  const replacement = here.find(({ id }) => id === release.supersededBy?.release)
  return setback(release, outcome, outcome === 'superseded' ? (replacement?.requester ?? null) : null)
}

function setback({ id, stage }: Ended, outcome: Setback['outcome'], by: Setback['by']): Setback {
  return { release: id, outcome, by, at: stage.since }
}

/** Compared with the last deploy that was sent here, however it ended: its approvals were for the workflow that ran. */
function workflowOf(here: readonly Ended[], subject: Shipped): Facts['workflow'] {
  const last = here.find((release) => release.subject.kind !== 'rollback' && release.sentAt !== null)?.subject
  if (last === undefined || last.kind === 'rollback') return undefined
  const isChanged =
    last.workflow !== subject.workflow ||
    last.githubTree !== subject.githubTree ||
    changedPaths(last.paths, subject.paths).length > 0
  return { isChanged, since: last.tip }
}
