import type { PersonId, Target, Time } from './names.ts'
import type { OtherRun } from './other-runs.ts'
import type { Revision } from './revision.ts'
import type {
  Beyond,
  LaterAttempt,
  MigrationSighting,
  NewerRun,
  RolloutSighting,
  RunLogSighting,
  RunSighting,
} from './sighting.ts'
import type { SentSteer } from './steer.ts'

/** The workflow run that the dispatch started. Its id is known before the run is first read. */
export type RunTrack = {
  readonly id: number
  /** The only attempt that is followed, so a later re-run does not change the release. */
  readonly attempt: number
  readonly url: string
  readonly seen: RunSighting | null
  /** Since when something blocks it (`seen.heldBy`), by our clock; null or absent: nothing is known to. */
  readonly heldSince?: Time | null
  /** Whether the run's head has the approved workflow, and without a `sha` input the approved commit. */
  readonly head: 'unchecked' | 'approved' | 'foreign'
  /** When twokey last opened a gate at which it waited; null or absent: it did not. */
  readonly gateOpenedAt?: Time | null
  /** When it was last seen in progress, by our clock, accurate to half a minute; null: never. */
  readonly inProgressAt: Time | null
  /** When it was first seen to have ended, by our clock. `seen` has the time of GitHub. */
  readonly endedAt: Time | null
  /** Who settled the run whose end GitHub did not show; it counts as ended since then. Absent: nobody. */
  readonly settledBy?: PersonId
}

/** The gate of a run that waits, of a release of the kind `gate`. */
export type GateTrack = {
  /** `closed`: it was rejected, or the run ended or was started again. */
  readonly is: 'waiting' | 'passed' | 'closed'
  /** Whether somebody opened it on GitHub, without the approvals here; GitHub logins. Absent: nobody did. */
  readonly openedBy?: readonly string[]
  /** When GitHub's own wait timer ends. Absent: there is none. */
  readonly timerUntil?: Time
  /** Why twokey cannot open it while it waits, without a full stop. Absent: it can. */
  readonly mayNot?: string
  /** The newer run for which GitHub cancelled this one at the gate. Absent: it did not. */
  readonly newer?: NewerRun
  /** Since when GitHub does not show the run. Absent: it does. */
  readonly goneSince?: Time
  /** When twokey last sent its review; null: it did not. */
  readonly reviewedAt: Time | null
  /** When twokey last sent an approval. Absent: it did not, or an older twokey did. */
  readonly approvedAt?: Time
  /** The run passed only after the end of the release, and is cancelled. Absent: it did not, or goes on. */
  readonly isUnwanted?: true
  /** What GitHub was last told of the approvals, and how often it was told. Absent: nothing. */
  readonly reported?: { readonly comment: string; readonly times: number }
}

/**
 * The migrations of a release. `weak`: `startedBy` names only the commit, or nothing, so the task may be another
 * release's until our run has ended. `absent`: not found long enough after the run's end. `ambiguous`: several could
 * be ours, and none names the release.
 */
export type MigrationTrack = {
  /** ARNs of the family's tasks, running and stopped, before the dispatch, so none belongs to this release. Null: not listed. */
  readonly before: readonly string[] | null
  readonly binding: 'awaited' | 'absent' | 'weak' | 'found' | 'ambiguous'
  /** Tasks that are, or could be, this release's, oldest first. A task that ECS has forgotten stays as last seen. */
  readonly tasks: readonly MigrationSighting[]
  /** Tasks of the family during the run that do not count, the first of them. Absent: they were not searched. */
  readonly leftOut?: readonly MigrationSighting[]
  /** Whether no other task can follow: the tasks were listed after the run had ended. */
  readonly isComplete: boolean
  /** Who settled tasks whose end ECS did not show; nothing waits for them any longer. Absent: nobody. */
  readonly settledBy?: PersonId
  /** When twokey stopped following a settled task that never ended. Absent: it did not. */
  readonly givenUpAt?: Time
}

/** A person's request to roll a rollout back at once. */
export type RolloutStop = {
  readonly by: PersonId
  readonly at: Time
  /** The last request to ECS; null: none yet. */
  readonly sent: SentSteer | null
  /** Why ECS did not do it. Absent: it did, or has not answered yet. */
  readonly refused?: string
}

/** One rollout for each target. */
export type RolloutTrack = {
  readonly target: Target
  /** The service before the dispatch or update. Rollouts that existed then are not ours. */
  readonly before: Before | null
  /**
   * What identifies the rollout. `firm`: it has our tag and the commit, or was the only one when the run had ended;
   * from then on only it is followed. `foreign`: it has our tag, or nobody's, and its image names another commit of
   * the repository. `commit`: its image has the commit. `tag`: it has our tag, and its image carries no commit. `weak`:
   * only its time matches, so there is no verdict until the run has ended.
   */
  readonly binding: 'awaited' | 'absent' | 'weak' | 'tag' | 'commit' | 'firm' | 'ambiguous' | 'foreign'
  readonly seen: RolloutSighting | null
  /** What distinguished it from others that could be this release's. Absent: its binding alone. */
  readonly decidedBy?: 'log'
  /** Since when something blocks it (`seen.heldBy`), by our clock; null: nothing is known to. */
  readonly heldSince: Time | null
  /** Since when it is at its stage, with its share of traffic, by our clock. Absent: no stage is known. */
  readonly stageSince?: Time
  /** When its counts, its stage or its verdict last changed, by our clock. Absent: no rollout is known. */
  readonly movedAt?: Time
  /** Absent: nobody asked for it. */
  readonly stop?: RolloutStop
  /**
   * Every rollout that could be this release's so far. A replaced rollout stays a candidate after `deployments[]`
   * drops it.
   */
  readonly candidates: readonly RolloutSighting[]
  /**
   * For a rollback, ECS's answer to our update. `unclear`: why it can no longer be determined whether ECS accepted
   * it. `replacedBy`: the rollback that replaced it before ECS showed it. `broughtBy`: nothing was sent, because this
   * deployment of CodeDeploy had brought the revision.
   */
  readonly answered:
    | { readonly deploymentId: string }
    | { readonly broughtBy: string }
    | { readonly refused: string }
    | { readonly unclear: string }
    | { readonly replacedBy: string }
    | null
  /** Ids (`ecs-svc/…`) of the deployments that the service showed when it was last read before the end. */
  readonly shown: readonly string[]
  /** The running revision, as last read. */
  readonly serving: Revision | null
}

export type Before = {
  /** Id of the PRIMARY deployment, `ecs-svc/…`. */
  readonly primary: string
  readonly revision: Revision
  /** Ids (`ecs-svc/…`) of the deployments that existed; releases of older versions have their ARNs. */
  readonly known: readonly string[]
}

/** What is followed of a release that is under way. */
export type Tracks = {
  /** Absent: a release that does not wait at a gate. */
  readonly gate?: GateTrack
  /** How often GitHub was asked to show what a rollback brought back. Absent: it was not. */
  readonly liveOnGitHub?: { readonly times: number; readonly isDone: boolean }
  readonly run: RunTrack | null
  readonly migration: MigrationTrack
  readonly rollouts: readonly RolloutTrack[]
  /** Names in the run's log. Absent: it was not needed, and so not read. */
  readonly runLog?: RunLogTrack
  /** Other service environments that the run changed. */
  readonly beyond: BeyondTrack
  /** Rollouts in the release's own targets after its end; null: not searched yet. */
  readonly afterEnd: AfterEndTrack | null
  /** Other runs that could deploy there too. Absent: they were not read, or an older twokey wrote this. */
  readonly others?: OthersTrack
  /** The latest attempt of the run that somebody started on GitHub after the end. Absent: none was seen. */
  readonly again?: AgainTrack
}

/**
 * The log of the run, read once it has ended, if several rollouts could be the release's. `not yet`: it could not be
 * read at `triedAt`, and is tried again some time later.
 */
export type RunLogTrack =
  | { readonly checked: 'yes'; readonly log: RunLogSighting }
  | { readonly checked: 'not yet'; readonly triedAt: Time }
  | { readonly checked: 'unavailable'; readonly why: string }

/**
 * A later attempt. `run`: without its jobs. `endedAt`: when it was no longer followed, by our clock; null while it is
 * in progress.
 */
export type AgainTrack = LaterAttempt & { readonly endedAt: Time | null }

/** Other runs, read before the dispatch, and again if it is not clear whose rollout or migration one is. */
export type OthersTrack =
  | { readonly checked: 'before the dispatch' | 'beside the run'; readonly runs: readonly OtherRun[] }
  | { readonly checked: 'unavailable'; readonly why: string }

/** `checked`: whether the services were read after the run had ended, because it rolls out nothing more then. */
export type AfterEndTrack = {
  readonly checked: 'not yet' | 'yes' | 'unavailable'
  readonly rollouts: readonly RolloutAfterEnd[]
  /** Whether rollouts that the run started elsewhere are still searched. Absent: not yet. */
  readonly late?: 'looked for' | 'over'
}

/**
 * A rollout that began after the release had ended. While its run was in progress: `own`: it has the release's
 * revision, tag or commit; `time`: only its time matches, so it may be somebody else's. `late`: it began after the
 * run had ended, and has the tag or commit of the release.
 */
export type RolloutAfterEnd = {
  readonly target: Target
  readonly rollout: RolloutSighting
  /** The revision that ran there before; null: it was not read. */
  readonly over: Revision | null
  readonly evidence: 'own' | 'time' | 'late'
}

/** Other service environments of twokey.yml that the run changed, read once the run has ended. */
export type BeyondTrack =
  | { readonly checked: 'not yet' }
  | { readonly checked: 'yes'; readonly changes: readonly Beyond[] }
  | { readonly checked: 'unavailable'; readonly why: string }

/** The tracks of a new release. */
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

/** Whether the rollout is still in progress in ECS. */
export function isMoving(
  verdict: RolloutSighting['verdict'],
): verdict is 'moving' | 'baking' | 'paused' | 'rolling back' {
  return verdict === 'moving' || verdict === 'baking' || verdict === 'paused' || verdict === 'rolling back'
}
