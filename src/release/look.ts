import type { Eligibility } from './approval.ts'
import type { CommitSource } from './commit-source.ts'
import type { BindingRules } from './inputs.ts'
import type { PersonId, Target, Time } from './names.ts'
import type { Beside, OtherRun } from './other-runs.ts'
import type { ContainerImage, Revision } from './revision.ts'
import type {
  BeforeSighting,
  Beyond,
  HeadSighting,
  LaterAttempt,
  MigrationSighting,
  OrderSighting,
  RollbackSighting,
  RunLogSighting,
  RunSearch,
  Seen,
  TargetSighting,
  TipSighting,
} from './sighting.ts'

/** Who may ask for releases of a place: all members, or groups and people. */
export type Requesters = 'everyone' | readonly string[]

/**
 * Every look at the outside, once: what is asked, what is seen, and who carries it out. A port of that name has a method of
 * the look's name; the engine has a function of its own where it takes more than one request, or the store.
 * The names are stored with releases.
 */
export type Looks = {
  /** Are these people still eligible? Each list must admit them. */
  people: {
    by: 'engine'
    ask: {
      readonly ids: readonly PersonId[]
      readonly lists: readonly (readonly string[])[]
    }
    sees: Readonly<Record<PersonId, Eligibility>>
  }
  /** May whoever asked for it ask there still? */
  requester: {
    by: 'engine'
    ask: { readonly id: PersonId; readonly requesters: Requesters }
    sees: Eligibility
  }
  /** With whom is it shared? */
  channel: {
    by: 'engine'
    ask: { readonly channel: string }
    sees: 'inside' | 'outside'
  }
  tip: {
    by: 'github'
    ask: {
      readonly repository: string
      readonly branch: string
      readonly commit: string
      readonly workflow: string
      /** What a dispatch means by the config as it is now. */
      readonly rules: BindingRules
    }
    sees: TipSighting
  }
  /** Has the commit succeeded where it has to, before it ships here? */
  order: {
    by: 'engine'
    ask: {
      readonly service: string
      readonly environment: string
      readonly commit: string
    }
    sees: OrderSighting
  }
  /** The services before we touch them. */
  before: {
    by: 'engine'
    ask: {
      readonly targets: readonly Target[]
      readonly source: CommitSource
      /** Whether what is sent depends on the commits that serve: where they cannot be read, neither are the services. */
      readonly commits: 'needed' | 'shown'
    }
    sees: BeforeSighting
  }
  /** The tasks of the migration's family before the workflow is dispatched. */
  tasksBefore: {
    by: 'ecs'
    ask: {
      readonly cluster: string
      readonly region?: string
      readonly family: string
    }
    /** Their ARNs, running and stopped; ECS lists a stopped one for an hour. */
    sees: readonly string[]
  }
  /** The revision to go back to as it is now, in all targets, against what was approved. */
  rollbackTarget: {
    by: 'ecs'
    ask: {
      readonly targets: readonly Target[]
      readonly revision: Revision
      readonly images: readonly ContainerImage[]
      readonly source: CommitSource
    }
    sees: RollbackSighting
  }
  /** Which run is the release's? */
  findRun: {
    by: 'github'
    ask: {
      readonly repository: string
      readonly workflow: string
      readonly releaseId: string
      /** That it was dispatched on. */
      readonly branch: string
      readonly since: Time
    }
    sees: RunSearch
  }
  run: {
    by: 'github'
    ask: { readonly repository: string; readonly runId: number; readonly attempt: number }
    sees: RunSearch
  }
  /** Was the run started again on GitHub, as a later attempt than this one? */
  laterAttempt: {
    by: 'github'
    ask: { readonly repository: string; readonly runId: number; readonly attempt: number }
    /** Its last attempt; null where it is none after that one, or there is no such run any more. */
    sees: LaterAttempt | null
  }
  /** What the commit that the run started on carries. */
  headTree: {
    by: 'github'
    ask: {
      readonly repository: string
      readonly branch: string
      readonly sha: string
      /** The branch's tip at the last look before the dispatch. */
      readonly tip: string
      /** The approved paths outside `.github`. */
      readonly paths: readonly string[]
    }
    sees: HeadSighting
  }
  /** Tasks that could be the migration of a release, and those followed. */
  migration: {
    by: 'ecs'
    ask: {
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
    sees: readonly MigrationSighting[]
  }
  /** Where a commit is approved, it fails where it cannot be determined what else rollouts carry. */
  rollouts: {
    by: 'ecs'
    ask: {
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
    sees: readonly TargetSighting[]
  }
  /**
   * What do the logs of the run name of task definitions and deployments? Asked once it has ended, where several rollouts could
   * be its own. It fails where one of them cannot be read.
   */
  runLog: {
    by: 'github'
    ask: {
      readonly repository: string
      /** Jobs of the attempt that is followed, that ran. */
      readonly jobs: readonly number[]
      /** Families of the task definitions that are looked for. */
      readonly families: readonly string[]
    }
    sees: RunLogSighting
  }
  /** Did the run change other service environments? Asked once it has ended. */
  beyond: {
    by: 'engine'
    ask: {
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
    sees: readonly Beyond[]
  }
  /** Which other runs could ship there too? */
  otherRuns: {
    by: 'engine'
    ask: {
      readonly service: string
      readonly environment: string
      readonly repository: string
      readonly workflow: string
      readonly branch: string
      readonly commit: string
      readonly beside: Beside
    }
    /** The newest first. */
    sees: readonly OtherRun[]
  }
}

export type LookName = keyof Looks

/** What a look of this name asks. */
export type AskOf<Name extends LookName> = Looks[Name]['ask']

/** What it sees. */
export type SightingOf<Name extends LookName> = Looks[Name]['sees']

/** Names of the looks that somebody carries out. */
export type LooksBy<By extends Looks[LookName]['by']> = {
  [Name in LookName]: Looks[Name]['by'] extends By ? Name : never
}[LookName]

/** What to look at outside, asked by the step a release is in. */
export type Look<Name extends LookName = LookName> = {
  [Each in Name]: { readonly look: Each } & AskOf<Each>
}[Name]

/** What we saw outside at one moment. What was not looked at is absent. */
export type Observation = { readonly [Name in LookName]?: Seen<SightingOf<Name>> }

/** What holds of a look, whatever it is asked. */
type LookFacts = {
  /** What cannot be read where it fails, for people: the beginning of a sentence. */
  readonly words: string
  /**
   * Approvals must be fresh: nothing is sent on an old answer. So these are read after all others, the services first, then
   * people and the channel. Absent: it may be as old as the slowest of the others.
   */
  readonly fresh?: 'services' | 'people'
  /** The release is sent without it, too. */
  readonly optional?: true
  /** How often it is tried. Absent: for as long as the release waits for what cannot be read. */
  readonly tries?: number
}

/** In the order in which people are told of them. */
export const lookFacts: { readonly [Name in LookName]: LookFacts } = {
  people: { words: 'Whether the approvers may still approve', fresh: 'people' },
  requester: { words: 'Whether the requester may still request it', fresh: 'people' },
  channel: { words: 'Whether the release channel is shared with other organizations', fresh: 'people' },
  tip: { words: 'The branch' },
  order: { words: 'Whether the commit succeeded in the environments that come first' },
  before: { words: 'The service before the release', fresh: 'services' },
  tasksBefore: { words: 'The tasks before the migration', optional: true },
  rollbackTarget: { words: 'The revision to go back to' },
  findRun: { words: 'The run' },
  run: { words: 'The run' },
  laterAttempt: { words: 'Whether the run was started again' },
  headTree: { words: 'The workflow that the run carries' },
  migration: { words: 'The migration' },
  rollouts: { words: 'The rollout' },
  // Up to 32 MiB each time, for what a person can tell as well.
  runLog: { words: 'The log of the run', tries: 4 },
  beyond: { words: 'What else the run changed' },
  otherRuns: { words: 'Which other runs were in progress', optional: true },
}

/** All looks, in that order. */
export const lookNames = Object.keys(lookFacts) as readonly LookName[]

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
