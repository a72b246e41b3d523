import type { Checks } from '../release/checks.ts'
import type { WorkflowNote } from '../release/inputs.ts'
import type { Refusal } from '../release/refusal.ts'
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
 * `open`: GitHub blocks no job there. `reviewers`: one of this many reviewers on GitHub must approve the job. `twokey`:
 * only twokey can let a job through; `bypass`: who else can, as far as GitHub says.
 */
export type Gate =
  | { readonly gate: 'open' }
  | { readonly gate: 'reviewers'; readonly reviewers: number }
  | { readonly gate: 'twokey'; readonly bypass: 'nobody' | 'administrators' }
