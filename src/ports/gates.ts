import type { Answer } from '../release/answer.ts'
import type { Checks } from '../release/checks.ts'
import type { GateVerdict } from '../release/effects.ts'
import type { WorkflowNote } from '../release/inputs.ts'
import type { Time } from '../release/names.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Revision } from '../release/revision.ts'
import type { NewerRun } from '../release/sighting.ts'
import type { Authorship, Changes, Commit } from '../release/subject.ts'
import type { RepositoryStart } from './start.ts'

/** A run that waits at the gate of one of the environments. */
export type WaitingAtGate = RepositoryStart & {
  readonly environment: string
  /** Full name of the repository that the head is from; a fork has another one. */
  readonly headRepository: string | null
}

/** What a run that waits would ship. */
export type InspectedRun =
  | {
      readonly commit: Commit
      readonly githubTree: string
      readonly notes: readonly WorkflowNote[]
      readonly changes: Changes
      readonly authorship: Authorship
      readonly checks: Checks
    }
  | { readonly refused: Refusal }

/** What GitHub requires of others who start the workflow there; `unseen`: why that cannot be determined. */
export type KnownGate = Gate | { readonly gate: 'unseen'; readonly why: string }

/**
 * `open`: GitHub blocks no job there; `repository`: `private` where it has gates on GitHub Enterprise only, else absent.
 * `reviewers`: one of this many reviewers on GitHub must approve the job. `twokey`:
 * only twokey can let a job through; `bypass`: who else can, as far as GitHub says.
 */
export type Gate =
  | { readonly gate: 'open'; readonly repository?: 'private' }
  | { readonly gate: 'reviewers'; readonly reviewers: number }
  | { readonly gate: 'twokey'; readonly bypass: 'nobody' | 'administrators' }

/**
 * Whether the deploy role in AWS can only be assumed by jobs that pass the gate. `open`: other jobs can. `not checked`: twokey
 * cannot read the role, or the workflow does not name it.
 */
export type DeployRoleCheck = 'guarded' | 'open' | 'not checked'

/** The gates of environments on GitHub. Methods throw `Trouble` unless they say otherwise. */
export type GatesOnGitHub = {
  /** What GitHub itself requires before a job of this environment runs. */
  protection(ask: { readonly repository: string; readonly environment: string }): Promise<Gate>
  /** Whether a job of the run has deployed to the environment, however that ended, since the attempt began. */
  hasDeployed(ask: {
    readonly repository: string
    readonly runId: number
    readonly headSha: string
    readonly since: Time
    readonly environment: string
  }): Promise<boolean>
  /**
   * The newer run for which GitHub cancelled a run of a workflow; null: somebody cancelled it, or that is not known. Does
   * not throw.
   */
  newerRun(ask: {
    readonly repository: string
    readonly workflow: string
    readonly runId: number
    readonly branch: string | null
    readonly endedAt: Time | null
  }): Promise<NewerRun | null>
  /**
   * The runs of a repository that wait at gates of these environments; those of these workflows also while other jobs of
   * them are in progress.
   */
  waitingRuns(ask: {
    readonly repository: string
    readonly environments: readonly string[]
    readonly workflows: readonly string[]
  }): Promise<readonly WaitingAtGate[]>
  /** What a run that waits would ship, if its commit lies on the branch. Refuses one that no config describes. */
  inspectRun(ask: {
    readonly repository: string
    readonly workflow: string
    readonly branch: string
    readonly run: WaitingAtGate
    /** What the targets run, in their order. */
    readonly running: readonly Pick<Revision, 'commit' | 'unknown'>[]
    /** Where migrations are in the repository; undefined: where tools keep them. */
    readonly migrationPaths?: readonly string[] | undefined
    /** Whether the required checks of the branch are read too. */
    readonly checks?: 'required'
  }): Promise<InspectedRun>
  /**
   * Opens or closes the gate at which a run waits, if this attempt is its last one. Sends one review and never repeats
   * it. Does not throw.
   */
  reviewGate(ask: {
    readonly repository: string
    readonly runId: number
    readonly attempt: number
    readonly environment: string
    readonly verdict: GateVerdict
    readonly comment: string
    /** Called right before the request is sent, after all waits of the client. If it returns false, nothing is sent. */
    readonly maySend: () => Promise<boolean>
  }): Promise<Extract<Answer, { to: 'review-gate' }>>
}
