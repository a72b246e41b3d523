import type { ActiveDeployment } from './active-deployment.ts'
import type { Carried } from './carried.ts'
import type { Difference } from './difference.ts'
import type { BoundInput, WorkflowNote } from './inputs.ts'
import type { ServiceEnvironmentName, Target, Time } from './names.ts'
import type { ContainerImage, Revision } from './revision.ts'
import type { Authorship, Changes } from './subject.ts'
import type { Progress } from './traffic.ts'
import type { WorkflowPath } from './workflow-path.ts'

/** `terminal`: does not pass by itself (no permission, expired token); `passing`: may pass (network, 5xx, throttled). */
export type TroubleKind = 'passing' | 'terminal'

/** The result of a look at one moment. A failed look is neither a failure nor a success. */
export type Seen<T> =
  | { readonly seen: true; readonly value: T }
  | { readonly seen: false; readonly kind: TroubleKind; readonly reason: string }

/**
 * What blocks something in progress. `gate`: a review, the wait timer or another rule of a GitHub environment.
 * `allowance`: somebody has to allow the whole run. `queue`: GitHub has not queued it. `ecs`: what ECS reports.
 */
export type Hindrance = {
  /** A change of kind starts another wait with its own time. */
  readonly kind: 'gate' | 'runner' | 'concurrency' | 'allowance' | 'queue' | 'ecs'
  /** For people: one sentence without a full stop. */
  readonly words: string
  /** Environments at whose gates everything waits that is left of the run. Absent: something else is left too. */
  readonly restAt?: readonly string[]
  /** Since when, by the clock of its source. Absent: not known. */
  readonly since?: Time
  /** When it ends by itself, by the same clock. Absent: it does not, or that is not known. */
  readonly until?: Time
}

/** Something in progress, with what blocks it. Absent: nothing is known to, or it has ended. */
type MayBeHeld = { readonly heldBy?: Hindrance }

/** What a commit would change now, compared with what the targets run. `serving`: of the first target. */
export type ChangesSighting = {
  readonly serving: Revision
  readonly changes: Changes
  readonly authorship: Authorship
}

/** The gate at which one attempt of a run waits for a release. */
export type AtGate = {
  readonly repository: string
  readonly runId: number
  readonly attempt: number
  readonly environment: string
  /** The comments of its own reviews name it. */
  readonly releaseId: string
  /** Only what came since then counts, because somebody opened the gate for an earlier job. Absent: everything does. */
  readonly since?: Time
}

/**
 * Who reviewed a gate on GitHub. `twokey`: the release itself, as the comment of the review says. Others by their logins;
 * empty if GitHub names nobody.
 */
export type Reviewers = 'twokey' | readonly string[]

/** State of an environment's gate for one run attempt. `by`: who reviewed it. */
export type GateSighting =
  /**
   * `may`: whether twokey can review it, else why not; `unlisted`: GitHub does not list the gate now. `until`: when GitHub's own wait timer ends. `takesReports`: GitHub
   * shows what twokey, an App, reports about it.
   */
  | {
      readonly gate: 'waiting'
      readonly may: 'review' | 'unlisted' | { readonly not: string }
      readonly until?: Time
      readonly takesReports?: true
    }
  | { readonly gate: 'passed'; readonly by: Reviewers }
  | { readonly gate: 'rejected'; readonly by: Reviewers }
  /** The run ended without passing it. `newer`: the run for which GitHub cancelled it. */
  | {
      readonly gate: 'run ended'
      readonly verdict: RunVerdict
      readonly reason: string
      readonly newer?: NewerRun
    }
  | { readonly gate: 'started again'; readonly attempt: number }
  /** GitHub shows the repository, but not the run. */
  | { readonly gate: 'gone' }

export type RunVerdict = 'moving' | 'succeeded' | 'failed' | 'cancelled' | 'unknown'

export type JobSighting = {
  readonly id: number
  readonly name: string
  readonly verdict: RunVerdict | 'queued' | 'skipped'
  readonly startedAt: Time | null
  readonly completedAt: Time | null
  readonly url: string
  /** The step in progress, or the one that failed. */
  readonly step: string | null
}

/** One attempt of a workflow run, as GitHub shows it. */
export type RunSighting = MayBeHeld & {
  readonly id: number
  /** As GitHub shows it to people. Absent: not known. */
  readonly number?: number
  readonly attempt: number
  readonly url: string
  readonly headSha: string
  readonly verdict: RunVerdict
  /** GitHub's words, and the failed step, in one sentence. */
  readonly reason: string
  readonly startedAt: Time | null
  /** When it ended, by GitHub's clock; null while it is in progress, and if GitHub does not say. */
  readonly endedAt: Time | null
  /** The run for which GitHub cancelled this one. Absent: it did not, as far as that is known. */
  readonly newer?: NewerRun
  /** Reviews that people gave at its gates on GitHub. Absent: none, or they were not read. */
  readonly reviews?: readonly ReviewOnGitHub[]
  /** Environments at whose gates jobs wait, and that twokey can open. Absent: none. */
  readonly opens?: readonly string[]
  /** Environments at whose gates the rest of the run waits, where its part for the release has ended. Absent: all of it has. */
  readonly restAt?: readonly string[]
  readonly jobs: readonly JobSighting[]
}

/** A person's review at the gate of an environment, on GitHub's page. `by`: their login. */
export type ReviewOnGitHub = {
  readonly by: string
  readonly environment: string
  readonly verdict: 'approved' | 'rejected'
}

export type MigrationVerdict = 'moving' | 'succeeded' | 'failed'

/** A run as links name it. */
export type NamedRun = {
  readonly id: number
  /** As GitHub shows it to people. Absent: not known. */
  readonly number?: number
  readonly url: string
}

/** A newer run, for which GitHub cancelled one of the same concurrency group. */
export type NewerRun = NamedRun & {
  readonly group: string
  /** The run for which the newer one waits as well: it occupies the group. Absent: there is none, or it is not known. */
  readonly holder?: NamedRun
}

/** A one-off ECS task. A stopped task without an exit code has failed. */
export type MigrationSighting = MayBeHeld & {
  readonly taskArn: string
  readonly startedBy: string
  readonly createdAt: Time
  readonly verdict: MigrationVerdict
  readonly exitCode: number | null
  readonly reason: string
  /** AWS's own words, if the reason does not contain them. Absent: it does, or nothing failed. */
  readonly said?: string
  /** From its start to its stop, ms; null while it runs, or if it never started. */
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

/** A service deployment of ECS, or a deployment of CodeDeploy, with what identifies it. */
export type RolloutSighting = MayBeHeld &
  Progress & {
    /** Its ARN, by which it is followed, or `deploymentId` if service deployments may not be read, and of CodeDeploy. */
    readonly arn: string
    readonly createdAt: Time
    /** Absent while it is in progress, and if ECS does not say. */
    readonly finishedAt?: Time
    readonly revision: Revision
    /** Value of the task definition's tag `twokey-release`. */
    readonly releaseTag: string | null
    /** Commits of the repository that the named containers have. */
    readonly commits: readonly string[]
    /** The same by container, one entry for each named container; empty if none is named. */
    readonly carried: readonly Carried[]
    /** The images that its containers run; null if they were not requested, or ECS does not show the task definition. */
    readonly images: readonly ContainerImage[] | null
    /**
     * ECS's id of the deployment, `ecs-svc/…` as in `deployments[]`, or CodeDeploy's, `d-…`. Every read shows it, so two
     * rollouts are compared by it.
     */
    readonly deploymentId: string
    /** What ECS says started its tasks. Absent: `deploymentId`, or it has none yet. */
    readonly startedBy?: string
    /** Of a deployment of CodeDeploy: the release that its description names; null: none. */
    readonly madeFor?: string | null
    /** Set if a person, or twokey, had CodeDeploy stop it. */
    readonly isStopped?: true
    readonly verdict: RolloutVerdict
    readonly reason: string
    /** AWS's own words about the cause, if the reason does not contain them. Absent: it does, or nothing failed. */
    readonly said?: string
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
  /** The PRIMARY deployment; of CodeDeploy, the one whose task set is PRIMARY. */
  readonly primary: { readonly id: string; readonly revision: Revision }
  /**
   * The running revision: that of PRIMARY. If none of PRIMARY's tasks runs and those of another deployment do, that
   * one's. If PRIMARY failed: the one with the most running tasks, and of two with as many the one that did not fail.
   */
  readonly serving: Revision
  /** Ids of all deployments that the service itself shows in `deployments[]` or `taskSets[]`, which needs no list. */
  readonly deployments: readonly string[]
  /** Service deployments in the requested time, oldest first. */
  readonly rollouts: readonly RolloutSighting[]
}

/** The services before the dispatch or update. `at`: when they had been read, by AWS's clock. */
export type BeforeSighting = { readonly at: Time; readonly targets: readonly TargetSighting[] }

/** The rollback's revision as it is now. */
export type RollbackSighting =
  | {
      readonly usable: true
      readonly images: readonly ContainerImage[]
      /**
       * The revision from which the difference is computed: the one that the first target is configured to run; null:
       * the service does not exist.
       */
      readonly serving: Revision | null
      readonly difference: Difference
      /** The deployments of CodeDeploy that have not ended, one for each target that has one. */
      readonly active: readonly ActiveDeployment[]
    }
  /** ECS would not accept the revision there. `why`: for people, without a full stop. */
  | { readonly usable: false; readonly why: string }

export type TipSighting = {
  readonly sha: string
  /** SHA of the tip's `.github` tree; null: there is none. */
  readonly githubTree: string | null
  /** Paths outside `.github` that the workflow runs from the tip; empty if the run starts on the approved commit. */
  readonly paths: readonly WorkflowPath[]
  readonly commitOnBranch: boolean
  /** The inputs that a dispatch would send now. */
  readonly inputs: readonly BoundInput[]
  readonly notes: readonly WorkflowNote[]
}

/** The commit that a run started on. */
export type HeadSighting = {
  /** SHA of its `.github` tree; null: there is none. */
  readonly githubTree: string | null
  /** The approved paths as they are in that commit. */
  readonly paths: readonly WorkflowPath[]
  /** Whether the commit is on the branch, at or after the tip of the last check before the dispatch. */
  readonly onBranch: boolean
}

export type RunSearch =
  | { readonly found: 'one'; readonly run: RunSighting }
  | { readonly found: 'none' }
  | { readonly found: 'several'; readonly ids: readonly number[] }

/**
 * A name in a log. `at`: when it was first printed, by the runner's clock; null: its line has no time. `later`: when
 * it was next printed. Absent: it was not.
 */
export type LogName = { readonly name: string; readonly at: Time | null; readonly later?: readonly Time[] }

/** Names in the logs of a run's jobs. */
export type RunLogSighting = {
  /**
   * Names as printed, each once: ARNs of revisions (the account may be masked) and of service deployments,
   * `blog-api:42` in lines about a task definition, and `ecs-svc/…`.
   */
  readonly names: readonly LogName[]
  /** `part`: the logs were too large to read whole, so they may contain more names. */
  readonly extent: 'whole' | 'part'
}

/** A later attempt of a run that had ended. `login`: GitHub login of its starter; null: not known. */
export type LaterAttempt = { readonly run: RunSighting; readonly login: string | null }

/**
 * The evidence that a run changed a service environment: our tag, the approved commit, or the run's own log. If other
 * runs were in progress, commit and log do not prove which run did it, but the change without an approval is reported
 * anyway.
 */
export type Evidence = 'tag' | 'commit' | 'log' | 'beside other runs'

/** A service environment that the run of a release changed without an approval for it. */
export type Beyond = ServiceEnvironmentName & {
  readonly target: Target
  readonly rollout: Pick<RolloutSighting, 'arn' | 'revision'>
  readonly evidence: Evidence
}
