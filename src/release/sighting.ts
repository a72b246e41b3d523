import type { Difference } from './difference.ts'
import type { BoundInput, WorkflowNote } from './inputs.ts'
import type { Place, Target, Time } from './names.ts'
import type { ContainerImage, Revision } from './revision.ts'
import type { WorkflowPath } from './workflow-path.ts'

/** `terminal`: will not pass by itself (no permission, expired token); `passing`: it may (network, 5xx, throttled). */
export type TroubleKind = 'passing' | 'terminal'

/** What we saw outside at one moment. "Could not see" is neither failure nor success. */
export type Seen<T> =
  | { readonly seen: true; readonly value: T }
  | { readonly seen: false; readonly kind: TroubleKind; readonly reason: string }

/**
 * What keeps a step that moves from going on. `gate`: a review, the wait timer or another rule of a GitHub environment.
 * `allowance`: somebody has to let the whole run start. `queue`: GitHub has not queued it. `ecs`: what ECS says.
 */
export type Hindrance = {
  /** Another kind is another wait, with a time of its own. */
  readonly kind: 'gate' | 'runner' | 'concurrency' | 'allowance' | 'queue' | 'ecs'
  /** For people: one sentence without a full stop. */
  readonly words: string
  /** Since when, by the clock of who tells it. Absent: that is not told. */
  readonly since?: Time
  /** When it ends by itself, by the same clock. Absent: it does not, or nobody tells. */
  readonly until?: Time
}

/** A step as it was seen, with what keeps it. Absent: nothing is known to, or it does not move. */
type MayBeHeld = { readonly heldBy?: Hindrance }

export type RunVerdict = 'moving' | 'succeeded' | 'failed' | 'cancelled' | 'unknown'

export type JobSighting = {
  readonly id: number
  readonly name: string
  readonly verdict: RunVerdict | 'queued' | 'skipped'
  readonly startedAt: Time | null
  readonly completedAt: Time | null
  readonly url: string
  /** The step that runs, or the one that failed. */
  readonly step: string | null
}

/** A workflow run as GitHub tells it, of one attempt. */
export type RunSighting = MayBeHeld & {
  readonly id: number
  readonly attempt: number
  readonly url: string
  readonly headSha: string
  readonly verdict: RunVerdict
  /** GitHub's words, and the failed step, in one sentence. */
  readonly reason: string
  readonly startedAt: Time | null
  /** When it ended by GitHub's clock; null while it is in progress, and where GitHub does not tell. */
  readonly endedAt: Time | null
  readonly jobs: readonly JobSighting[]
}

export type MigrationVerdict = 'moving' | 'succeeded' | 'failed'

/** A one-off ECS task. No exit code is a failure. */
export type MigrationSighting = MayBeHeld & {
  readonly taskArn: string
  readonly startedBy: string
  readonly createdAt: Time
  readonly verdict: MigrationVerdict
  readonly exitCode: number | null
  readonly reason: string
  /** From its start to its stop, ms; null while it runs or where it never started. */
  readonly durationMs: number | null
}

export type RolloutVerdict =
  | 'moving'
  | 'baking'
  | 'paused'
  | 'rolling back'
  | 'succeeded'
  | 'failed'
  | 'rolled back'
  | 'rollback failed'
  | 'superseded'
  | 'stopped'
  | 'unknown'

/**
 * What a container that twokey.yml names carries in a task definition. `several`: one tag or variable names several commits
 * of the repository. `nothing`: it names none. `missing`: the task definition has no such container.
 */
export type Carried =
  | { readonly container: string; readonly carries: 'commit'; readonly commit: string }
  | { readonly container: string; readonly carries: 'several'; readonly commits: readonly string[] }
  | { readonly container: string; readonly carries: 'nothing' | 'missing' }

/** A service deployment, with what it is known by. */
export type RolloutSighting = MayBeHeld & {
  /** What it is followed by: its ARN, or `deploymentId` where the service deployment may not be read. */
  readonly arn: string
  readonly createdAt: Time
  /** Absent while it moves, and where ECS does not tell. */
  readonly finishedAt?: Time
  readonly revision: Revision
  /** Value of the task definition's tag `twokey-release`. */
  readonly releaseTag: string | null
  /** Commits of the repository that the images of the named containers carry. */
  readonly commits: readonly string[]
  /** The same by container, one of each that is named; empty where none is. */
  readonly carried: readonly Carried[]
  /** What its containers run; null where that was not asked for, or ECS does not show the task definition. */
  readonly images: readonly ContainerImage[] | null
  /** ECS's id of its service revision: `ecs-svc/…` as `deployments[]` names it. Every read tells it, so by it two are compared. */
  readonly deploymentId: string
  readonly verdict: RolloutVerdict
  readonly reason: string
  readonly counts: {
    readonly requested: number
    readonly running: number
    readonly pending: number
    readonly failed: number
  }
}

/** What a target shows now. */
export type TargetSighting = {
  readonly target: Target
  /** The PRIMARY deployment. */
  readonly primary: { readonly id: string; readonly revision: Revision }
  /**
   * What runs: PRIMARY's revision, but where none of its tasks runs and those of another deployment do, that one. Where
   * PRIMARY failed: what most tasks run of, and of two with as many the one that did not fail.
   */
  readonly serving: Revision
  /** Ids (`ecs-svc/…`) of all that the service itself shows in `deployments[]`, which needs no list. */
  readonly deployments: readonly string[]
  /** Service deployments in the time asked for, the oldest first. */
  readonly rollouts: readonly RolloutSighting[]
}

/** The services before we touch them. `at`: by AWS's clock, once they were read. */
export type BeforeSighting = { readonly at: Time; readonly targets: readonly TargetSighting[] }

/** The revision to go back to, as it is now. */
export type RollbackSighting =
  | {
      readonly usable: true
      readonly images: readonly ContainerImage[]
      /** What the difference is told from: what the first target is meant to run; null where it is not there. */
      readonly serving: Revision | null
      readonly difference: Difference
    }
  /** ECS would not take it back there. `why`: for people, without a full stop. */
  | { readonly usable: false; readonly why: string }

/** `missing`: the first environment where the commit has not succeeded, and has to. */
export type OrderSighting = { readonly missing: string | null }

export type TipSighting = {
  readonly sha: string
  /** Sha of the tip's `.github` tree; null where there is none. */
  readonly githubTree: string | null
  /** What the workflow runs from the tip outside `.github`; none where the run starts on the approved commit. */
  readonly paths: readonly WorkflowPath[]
  readonly commitOnBranch: boolean
  /** What a dispatch would send now. */
  readonly inputs: readonly BoundInput[]
  readonly notes: readonly WorkflowNote[]
}

/** The commit that a run started on. */
export type HeadSighting = {
  /** Sha of its `.github` tree; null where there is none. */
  readonly githubTree: string | null
  /** The approved paths, as they are there. */
  readonly paths: readonly WorkflowPath[]
  /** Whether it lies on the branch, and the tip of the last look before the dispatch lies behind it. */
  readonly onBranch: boolean
}

export type RunSearch =
  | { readonly found: 'one'; readonly run: RunSighting }
  | { readonly found: 'none' }
  | { readonly found: 'several'; readonly ids: readonly number[] }

/**
 * `at`: when it was first printed, by the clock of the runner; null: its line has no time. `later`: when again, the earliest of these
 * times. Absent: it was not.
 */
export type LogName = { readonly name: string; readonly at: Time | null; readonly later?: readonly Time[] }

/** What the logs of a run's jobs name. */
export type RunLogSighting = {
  /**
   * As they are printed, each once: ARNs of revisions (the account may be masked) and of service deployments, `blog-api:42` where a
   * line speaks of a task definition, `ecs-svc/…`.
   */
  readonly names: readonly LogName[]
  /** `part`: they were too large to read whole, so they may name more. */
  readonly extent: 'whole' | 'part'
}

/** A later attempt of a run that had ended. `login`: on GitHub, of who started it; null where it is not told. */
export type LaterAttempt = { readonly run: RunSighting; readonly login: string | null }

/**
 * What speaks for it that a run changed a service environment: our tag, the approved commit, or the run's own log. Where
 * other runs were in progress, commit and log may blame none of them: that it changed without an approval is said all the same.
 */
export type Evidence = 'tag' | 'commit' | 'log' | 'beside other runs'

/** A service environment that the run of a release changed without an approval for it. */
export type Beyond = Place & {
  readonly target: Target
  readonly rollout: Pick<RolloutSighting, 'arn' | 'revision'>
  readonly evidence: Evidence
}
