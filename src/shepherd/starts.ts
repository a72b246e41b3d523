import { z } from 'zod'
import type { Release, Time } from '../release/release.ts'
import { clockSkewMs } from '../release/span.ts'
import type { Start } from './ports.ts'
import type { ServiceEnvironment, Settings } from './settings.ts'

/** A workflow that ships to environments which ask for keys, and those places. */
export type Watched = {
  readonly repository: string
  readonly workflow: string
  readonly places: readonly ServiceEnvironment[]
}

/** The workflows that others could start past the keys. */
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

/** Each attempt is a start of its own: a run may be started again past the keys. */
export function startName({ runId, attempt }: Pick<Start, 'runId' | 'attempt'>): string {
  return `${runId}/${attempt}`
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
 * which cannot be seen; a release runs for its tag, a schedule on the default branch.
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
export function reached({ branch, event }: Start, places: readonly ServiceEnvironment[]) {
  if (branch === null || !ofABranch.has(event)) return places
  return places.filter((place) => place.branch === branch)
}
