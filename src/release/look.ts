import type { AttemptSearch, LastAttempt } from './attempts.ts'
import type { Checks } from './checks.ts'
import type { CommitSource } from './commit-source.ts'
import type { BindingRules } from './inputs.ts'
import type { AwsLocation, PersonId, ServiceEnvironmentName, Target, Time } from './names.ts'
import type { OrderSighting } from './order-sighting.ts'
import type { Beside, OtherRun } from './other-runs.ts'
import type { Eligibility } from './policy/approval.ts'
import type { ContainerImage, Revision } from './revision.ts'
import type {
  AtGate,
  BeforeSighting,
  Beyond,
  ChangesSighting,
  GateSighting,
  HeadSighting,
  LaterAttempt,
  MigrationSighting,
  RollbackSighting,
  RunLogSighting,
  RunSearch,
  Seen,
  TargetSighting,
  TipSighting,
} from './sighting.ts'
import type { Shipped, Subject } from './subject.ts'

/** Who may request releases of a service environment: all members, or groups and people. */
export type Requesters = 'everyone' | readonly string[]

/**
 * Every look at the outside: what it asks, what it sees, and who carries it out. The port that `by` names has a
 * method with the look's name; `engine` means that it needs several methods, or the store. Releases store the names
 * of failed looks, so a name never changes.
 */
export type Looks = {
  /** Are these people still eligible? Each list must admit them. */
  people: {
    by: 'engine'
    ask: { ids: readonly PersonId[]; lists: readonly (readonly string[])[] }
    sees: Readonly<Record<PersonId, Eligibility>>
  }
  /** May the requester still request releases there? */
  requester: {
    by: 'engine'
    ask: { id: PersonId; requesters: Requesters }
    sees: Eligibility
  }
  /** Is the release channel shared with other organizations? */
  channel: { by: 'engine'; ask: { channel: string }; sees: 'inside' | 'outside' }
  /** The branch: is the approved commit on it, and what would a dispatch run now? */
  tip: {
    by: 'github'
    ask: {
      repository: string
      branch: string
      commit: string
      workflow: string
      /** What a dispatch means by the config as it is now. */
      rules: BindingRules
    }
    sees: TipSighting
  }
  /** Has the commit succeeded in the environments required before this one? */
  order: {
    by: 'engine'
    ask: { service: string; environment: string; subject: Extract<Subject, Shipped> }
    sees: OrderSighting
  }
  /** The services before the dispatch or update. */
  before: {
    by: 'engine'
    ask: {
      targets: readonly Target[]
      source: CommitSource
      /** Whether the running commits decide what is sent; if so, the look fails if one cannot be read. */
      commits: 'needed' | 'shown'
    }
    sees: BeforeSighting
  }
  /** The tasks of the migration's family before the workflow is dispatched. */
  tasksBefore: {
    by: 'ecs'
    ask: AwsLocation & { cluster: string; family: string }
    /** Their ARNs, running and stopped; ECS lists a stopped one for an hour. */
    sees: readonly string[]
  }
  /** The rollback's revision as it is now, in all targets, compared with what was approved. */
  rollbackTarget: {
    by: 'ecs'
    ask: {
      targets: readonly Target[]
      revision: Revision
      images: readonly ContainerImage[]
      source: CommitSource
    }
    sees: RollbackSighting
  }
  /** What CI made of the commit since the request. */
  checks: {
    by: 'github'
    ask: {
      repository: string
      commit: string
      workflow: string
      /** The branch whose required checks have to pass. Absent: the checks are shown, and decide nothing. */
      requiredOn?: string
    }
    sees: Checks
  }
  /** Which run is the release's? */
  findRun: {
    by: 'github'
    ask: {
      repository: string
      workflow: string
      releaseId: string
      /** The branch of the dispatch. */
      branch: string
      since: Time
    }
    sees: RunSearch
  }
  /** Can the failed jobs of this attempt still be run again? */
  failedRun: {
    by: 'github'
    ask: { repository: string; runId: number }
    sees: LastAttempt
  }
  /** Which attempt after this one did twokey start? */
  findAttempt: {
    by: 'github'
    ask: { repository: string; runId: number; attempt: number }
    sees: AttemptSearch
  }
  /** What would the commit change now? Null: as when it was requested. `off branch`: the branch has it no longer. */
  changesNow: {
    by: 'engine'
    ask: ServiceEnvironmentName & {
      repository: string
      branch: string
      commit: string
      targets: readonly Target[]
      source: CommitSource
      /** ARN of what the first target ran at the request. */
      since: string | null
    }
    sees: ChangesSighting | 'off branch' | null
  }
  /** The gate at which a run waits. */
  gate: {
    by: 'github'
    ask: AtGate
    sees: GateSighting
  }
  /** The run of this id, in one attempt. `releaseId`: the comments of its own reviews name it. */
  run: {
    by: 'github'
    ask: {
      repository: string
      runId: number
      attempt: number
      releaseId: string
      /** It waited at a gate when it was last seen, so its reviews are read. Absent: only those of a run that has ended are. */
      gate?: 'seen'
    }
    sees: RunSearch
  }
  /** Was the run started again on GitHub, as a later attempt than this one? */
  laterAttempt: {
    by: 'github'
    ask: { repository: string; runId: number; attempt: number }
    /** The last attempt; null: none came after this one, or the run no longer exists. */
    sees: LaterAttempt | null
  }
  /** The content of the commit that the run started on. */
  headTree: {
    by: 'github'
    ask: {
      repository: string
      branch: string
      sha: string
      /** The branch's tip at the last check before the dispatch. */
      tip: string
      /** The approved paths outside `.github`. */
      paths: readonly string[]
    }
    sees: HeadSighting
  }
  /** Tasks that could be the migration of the release, and those already followed. */
  migration: {
    by: 'ecs'
    ask: AwsLocation & {
      cluster: string
      family: string
      container?: string
      commit: string
      releaseId: string
      /** The earliest beginning of tasks to list; null: no further task can follow, so none is listed. */
      since: Time | null
      /** ARNs of tasks that are always read. */
      followed: readonly string[]
    }
    sees: readonly MigrationSighting[]
  }
  /**
   * The services with their rollouts. It fails if a commit was approved and that of the rollouts cannot be
   * determined.
   */
  rollouts: {
    by: 'ecs'
    ask: {
      /** The approved commit, which needs no lookup; null for a rollback. */
      commit: string | null
      /** Running digests are read for a rollback, which is approved by digest. */
      images: 'wanted' | 'unwanted'
      source: CommitSource
      targets: readonly {
        readonly target: Target
        readonly since: Time
        readonly arn: string | null
      }[]
    }
    sees: readonly TargetSighting[]
  }
  /**
   * Which task definitions and deployments do the run's logs name? Made once the run has ended, if several rollouts
   * could be the release's. It fails if one of the logs cannot be read.
   */
  runLog: {
    by: 'github'
    ask: {
      repository: string
      /** IDs of the jobs that ran in the followed attempt. */
      jobs: readonly number[]
      /** Families of the task definitions in question. */
      families: readonly string[]
    }
    sees: RunLogSighting
  }
  /** Did the run change other service environments? Made once the run has ended. */
  beyond: {
    by: 'engine'
    ask: {
      repository: string
      commit: string
      releaseId: string
      /** The id that the run's rollouts carry. */
      carriedId: string
      /** Targets of the release itself. */
      own: readonly Target[]
      runId: number
      attempt: number
      /** Jobs that ran, latest first. */
      jobs: readonly number[]
      since: Time
      until: Time
    }
    sees: readonly Beyond[]
  }
  /** Which other runs could deploy there too? */
  otherRuns: {
    by: 'engine'
    ask: {
      service: string
      environment: string
      repository: string
      workflow: string
      branch: string
      commit: string
      beside: Beside
    }
    sees: readonly OtherRun[]
  }
}

export type LookName = keyof Looks

/** What a look of this name asks. */
export type AskOf<Name extends LookName> = Readonly<Looks[Name]['ask']>

/** What it sees. */
export type SightingOf<Name extends LookName> = Looks[Name]['sees']

/** Names of the looks that a port, or the engine, carries out. */
export type LooksBy<By extends Looks[LookName]['by']> = {
  [Name in LookName]: Looks[Name]['by'] extends By ? Name : never
}[LookName]

/** A look to make, as the stage of a release needs it. */
export type Look<Name extends LookName = LookName> = {
  [Each in Name]: { readonly look: Each } & AskOf<Each>
}[Name]

/** What was seen outside at one moment. A look that was not made is absent. */
export type Observation = { readonly [Name in LookName]?: Seen<SightingOf<Name>> }
