import { z } from 'zod'
import type { Start } from '../ports/start.ts'
import type { Time } from '../release/names.ts'
import type { Release } from '../release/release.ts'
import { clockSkewMs } from '../release/span.ts'
import type { ServiceEnvironment, Settings } from '../settings/settings.ts'
import type { Transaction } from '../store/store.ts'
import { releaseIdIn } from './release-id.ts'

/** A workflow that ships to environments which ask for approvals, and those places. */
export type Watched = {
  readonly repository: string
  readonly workflow: string
  readonly places: readonly ServiceEnvironment[]
}

/** The workflows that others could start past the approvals. */
export function watchedWorkflows({ serviceEnvironments }: Settings): readonly Watched[] {
  const asking = serviceEnvironments.filter(({ policy }) => policy.required > 0)
  const names = new Map(asking.map((place) => [nameOf(place), place]))
  return [...names.values()].map(({ repository, workflow }) => ({
    repository,
    workflow,
    places: asking.filter((place) => place.repository === repository && place.workflow === workflow),
  }))
}

/** Of a workflow's bookmark. */
export function nameOf({ repository, workflow }: Pick<Watched, 'repository' | 'workflow'>): string {
  return `starts:${repository}/${workflow}`
}

/** How far the runs of a workflow were looked at: those that are listed still and need no more thought. */
export type Bookmark = { readonly since: Time; readonly known: readonly string[] }

export const bookmarkShape = z.object({ since: z.number(), known: z.array(z.string()) })

/** Each attempt is a start of its own: a run may be started again past the approvals. */
export function startName({ runId, attempt }: Pick<Start, 'runId' | 'attempt'>): string {
  return `${runId}/${attempt}`
}

/** Releases that may have started it: the one that follows the run, and the one whose id its title shows. */
export async function claimants(
  tx: Pick<Transaction, 'releaseOfRun' | 'release'>,
  { runId, title }: Pick<Start, 'runId' | 'title'>,
): Promise<readonly Release[]> {
  const named = releaseIdIn(title)
  const found = [await tx.releaseOfRun(runId), named === null ? null : await tx.release(named)]
  return found.filter((release) => release !== null)
}

/** Whose start it is: `open` where a dispatch of ours is on its way, and it may be that. */
export type Owner = 'ours' | 'theirs' | 'open'

/**
 * @param following the release that follows the run, and the one whose id its title shows
 * @param sending releases whose dispatch of this workflow is on its way
 */
export function ownerOf(start: Start, following: readonly Release[], sending: readonly Release[]): Owner {
  const claims = following.map((release) => claim(start, release))
  if (claims.includes('ours')) return 'ours'
  if (claims.includes('open')) return 'open'
  return start.event === 'workflow_dispatch' &&
    start.attempt === 1 &&
    sending.some((each) => mayBe(start, each))
    ? 'open'
    : 'theirs'
}

/** A title proves nothing where its release follows another run, was never sent, or was sent at another time. */
function claim(start: Start, release: Release): Owner {
  const { tracks, sentAtAws, stage } = release
  const { run } = tracks
  if (run) return run.id === start.runId && run.attempt === start.attempt ? 'ours' : 'theirs'
  if (sentAtAws === null || start.attempt !== 1 || start.event !== 'workflow_dispatch') return 'theirs'
  if (stage.at === 'sending') return 'open'
  return stage.at === 'ended' &&
    stage.outcome === 'unknown' &&
    mayBe(start, release) &&
    isSoon(start, sentAtAws)
    ? 'ours'
    : 'theirs'
}

/** How long after its dispatch a run that nobody found may still have come to be of it, ms. */
const appearsWithinMs = 10 * 60_000

function isSoon({ at }: Start, sentAtAws: Time): boolean {
  return at !== null && at <= sentAtAws + appearsWithinMs
}

function mayBe(start: Start, { subject, sentAtAws }: Release): boolean {
  return (
    subject.kind === 'deploy' &&
    subject.branch === start.branch &&
    sentAtAws !== null &&
    (start.at === null || start.at >= sentAtAws - clockSkewMs)
  )
}

/**
 * Events that run for one branch, as every pipeline does. All others may ship anywhere: a dispatch says in its inputs where,
 * which cannot be read; a release runs for its tag, a schedule on the default branch.
 * Source: docs.github.com, events that trigger workflows.
 */
const ofABranch: ReadonlySet<string> = new Set([
  'push',
  'pull_request',
  'pull_request_target',
  'pull_request_review',
  'pull_request_review_comment',
  'merge_group',
])

/** The places that a start may reach: those of its branch, or any of them. */
export function reached(start: Start, places: readonly ServiceEnvironment[]) {
  return places.filter((place) => reaches(start, place))
}

/** Whether a start may reach what ships from this branch. */
export function reaches({ branch, event }: Start, to: Pick<ServiceEnvironment, 'branch'>): boolean {
  return branch === null || !ofABranch.has(event) || branch === to.branch
}

/** Whether the run may have built that commit: its own head is another one where nobody chose what it builds. */
export function mayShip({ event, headSha }: Start, { commit }: { readonly commit: string }): boolean {
  return headSha === commit || choosesCommit.has(event)
}

/** What may start a run with a commit of its starter's choice. Source: GitHub's page on events that trigger workflows. */
const choosesCommit: ReadonlySet<string> = new Set([
  'workflow_dispatch',
  'repository_dispatch',
  'workflow_run',
  'deployment',
  'dynamic',
])

/** Whether a run was in progress in that time. One that has ended at a time that is not known may have been. */
export function overlaps(
  { at, isOver, endedAt }: Start,
  { since, until }: { readonly since: Time; readonly until: Time },
): boolean {
  return (at === null || at <= until) && (!isOver || endedAt === null || endedAt >= since)
}
