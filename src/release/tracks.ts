import type { PersonId, Target, Time } from './names.ts'
import type { OtherRun } from './other-runs.ts'
import type { Revision } from './revision.ts'
import type {
  Beyond,
  LaterAttempt,
  MigrationSighting,
  RolloutSighting,
  RunLogSighting,
  RunSighting,
} from './sighting.ts'

/** The workflow run that the dispatch started; known by its id before it is seen. */
export type RunTrack = {
  readonly id: number
  /** Followed alone: somebody's re-run does not rewrite the story. */
  readonly attempt: number
  readonly url: string
  readonly seen: RunSighting | null
  /** Since when what keeps it (`seen.heldBy`) does, by our clock; null or absent: nothing is known to. */
  readonly heldSince?: Time | null
  /** Whether the run's head carries the workflow (and without the `sha` input the commit) that was approved. */
  readonly head: 'unchecked' | 'approved' | 'foreign'
  /** When it was seen in progress last, by our clock, give or take half a minute; null: never. */
  readonly inProgressAt: Time | null
  /** When it was first seen to have ended, by our clock: GitHub's own time of the end is in `seen`. */
  readonly endedAt: Time | null
  /** Who said that it does nothing more, where GitHub did not show its end: it counts as ended since then. Absent: nobody. */
  readonly settledBy?: PersonId
}

/**
 * `weak`: its `startedBy` names the commit alone, or nothing, so it may be another's until our run has ended.
 * `absent`: looked for long enough after the run's end. `ambiguous`: several could be ours, and none names the release.
 */
export type MigrationTrack = {
  /** ARNs of the family's tasks, running and stopped, before the dispatch: none is ours. Null: ECS did not list them. */
  readonly before: readonly string[] | null
  readonly binding: 'awaited' | 'absent' | 'weak' | 'found' | 'ambiguous'
  /** Those that are, or could be, this release's, the oldest first. One that ECS has forgotten stays as last seen. */
  readonly tasks: readonly MigrationSighting[]
  /** Tasks of the family in the run's time that do not count, the first of them. Absent: none was looked for. */
  readonly leftOut?: readonly MigrationSighting[]
  /** Whether no other can follow: the tasks were listed after the run had ended. */
  readonly isComplete: boolean
  /** Who said that its tasks do nothing more, where ECS showed no end: nothing waits for them any longer. Absent: nobody. */
  readonly settledBy?: PersonId
  /** When a task that had been settled was given up, for it never ended. Absent: it was not. */
  readonly givenUpAt?: Time
}

/** One rollout for each target. */
export type RolloutTrack = {
  readonly target: Target
  /** The service before we touched it. Rollouts that existed then are not ours. */
  readonly before: Before | null
  /**
   * `firm`: carries our tag and the commit, or was the only one when the run had ended; followed alone from then on.
   * `foreign`: carries our tag, or nobody's, and its image names another commit of the repository.
   * `commit`: its image carries the commit. `tag`: it carries our tag, and its image names no commit.
   * `weak`: its time alone speaks for it; no verdict until the run has ended.
   */
  readonly binding: 'awaited' | 'absent' | 'weak' | 'tag' | 'commit' | 'firm' | 'ambiguous' | 'foreign'
  readonly seen: RolloutSighting | null
  /** What told it from others that could be this release's as well. Absent: it was told by its binding alone. */
  readonly decidedBy?: 'log'
  /** Since when something keeps it from going on (`seen.heldBy`), by our clock; null while nothing is known to. */
  readonly heldSince: Time | null
  /** All that could be this release's so far. `deployments[]` drops what was replaced: it stays a candidate. */
  readonly candidates: readonly RolloutSighting[]
  /**
   * ECS's answer to our update, for a rollback. `unclear`: why it cannot be determined any more whether ECS took it. `replacedBy`: the
   * rollback that replaced it before ECS showed it.
   */
  readonly answered:
    | { readonly deploymentId: string }
    | { readonly refused: string }
    | { readonly unclear: string }
    | { readonly replacedBy: string }
    | null
  /** Ids (`ecs-svc/…`) of the deployments that the service showed when it was last seen before the end. */
  readonly shown: readonly string[]
  /** The revision that runs, as last seen. */
  readonly serving: Revision | null
}

export type Before = {
  /** Id of the PRIMARY deployment, `ecs-svc/…`. */
  readonly primary: string
  readonly revision: Revision
  /** Ids (`ecs-svc/…`) of the deployments that existed; in releases of older versions their ARNs. */
  readonly known: readonly string[]
}

/** What is followed of a release that is under way. */
export type Tracks = {
  readonly run: RunTrack | null
  readonly migration: MigrationTrack
  readonly rollouts: readonly RolloutTrack[]
  /** What the run's log names. Absent: it was not read, since nothing hung on it. */
  readonly runLog?: RunLogTrack
  /** What else the run changed. */
  readonly beyond: BeyondTrack
  /** What was rolled out in its own targets after its end; null: it was not looked for yet. */
  readonly afterEnd: AfterEndTrack | null
  /** Other runs that could ship there too. Absent: they were not looked at, or a release of an older twokey. */
  readonly others?: OthersTrack
  /** The last attempt of its run that somebody started on GitHub after the end. Absent: none was seen. */
  readonly again?: AgainTrack
}

/**
 * The log of the run, read once it has ended, where several rollouts could be the release's. `not yet`: it could not be read at
 * `triedAt`, and is tried again some time after that.
 */
export type RunLogTrack =
  | { readonly checked: 'yes'; readonly log: RunLogSighting }
  | { readonly checked: 'not yet'; readonly triedAt: Time }
  | { readonly checked: 'unavailable'; readonly why: string }

/** `run`: without its jobs. `endedAt`: by our clock, since when it is not followed; null while it is in progress. */
export type AgainTrack = LaterAttempt & { readonly endedAt: Time | null }

/** Looked at before the dispatch, and once more where it cannot be determined whose rollout or migration one is. */
export type OthersTrack =
  | { readonly checked: 'before the dispatch' | 'beside the run'; readonly runs: readonly OtherRun[] }
  | { readonly checked: 'unavailable'; readonly why: string }

/** `checked`: whether the services were seen after the run had ended, which itself rolls out nothing more then. */
export type AfterEndTrack = {
  readonly checked: 'not yet' | 'yes' | 'unavailable'
  readonly rollouts: readonly RolloutAfterEnd[]
  /** Whether rollouts that the run set off elsewhere are still looked for. Absent: they were not yet. */
  readonly late?: 'looked for' | 'over'
}

/**
 * A rollout that began after the release had ended. While its run was in progress: `own`, it is of the release's revision, or
 * carries its tag or its commit; `time`, its time alone speaks for it, so it may be somebody else's. `late`: it began when the run
 * had ended, and carries the tag or the commit of the release.
 */
export type RolloutAfterEnd = {
  readonly target: Target
  readonly rollout: RolloutSighting
  /** What ran there before; null: it was not seen. */
  readonly over: Revision | null
  readonly evidence: 'own' | 'time' | 'late'
}

/** Other service environments of twokey.yml that the run changed; looked at once the run has ended. */
export type BeyondTrack =
  | { readonly checked: 'not yet' }
  | { readonly checked: 'yes'; readonly changes: readonly Beyond[] }
  | { readonly checked: 'unavailable'; readonly why: string }

/** The tracks of a release of which nothing has moved yet. */
export function freshTracks(targets: readonly Target[]): Tracks {
  return {
    run: null,
    migration: { before: null, binding: 'awaited', tasks: [], isComplete: false },
    rollouts: targets.map((target) => ({
      target,
      before: null,
      binding: 'awaited',
      seen: null,
      heldSince: null,
      candidates: [],
      answered: null,
      shown: [],
      serving: null,
    })),
    beyond: { checked: 'not yet' },
    afterEnd: null,
  }
}

/** Whether ECS is still at work on it. */
export function isMoving(
  verdict: RolloutSighting['verdict'],
): verdict is 'moving' | 'baking' | 'paused' | 'rolling back' {
  return verdict === 'moving' || verdict === 'baking' || verdict === 'paused' || verdict === 'rolling back'
}
