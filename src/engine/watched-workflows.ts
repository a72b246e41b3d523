import { z } from 'zod'
import type { Start } from '../ports/start.ts'
import type { Time } from '../release/names.ts'
import type { StartNotice } from '../release/notice.ts'
import type { Release } from '../release/release.ts'
import { clockSkewMs } from '../release/span.ts'
import type { FailedRun } from '../release/subject.ts'
import type { ServiceEnvironment, Settings } from '../settings/settings.ts'
import type { Transaction } from '../store/store.ts'
import { releaseIdIn } from './release-id.ts'

/** A workflow that deploys to environments which need approvals, and those service environments. */
export type Watched = {
  readonly repository: string
  readonly workflow: string
  readonly serviceEnvironments: readonly ServiceEnvironment[]
}

/** The workflows that people could start without the approvals. */
export function watchedWorkflows({ serviceEnvironments }: Settings): readonly Watched[] {
  const protectedOnes = serviceEnvironments.filter(({ policy }) => policy.required > 0)
  const names = new Map(
    protectedOnes.map((serviceEnvironment) => [nameOf(serviceEnvironment), serviceEnvironment]),
  )
  return [...names.values()].map(({ repository, workflow }) => ({
    repository,
    workflow,
    serviceEnvironments: protectedOnes.filter(
      (serviceEnvironment) =>
        serviceEnvironment.repository === repository && serviceEnvironment.workflow === workflow,
    ),
  }))
}

/** The name of a workflow's bookmark. */
export function nameOf({ repository, workflow }: Pick<Watched, 'repository' | 'workflow'>): string {
  return `starts:${repository}/${workflow}`
}

/** How far the runs of a workflow were examined; `known` are those that are still listed and need no second look. */
export type Bookmark = { readonly since: Time; readonly known: readonly string[] }

export const bookmarkShape = z.object({ since: z.number(), known: z.array(z.string()) })

/** The name of a start. Each attempt is a start of its own, because a run may be started again without the approvals. */
export function startName({ runId, attempt }: Pick<Start, 'runId' | 'attempt'>): string {
  return `${runId}/${attempt}`
}

/** The run as notices and audit rows show it. */
export function noticedRun(start: Start): StartNotice['run'] {
  const { runId: id, number, attempt, url, event, branch, headSha: sha, login } = start
  return { id, ...(number !== undefined && { number }), attempt, url, event, branch, sha, login }
}

/** Releases that may have started the run: those that follow its attempts, and the one whose id its title shows. */
export async function claimants(
  tx: Pick<Transaction, 'releasesOfRun' | 'release'>,
  { runId, title }: Pick<Start, 'runId' | 'title'>,
): Promise<readonly Release[]> {
  const named = releaseIdIn(title)
  const following = await tx.releasesOfRun(runId)
  if (named === null || following.some(({ id }) => id === named)) return following
  const release = await tx.release(named)
  return release === null ? following : [...following, release]
}

/** Who started a run; `open` if it may be a dispatch of ours that is still being sent. */
export type Owner = 'ours' | 'theirs' | 'open'

/**
 * Decides who started a run.
 * @param following the releases that follow its attempts, and the one whose id its title shows
 * @param sending releases whose dispatch of this workflow is being sent
 */
export function ownerOf(start: Start, following: readonly Release[], sending: readonly Release[]): Owner {
  const claims = following.map((release) => claim(start, release))
  if (claims.includes('ours')) return 'ours'
  if (claims.includes('open')) return 'open'
  return start.event === 'workflow_dispatch' &&
    start.attempt === 1 &&
    sending.some((each) => mayBeRunOf(start, each))
    ? 'open'
    : 'theirs'
}

/**
 * Judges one release. A title proves nothing if its release follows another run, was never sent, or was sent at
 * another time.
 */
function claim(start: Start, release: Release): Owner {
  const { subject } = release
  if (subject.kind === 'gate' && subject.run.id === start.runId && subject.run.attempt === start.attempt)
    return 'ours'
  const { tracks, sentAtAws, stage } = release
  const { run } = tracks
  if (run) return run.id === start.runId && run.attempt === start.attempt ? 'ours' : 'theirs'
  if (subject.kind === 'rerun')
    return stage.at === 'sending' && isNextOf(start, subject.run) ? 'open' : 'theirs'
  if (sentAtAws === null || start.attempt !== 1 || start.event !== 'workflow_dispatch') return 'theirs'
  if (stage.at === 'sending') return 'open'
  return stage.at === 'ended' &&
    stage.outcome === 'unknown' &&
    mayBeRunOf(start, release) &&
    isSoonAfter(start, sentAtAws)
    ? 'ours'
    : 'theirs'
}

function isNextOf({ runId, attempt }: Start, failed: FailedRun): boolean {
  return runId === failed.id && attempt === failed.attempt + 1
}

/** How long after a dispatch a run that was not found may still be attributed to it, ms. */
const appearsWithinMs = 10 * 60_000

function isSoonAfter({ at }: Start, sentAtAws: Time): boolean {
  return at !== null && at <= sentAtAws + appearsWithinMs
}

function mayBeRunOf(start: Start, { subject, sentAtAws }: Release): boolean {
  return (
    subject.kind !== 'rollback' &&
    subject.branch === start.branch &&
    sentAtAws !== null &&
    (start.at === null || start.at >= sentAtAws - clockSkewMs)
  )
}

/**
 * Events that run for one branch. All others may deploy anywhere: a dispatch names its environment in inputs, which
 * cannot be read; a release runs for its tag, a schedule on the default branch.
 * Source: docs.github.com, events that trigger workflows.
 */
const branchEvents: ReadonlySet<string> = new Set([
  'push',
  'pull_request',
  'pull_request_target',
  'pull_request_review',
  'pull_request_review_comment',
  'merge_group',
])

/** The service environments that a run may change: those of its branch, or any of them. */
export function environmentsReached(start: Start, candidates: readonly ServiceEnvironment[]) {
  return candidates.filter((serviceEnvironment) => reaches(start, serviceEnvironment))
}

/** Whether a run may change what is deployed from this branch. */
export function reaches({ branch, event }: Start, to: Pick<ServiceEnvironment, 'branch'>): boolean {
  return branch === null || !branchEvents.has(event) || branch === to.branch
}

/** Whether the run may have built the commit. It builds its own head unless its starter can choose another commit. */
export function mayShip({ event, headSha }: Start, { commit }: { readonly commit: string }): boolean {
  return headSha === commit || choosesCommit.has(event)
}

/** Events that let their starter choose the commit. Source: GitHub's page on events that trigger workflows. */
const choosesCommit: ReadonlySet<string> = new Set([
  'workflow_dispatch',
  'repository_dispatch',
  'workflow_run',
  'deployment',
  'dynamic',
])

/** Whether a run was in progress in that time. A run that ended at an unknown time may have been. */
export function overlaps(
  { at, isOver, endedAt }: Start,
  { since, until }: { readonly since: Time; readonly until: Time },
): boolean {
  return (at === null || at <= until) && (!isOver || endedAt === null || endedAt >= since)
}
