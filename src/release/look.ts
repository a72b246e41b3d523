import type { CommitSource } from './commit-source.ts'
import type { BindingRules } from './inputs.ts'
import type { PersonId, Target, Time } from './names.ts'
import type { Beside, OtherRun } from './other-runs.ts'
import type { Eligibility } from './policy/approval.ts'
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
 * Every look at the outside: what is asked, what is seen, and who carries it out. The port that `by` names has a method of the
 * look's name; `engine`: it takes more than one method, or the store. A release is stored with the names of the looks that
 * fail, so a name never changes.
 */
export type Looks = {
  /** Are these people still eligible? Each list must admit them. */
  people: {
    by: 'engine'
    ask: { ids: readonly PersonId[]; lists: readonly (readonly string[])[] }
    sees: Readonly<Record<PersonId, Eligibility>>
  }
  /** May whoever asked for it ask there still? */
  requester: {
    by: 'engine'
    ask: { id: PersonId; requesters: Requesters }
    sees: Eligibility
  }
  /** Is the release channel shared with other organizations? */
  channel: {
    by: 'engine'
    ask: { channel: string }
    sees: 'inside' | 'outside'
  }
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
  /** Has the commit succeeded where it has to, before it ships here? */
  order: {
    by: 'engine'
    ask: { service: string; environment: string; commit: string }
    sees: OrderSighting
  }
  /** The services before we touch them. */
  before: {
    by: 'engine'
    ask: {
      targets: readonly Target[]
      source: CommitSource
      /** Whether what is sent depends on the commits that serve: where they cannot be read, neither are the services. */
      commits: 'needed' | 'shown'
    }
    sees: BeforeSighting
  }
  /** The tasks of the migration's family before the workflow is dispatched. */
  tasksBefore: {
    by: 'ecs'
    ask: { cluster: string; region?: string; family: string }
    /** Their ARNs, running and stopped; ECS lists a stopped one for an hour. */
    sees: readonly string[]
  }
  /** The revision to go back to as it is now, in all targets, against what was approved. */
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
  /** Which run is the release's? */
  findRun: {
    by: 'github'
    ask: {
      repository: string
      workflow: string
      releaseId: string
      /** That it was dispatched on. */
      branch: string
      since: Time
    }
    sees: RunSearch
  }
  /** The run of this id, in one attempt. */
  run: {
    by: 'github'
    ask: { repository: string; runId: number; attempt: number }
    sees: RunSearch
  }
  /** Was the run started again on GitHub, as a later attempt than this one? */
  laterAttempt: {
    by: 'github'
    ask: { repository: string; runId: number; attempt: number }
    /** Its last attempt; null where it is none after that one, or there is no such run any more. */
    sees: LaterAttempt | null
  }
  /** What the commit that the run started on carries. */
  headTree: {
    by: 'github'
    ask: {
      repository: string
      branch: string
      sha: string
      /** The branch's tip at the last look before the dispatch. */
      tip: string
      /** The approved paths outside `.github`. */
      paths: readonly string[]
    }
    sees: HeadSighting
  }
  /** Tasks that could be the migration of a release, and those followed. */
  migration: {
    by: 'ecs'
    ask: {
      cluster: string
      region?: string
      family: string
      container?: string
      commit: string
      releaseId: string
      /** When the tasks that are listed began at the earliest; null: no other can follow, so none is listed. */
      since: Time | null
      /** ARNs of tasks that are looked at in any case. */
      followed: readonly string[]
    }
    sees: readonly MigrationSighting[]
  }
  /** The services with their rollouts. It fails where a commit is approved and what the rollouts carry cannot be determined. */
  rollouts: {
    by: 'ecs'
    ask: {
      /** The commit that is approved, which nobody has to be asked about; null for a rollback. */
      commit: string | null
      /** What its containers run is read for a rollback, which is approved by digest. */
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
   * What do the logs of the run name of task definitions and deployments? Asked once it has ended, where several rollouts could
   * be its own. It fails where one of them cannot be read.
   */
  runLog: {
    by: 'github'
    ask: {
      repository: string
      /** Jobs of the attempt that is followed, that ran. */
      jobs: readonly number[]
      /** Families of the task definitions that are looked for. */
      families: readonly string[]
    }
    sees: RunLogSighting
  }
  /** Did the run change other service environments? Asked once it has ended. */
  beyond: {
    by: 'engine'
    ask: {
      repository: string
      commit: string
      releaseId: string
      /** Targets of the release itself. */
      own: readonly Target[]
      runId: number
      /** Jobs that ran, the last first. */
      jobs: readonly number[]
      since: Time
      until: Time
    }
    sees: readonly Beyond[]
  }
  /** Which other runs could ship there too? */
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
    /** The newest first. */
    sees: readonly OtherRun[]
  }
}

export type LookName = keyof Looks

/** What a look of this name asks. */
export type AskOf<Name extends LookName> = Readonly<Looks[Name]['ask']>

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
  /** For people: the beginning of the sentence `… could not be read`. */
  readonly words: string
  /**
   * Nothing is sent on an old answer about the services, people or the channel: these are read after all others, the services
   * first. Absent: it is read first, and may be as old as the slowest of those takes.
   */
  readonly fresh?: 'services' | 'people'
  /** A failure does not keep the release from being sent. */
  readonly optional?: true
  /** After how many failures it is given up. Absent: after a time, see `unavailability.ts`. */
  readonly tries?: number
}

/** In the order in which a card lists those that fail. */
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
  // Each try reads up to 32 MiB, for what a person can tell as well.
  runLog: { words: 'The log of the run', tries: 4 },
  beyond: { words: 'What else the run changed' },
  otherRuns: { words: 'Which other runs were in progress', optional: true },
}

/** All looks, in that order. */
export const lookNames = Object.keys(lookFacts) as readonly LookName[]
