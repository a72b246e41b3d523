import type { StoppedDeployment } from './active-deployment.ts'
import type { CrossedMigrations } from './crossed-migrations.ts'
import type { Difference } from './difference.ts'
import type { BoundInput, WorkflowNote } from './inputs.ts'
import type { Missing } from './missing.ts'
import type { Time } from './names.ts'
import type { ContainerImage, Revision } from './revision.ts'
import type { RolloutTime } from './rollout-time.ts'
import type { WorkflowPath } from './workflow-path.ts'

export type Commit = {
  readonly sha: string
  /** First line of the message: text from outside, to be escaped where it is shown. */
  readonly title: string
  readonly author: string
  /** GitHub login; null where the commit's e-mail belongs to no account. */
  readonly login: string | null
}

/**
 * The size of a comparison. GitHub lists its first 300 files; `isCut`: there may be more, and the numbers are of
 * those.
 */
export type ChangeSize = {
  readonly files: number
  readonly isCut: boolean
  readonly additions: number
  readonly deletions: number
  /** How many of the files are migrations, and how many are in `.github`. */
  readonly migrations: number
  readonly workflows: number
}

/** Commits between the running and the requested one. */
export type Changes =
  | {
      readonly known: true
      /** The commits that are added; with `direction: 'back'` those that are removed. */
      readonly commits: readonly Commit[]
      readonly total: number
      readonly direction: 'forward' | 'back' | 'aside'
      readonly url: string
      /** The size of these commits. Absent: it could not be read, or an older twokey wrote this. */
      readonly size?: ChangeSize
      /**
       * Commits that are removed while `commits` are added, with `direction: 'aside'`. Only the oldest few are
       * listed. `migrations`: absent if not all of their files were listed.
       */
      readonly removed?: {
        readonly commits: readonly Commit[]
        readonly total: number
        readonly migrations?: number
      }
    }
  | { readonly known: false; readonly why: string }

/** The authors of the deployed commits. `why`: why they could not be determined of every commit. */
export type Authorship =
  | {
      readonly known: true
      /** GitHub logins in lower case, each once. */
      readonly logins: readonly string[]
      /** The commits that the targets ran; the commits after them were read. */
      readonly since: readonly string[]
    }
  | { readonly known: false; readonly why: string }

/** What a workflow run ships. */
export type Shipped = {
  readonly repository: string
  /** File name of the workflow, as in `deploy.yml`. */
  readonly workflow: string
  readonly branch: string
  /** The branch, tag or commit as typed; null: the tip of the branch, or the head of a run that waits. */
  readonly ref: string | null
  readonly commit: Commit
  /**
   * The commit whose workflow runs, and its `.github` tree: the branch's tip, for a run that waits its head, which is
   * the commit.
   */
  readonly tip: string
  readonly githubTree: string
  /**
   * Paths outside `.github` that the workflow runs from the tip, if the run may start on another commit than the
   * approved one.
   */
  readonly paths: readonly WorkflowPath[]
  /** The inputs that twokey sends, with their values; none for a run that waits. */
  readonly inputs: readonly BoundInput[]
  /** The GitHub environment: the value of `$environment`, and the name of the gate. */
  readonly githubEnvironment: string
  /**
   * The run passes a gate that twokey holds for several service environments, so the rules of all of them apply. Absent:
   * it does not. Those of a run that waits always apply.
   */
  readonly isGateShared?: true
  /** What the workflow does besides the approved deploy, as far as its file says. */
  readonly notes: readonly WorkflowNote[]
  /** Things that twokey.yml names and ECS did not have. Absent: nothing, or they were not checked. */
  readonly missing?: readonly Missing[]
  /** Compared with what the first target runs. */
  readonly changes: Changes
  /** Compared with what each target runs. */
  readonly authorship: Authorship
}

/** A run that somebody started on GitHub, and that waits at the gate of an environment. */
export type WaitingRun = {
  readonly id: number
  /** As GitHub shows it to people. Absent: GitHub did not say. */
  readonly number?: number
  /** The approvals are for this attempt only. */
  readonly attempt: number
  readonly url: string
  /** GitHub's word for what started it: `push`, `schedule`, `workflow_dispatch`. */
  readonly event: string
  /** GitHub login of whoever started this attempt; null if GitHub names nobody. */
  readonly login: string | null
  /**
   * Since when, by GitHub's clock, a later job waits at this gate, which somebody opened on GitHub for an earlier one.
   * Absent: nobody did.
   */
  readonly since?: Time
}

/** A run that failed, or was cancelled, and whose failed jobs are to be run again as its next attempt. */
export type FailedRun = {
  readonly id: number
  /** As GitHub shows it to people. Absent: GitHub did not say. */
  readonly number?: number
  readonly url: string
  /** The attempt that failed. The approvals are for the one after it. */
  readonly attempt: number
  /**
   * The release of the first attempt. GitHub gives its inputs to every attempt, so what they start in AWS carries its
   * id. `kind`: whether twokey dispatched the run, or it waited at a gate.
   */
  readonly first: { readonly release: string; readonly kind: 'deploy' | 'gate' }
  /** The jobs that failed or were cancelled: how many, and the names of the first. GitHub also runs those after them. */
  readonly failed: { readonly count: number; readonly names: readonly string[] }
  /**
   * What the attempt's migration came to. `none`: the service has none, or none was seen. `unknown`: twokey could not
   * tell.
   */
  readonly migration: 'failed' | 'succeeded' | 'none' | 'unknown'
  /** What the attempts rolled out completely: the name and the ARN for each target; empty if that is not all of them. */
  readonly rolledOut: readonly { readonly target: string; readonly name: string; readonly arn: string }[]
}

/** What is deployed to the targets. The approvals bind it. */
export type Subject =
  /** A run that twokey dispatches. */
  | (Shipped & { readonly kind: 'deploy' })
  /** A run that waits at the gate of a GitHub environment. */
  | (Shipped & { readonly kind: 'gate'; readonly run: WaitingRun })
  /** The failed jobs of a run, as another attempt on the same commit and workflow. */
  | (Shipped & { readonly kind: 'rerun'; readonly run: FailedRun })
  | {
      readonly kind: 'rollback'
      readonly repository: string
      /** Where GitHub shows it. Absent: an older twokey did not store it. */
      readonly githubEnvironment?: string
      /** The task definition to go back to, one for all targets. */
      readonly revision: Revision
      /** The images of its containers at its last rollout, in every target, each once. */
      readonly images: readonly ContainerImage[]
      /** Migrations that ran since it was deployed. Absent: the service has none, or an older twokey did not look. */
      readonly migrations?: CrossedMigrations
      /** Why it is not known whether ECR still has them. Absent: it has, or an older twokey did not ask. */
      readonly imagesUnread?: string
      /** Compared with the running revision. */
      readonly difference: Difference
      /** How long the rollout takes by its configuration, in the slowest target. Absent: that is not known. */
      readonly time?: RolloutTime
      /** Deployments of CodeDeploy in progress that it stops first. Absent: none. */
      readonly stops?: readonly StoppedDeployment[]
    }
