import type { Eligibility, Membership } from '../release/approval.ts'
import type { CommitSource } from '../release/commit-source.ts'
import type { Difference } from '../release/difference.ts'
import type { Answer, RunDetails } from '../release/effects.ts'
import type { EligibleApprovers, EligibleApproversAsk } from '../release/eligible-approvers.ts'
import type { BindingRules } from '../release/inputs.ts'
import type { LogPointer } from '../release/log-pointer.ts'
import type { AskOf, LooksBy, Requesters, SightingOf } from '../release/look.ts'
import type { Missing } from '../release/missing.ts'
import type { PersonId, Place, Target, Time } from '../release/names.ts'
import type { Refusal } from '../release/refusal.ts'
import type { ContainerImage, Revision } from '../release/revision.ts'
import type { TargetSighting, TipSighting, TroubleKind } from '../release/sighting.ts'
import type { Authorship, Changes, Commit } from '../release/subject.ts'
import type { RepositoryStart, Start } from './start.ts'

/**
 * Trouble outside. `terminal` will not pass by itself: no permission, a token that expired, a thing that is not there.
 * Whatever else an adapter throws counts as passing.
 */
export class Trouble extends Error {
  readonly kind: TroubleKind

  /** @param message what happened, for people: one sentence without a full stop, no secrets */
  constructor(kind: TroubleKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Trouble'
    this.kind = kind
  }
}

/** What GitHub says of a commit that somebody wants to ship. */
export type Inspected =
  | {
      readonly commit: Commit
      readonly tip: TipSighting & { readonly githubTree: string }
      readonly changes: Changes
      readonly authorship: Authorship
    }
  | { readonly refused: Refusal }

/** A method for each look that a port carries out, by the look's name. */
type LookMethods<By extends 'github' | 'ecs'> = {
  [Name in LooksBy<By>]: (ask: AskOf<Name>) => Promise<SightingOf<Name>>
}

/** GitHub, as the engine needs it. Methods throw `Trouble`. */
export interface GitHub extends LookMethods<'github'> {
  /** Ref to commit, on the branch or refused; the workflow's state, trigger and inputs; what would change since `running`. */
  inspect(ask: {
    readonly repository: string
    readonly workflow: string
    readonly branch: string
    readonly ref: string | null
    /** What the targets run, in their order. */
    readonly running: readonly Pick<Revision, 'commit' | 'unknown'>[]
    /** What a dispatch of that commit means: by this the workflow's inputs are bound. */
    readonly rules: (sha: string) => BindingRules
  }): Promise<Inspected>
  /** One request, never repeated. Does not throw. */
  dispatch(ask: {
    readonly repository: string
    readonly workflow: string
    readonly ref: string
    readonly inputs: Readonly<Record<string, string>>
    readonly details: RunDetails
    /** Asked at the last moment, after every wait of the client: false, and nothing leaves. */
    readonly maySend: () => Promise<boolean>
  }): Promise<Extract<Answer, { to: 'dispatch' }>>
  cancelRun(ask: {
    readonly repository: string
    readonly runId: number
  }): Promise<Extract<Answer, { to: 'cancel-run' }>>
  /** The last lines of a job's log, clean of ANSI and timestamps, secrets masked. */
  jobLog(pointer: Extract<LogPointer, { log: 'job' }>, lines: number): Promise<readonly string[]>
  commit(ask: { readonly repository: string; readonly sha: string }): Promise<DatedCommit>
  /** Which of these words are commits of the repository: each with its full sha, or null. Throws where that cannot be determined. */
  commitsAmong(ask: {
    readonly repository: string
    readonly words: readonly string[]
  }): Promise<ReadonlyMap<string, string | null>>
  /** Which of these words the logs of these jobs contain. */
  wordsInLogs(ask: {
    readonly repository: string
    readonly jobIds: readonly number[]
    readonly words: readonly string[]
  }): Promise<ReadonlySet<string>>
  /** The last commits of a branch, the newest first; none where there is no such branch. @param limit 100 at most */
  recentCommits(ask: {
    readonly repository: string
    readonly branch: string
    readonly limit: number
  }): Promise<readonly DatedCommit[]>
  /** The last runs of a workflow, the newest first, whoever started them. */
  starts(ask: { readonly repository: string; readonly workflow: string }): Promise<readonly Start[]>
  /** The last runs of a repository, of all its workflows, the newest first. */
  startsIn(ask: { readonly repository: string }): Promise<readonly RepositoryStart[]>
  /** What starts the workflow on this branch beside a dispatch, and may ship; none where there is no such file. */
  otherStarts(ask: {
    readonly repository: string
    readonly workflow: string
    readonly branch: string
  }): Promise<readonly string[]>
  /** What GitHub itself asks before a job of this environment runs. */
  gate(ask: { readonly repository: string; readonly environment: string }): Promise<Gate>
}

/** What GitHub asks of others who start the workflow there; `unseen`: why that cannot be determined. */
export type KnownGate = Gate | { readonly gate: 'unseen'; readonly why: string }

/** `open`: nothing holds a job there. `reviewers`: one of this many of GitHub's own reviewers lets it through. */
export type Gate = { readonly gate: 'open' } | { readonly gate: 'reviewers'; readonly reviewers: number }

/** `date`: ISO 8601; empty where GitHub does not tell. */
export type DatedCommit = Commit & { readonly date: string }

/** A revision that ran well in a service. */
export type PastRevision = {
  readonly revision: Revision
  /** When its rollout was completed, ms; null where AWS does not tell. */
  readonly at: number | null
  readonly commit: DatedCommit | null
  /** From what serves. */
  readonly difference: Difference
}

/** A revision to go back to, with what its containers ran in a target when it was rolled out there last. */
export type RollbackTarget = {
  readonly revision: Revision
  readonly images: readonly ContainerImage[]
  readonly difference: Difference
}

/**
 * What tasks run of in a target. `since`: when the deployment that brought it was made, ms; null where ECS does not tell.
 * `rolledOut`: its id (`ecs-svc/…`), once it is complete; null before, and where ECS does not tell.
 */
export type Serving =
  | {
      readonly seen: 'yes'
      readonly arn: string
      readonly name: string
      readonly since: Time | null
      readonly rolledOut: string | null
    }
  | { readonly seen: 'no'; readonly why: string }

/**
 * ECS and its logs, as the engine needs them. Methods throw `Trouble`. The commits of revisions are those of the
 * repository: where that cannot be looked up, the revision says so.
 */
export interface Ecs extends LookMethods<'ecs'> {
  /** The time by AWS's clock, as it told it last; ours before it has answered. */
  now(): Time
  /** What serves each of these targets, in their order and in few requests. One that cannot be read says why. Does not throw. */
  serving(targets: readonly Target[]): Promise<readonly Serving[]>
  /** Those of these targets that have a deployment made since then, ms; looked at in few requests. */
  changedSince(targets: readonly Target[], since: Time): Promise<readonly Target[]>
  /** A task definition by its ARN, with its commit. It never changes: read once. */
  revision(ask: {
    readonly arn: string
    readonly region?: string
    readonly source: CommitSource
  }): Promise<Revision>
  /** The services as they are, with the rollouts of the last minutes. Refuses nothing: a service that is not there is left out. */
  before(ask: Pick<AskOf<'before'>, 'source' | 'targets'>): Promise<readonly TargetSighting[]>
  /** What twokey.yml names and ECS does not have; what cannot be read is not missing. Does not throw. */
  missing(ask: {
    /** What the targets are meant to run. */
    readonly serving: readonly { readonly arn: string; readonly region?: string | undefined }[]
    readonly containers: readonly string[]
    readonly migration: {
      readonly family: string
      readonly container?: string
      readonly region?: string | undefined
    } | null
  }): Promise<readonly Missing[]>
  /** The revision of the service's family with this number: ACTIVE, and of a service deployment of this very service, or refused. */
  inspect(ask: {
    /** As a person names it. */
    readonly place: Place
    readonly target: Target
    readonly number: number
    readonly source: CommitSource
    /** Revisions (ARNs) that twokey itself saw succeed here. */
    readonly ranWell: readonly string[]
    /** What its difference is told from; null where it could not be determined. */
    readonly serving: Revision | null
  }): Promise<RollbackTarget | { readonly refused: Refusal }>
  /** The last revisions whose rollouts completed there, the newest first, each once. */
  past(ask: {
    readonly target: Target
    readonly source: CommitSource
    /** That alone is looked for: of revisions that do not name it no commit is told. */
    readonly commit?: string
    readonly limit: number
    /** What their differences are told from. */
    readonly serving: Revision | null
  }): Promise<readonly Omit<PastRevision, 'commit'>[]>
  /** `UpdateService` to exactly this revision, sent once. Does not throw. */
  update(ask: {
    readonly target: Target
    readonly revision: Revision
    /** Asked at the last moment, after every wait of the client: false, and nothing leaves. */
    readonly maySend: () => Promise<boolean>
  }): Promise<Extract<Answer, { to: 'update' }>>
  /** The last lines of the migration's log, or of a task that failed in a rollout, secrets masked; its stop reason where there is no log. */
  log(pointer: Exclude<LogPointer, { log: 'job' }>, lines: number): Promise<readonly string[]>
}

/**
 * Somebody as what Slack sent names them; an `Origin` is one. `team`: their workspace; empty where it was not named.
 * Null: nobody acts now, somebody who clicked before is looked at once more.
 */
export type Presence = { readonly user: PersonId; readonly team: string | null }

/**
 * How old what Slack said may be, counted from when it was asked. `second`: for the last look before a dispatch, which is
 * read anew and shared with those that look within the same second alone, since Slack allows few reads a minute.
 */
export type MaxAge = 'minute' | 'second'

/** Who people are, as Slack says. Fails closed: what cannot be determined is not eligible. `maxAge` absent: a minute. */
export interface People {
  /** What this person is here, by the payload and by Slack's word on the account, at most a minute old. Does not throw. */
  membership(who: Presence): Promise<Membership>
  /**
   * A member of this workspace, by the payload and by Slack's word on the account (no guest, no bot, not deleted, no
   * stranger), whom each list admits by group or by name.
   */
  standing(who: Presence, lists: readonly (readonly string[])[], maxAge?: MaxAge): Promise<Eligibility>
  /** Whether this person may ask for a release. */
  requester(who: Presence, requesters: Requesters, maxAge?: MaxAge): Promise<Eligibility>
  /** The time zone that a person has set, an IANA name. Throws `Trouble` where Slack does not tell. */
  zone(id: PersonId): Promise<string>
  /** How many people of the list could approve. Throws `Trouble` where a group or a person cannot be looked up. */
  eligibleApprovers(list: readonly string[], ask: EligibleApproversAsk): Promise<EligibleApprovers>
}

/** `outside`: with another organization, or about to be. `hidden`: there is none, or one that twokey is not in. */
export type Sharing = 'inside' | 'outside' | 'hidden'

/** The channels that people ask and approve in, as Slack says. `maxAge` absent: a minute. */
export interface Channels {
  /** Throws `Trouble` where it cannot be determined. */
  sharing(channel: string, maxAge?: MaxAge): Promise<Sharing>
}

/**
 * A moment that a test can stop at: between every commit and every effect. Production passes straight through.
 * Named by what comes (`before dispatch`) or by what was done (`card posted`, `approval→ready committed`).
 */
export type Checkpoint = (name: string) => Promise<void> | void
