import type { CommitSource } from './commit-source.ts'
import type { BindingRules } from './inputs.ts'
import type { PersonId, Target, Time } from './names.ts'
import type { Beside } from './other-runs.ts'
import type { ContainerImage, Revision } from './revision.ts'

/** Who may ask for releases of a place: all members, or groups and people. */
export type Requesters = 'everyone' | readonly string[]

/** What to look at outside, asked by the step a release is in. */
export type Look =
  /** Are these people still eligible? Each list must admit them. */
  | {
      readonly look: 'people'
      readonly ids: readonly PersonId[]
      readonly lists: readonly (readonly string[])[]
    }
  /** May whoever asked for it ask there still? */
  | { readonly look: 'requester'; readonly id: PersonId; readonly requesters: Requesters }
  /** With whom is it shared? */
  | { readonly look: 'channel'; readonly channel: string }
  | {
      readonly look: 'tip'
      readonly repository: string
      readonly branch: string
      readonly commit: string
      readonly workflow: string
      /** What a dispatch means by the config as it is now. */
      readonly rules: BindingRules
    }
  /** Has the commit succeeded where it has to, before it ships here? */
  | {
      readonly look: 'order'
      readonly service: string
      readonly environment: string
      readonly commit: string
    }
  /** The services before we touch them. */
  | {
      readonly look: 'before'
      readonly targets: readonly Target[]
      readonly source: CommitSource
      /** Whether what is sent depends on the commits that serve: where they cannot be read, neither are the services. */
      readonly commits: 'needed' | 'shown'
    }
  /** The tasks of the migration's family before the workflow is dispatched. */
  | {
      readonly look: 'tasks-before'
      readonly cluster: string
      readonly region?: string
      readonly family: string
    }
  /** The revision to go back to, against what was approved. */
  | {
      readonly look: 'rollback-target'
      readonly targets: readonly Target[]
      readonly revision: Revision
      readonly images: readonly ContainerImage[]
      readonly source: CommitSource
    }
  | {
      readonly look: 'find-run'
      readonly repository: string
      readonly workflow: string
      readonly releaseId: string
      /** That it was dispatched on. */
      readonly branch: string
      readonly since: Time
    }
  | { readonly look: 'run'; readonly repository: string; readonly runId: number; readonly attempt: number }
  /** Was the run started again on GitHub, as a later attempt than this one? */
  | {
      readonly look: 'later-attempt'
      readonly repository: string
      readonly runId: number
      readonly attempt: number
    }
  /** What the commit that the run started on carries. */
  | {
      readonly look: 'head-tree'
      readonly repository: string
      readonly branch: string
      readonly sha: string
      /** The branch's tip at the last look before the dispatch. */
      readonly tip: string
      /** The approved paths outside `.github`. */
      readonly paths: readonly string[]
    }
  | {
      readonly look: 'migration'
      readonly cluster: string
      readonly region?: string
      readonly family: string
      readonly container?: string
      readonly commit: string
      readonly releaseId: string
      /** When the tasks that are listed began at the earliest; null: no other can follow, so none is listed. */
      readonly since: Time | null
      /** ARNs of tasks that are looked at in any case. */
      readonly followed: readonly string[]
    }
  | {
      readonly look: 'rollouts'
      /** The commit that is approved, which nobody has to be asked about; null for a rollback. */
      readonly commit: string | null
      /** What its containers run is read for a rollback, which is approved by digest. */
      readonly images: 'wanted' | 'unwanted'
      readonly source: CommitSource
      readonly targets: readonly {
        readonly target: Target
        readonly since: Time
        readonly arn: string | null
      }[]
    }
  /** What do the logs of the run name? Asked once it has ended, where several rollouts could be its own. */
  | {
      readonly look: 'run-log'
      readonly repository: string
      /** Jobs of the attempt that is followed, that ran. */
      readonly jobs: readonly number[]
      /** Families of the task definitions that are looked for. */
      readonly families: readonly string[]
    }
  /** Did the run change other service environments? Asked once it has ended. */
  | {
      readonly look: 'beyond'
      readonly repository: string
      readonly commit: string
      readonly releaseId: string
      /** Targets of the release itself. */
      readonly own: readonly Target[]
      readonly runId: number
      /** Jobs that ran, the last first. */
      readonly jobs: readonly number[]
      readonly since: Time
      readonly until: Time
    }
  /** Which other runs could ship there too? */
  | {
      readonly look: 'other-runs'
      readonly service: string
      readonly environment: string
      readonly repository: string
      readonly workflow: string
      readonly branch: string
      readonly commit: string
      readonly beside: Beside
    }

/** Where the last lines of a log are that tell why. */
export type LogPointer =
  | { readonly log: 'job'; readonly repository: string; readonly jobId: number }
  | {
      readonly log: 'migration'
      readonly cluster: string
      readonly region?: string
      readonly taskArn: string
      readonly container?: string
    }
  | { readonly log: 'rollout'; readonly target: Target; readonly deploymentId: string }
