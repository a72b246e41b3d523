import type { StoppedDeployment } from '../release/active-deployment.ts'
import type { Answer } from '../release/answer.ts'
import type { Checks } from '../release/checks.ts'
import type { CommitSource } from '../release/commit-source.ts'
import type { Difference } from '../release/difference.ts'
import type { RunDetails } from '../release/effects.ts'
import type { BindingRules } from '../release/inputs.ts'
import type { LogPointer } from '../release/log-pointer.ts'
import type { AskOf, LooksBy, Requesters, SightingOf } from '../release/look.ts'
import type { Missing } from '../release/missing.ts'
import type { AwsLocation, PersonId, ServiceEnvironmentName, Target, Time } from '../release/names.ts'
import type { Eligibility, Membership } from '../release/policy/approval.ts'
import type { EligibleApprovers, EligibleApproversAsk } from '../release/policy/eligible-approvers.ts'
import type { Refusal } from '../release/refusal.ts'
import type { ContainerImage, Revision } from '../release/revision.ts'
import type { RolloutTime } from '../release/rollout-time.ts'
import type { TargetSighting, TipSighting, TroubleKind } from '../release/sighting.ts'
import type { Authorship, Changes, Commit } from '../release/subject.ts'
import type { GatesOnGitHub } from './gates.ts'
import type { ShowOnGitHub } from './shown-on-github.ts'
import type { RepositoryStart, Start } from './start.ts'
import type { SteerRollouts } from './steer-rollouts.ts'
import type { WatchServices } from './watch-services.ts'

/**
 * An error of an outside system. `terminal` does not pass by itself: no permission, an expired token, something that does not
 * exist. Any other error of an adapter counts as passing.
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

/** A service that another tool deploys, by the deployment controller EXTERNAL. */
export class ControllerExternal extends Trouble {
  readonly service: string

  /** @param service for people, as in `blog-cluster-prod/blog-api` */
  constructor(service: string) {
    super('terminal', `${service} has the deployment controller EXTERNAL, which twokey does not support`)
    this.name = 'ControllerExternal'
    this.service = service
  }
}

/** What GitHub knows of a commit that a person wants to deploy. */
export type Inspected =
  | {
      readonly commit: Commit
      readonly tip: TipSighting & { readonly githubTree: string }
      readonly changes: Changes
      readonly authorship: Authorship
      readonly checks: Checks
    }
  | { readonly refused: Refusal }

/** The method for each kind of look, by the look's name. */
type LookMethods<By extends 'github' | 'ecs'> = {
  [Name in LooksBy<By>]: (ask: AskOf<Name>) => Promise<SightingOf<Name>>
}

/** GitHub, as the engine needs it. Methods throw `Trouble`. */
export interface GitHub extends LookMethods<'github'>, GatesOnGitHub, ShowOnGitHub {
  /**
   * Resolves a ref to a commit on the branch, or refuses it. Reads the workflow's state, trigger and inputs, and what would
   * change since `running`.
   */
  inspect(ask: {
    readonly repository: string
    readonly workflow: string
    readonly branch: string
    readonly ref: string | null
    /** What the targets run, in their order. */
    readonly running: readonly Pick<Revision, 'commit' | 'unknown'>[]
    /** Where migrations are in the repository; undefined: where tools keep them. */
    readonly migrationPaths?: readonly string[] | undefined
    /** The dispatch of that commit, to which the workflow's inputs are bound. */
    readonly rules: (sha: string) => BindingRules
    /** Whether the required checks of the branch are read too. */
    readonly checks?: 'required'
  }): Promise<Inspected>
  /** Sends one request and never repeats it. Does not throw. */
  dispatch(ask: {
    readonly repository: string
    readonly workflow: string
    readonly ref: string
    readonly inputs: Readonly<Record<string, string>>
    readonly details: RunDetails
    /** Called right before the request is sent, after all waits of the client. If it returns false, nothing is sent. */
    readonly maySend: () => Promise<boolean>
  }): Promise<Extract<Answer, { to: 'dispatch' }>>
  /**
   * Runs the failed jobs of a run again, if this attempt is its last one and has ended. Sends one request and never
   * repeats it. Does not throw.
   */
  rerun(ask: {
    readonly repository: string
    readonly runId: number
    readonly attempt: number
    /** Called right before the request is sent, after all waits of the client. If it returns false, nothing is sent. */
    readonly maySend: () => Promise<boolean>
  }): Promise<Extract<Answer, { to: 'rerun' }>>
  cancelRun(ask: {
    readonly repository: string
    readonly runId: number
  }): Promise<Extract<Answer, { to: 'cancel-run' }>>
  /** The last lines of a job's log, without ANSI codes and timestamps, with secrets masked. */
  jobLog(pointer: Extract<LogPointer, { log: 'job' }>, lines: number): Promise<readonly string[]>
  commit(ask: { readonly repository: string; readonly sha: string }): Promise<DatedCommit>
  /** Which of these words are commits of the repository: each with its full sha, or null. Throws if that cannot be determined. */
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
  /** The last commits of a branch, newest first; empty if there is no such branch. @param limit 100 at most */
  recentCommits(ask: {
    readonly repository: string
    readonly branch: string
    readonly limit: number
  }): Promise<readonly DatedCommit[]>
  /** The last runs of a workflow, newest first, by any starter. */
  starts(ask: { readonly repository: string; readonly workflow: string }): Promise<readonly Start[]>
  /** The last runs of all workflows of a repository, newest first. */
  startsIn(ask: { readonly repository: string }): Promise<readonly RepositoryStart[]>
  /** What starts the workflow on this branch besides a dispatch, and may deploy; empty if there is no such file. */
  otherStarts(ask: {
    readonly repository: string
    readonly workflow: string
    readonly branch: string
  }): Promise<readonly string[]>
  /** Whether the commit is the tip of the branch, or an ancestor of it. */
  isOnBranch(ask: {
    readonly repository: string
    readonly branch: string
    readonly commit: string
  }): Promise<boolean>
  /** What the commit would change, compared with what the targets run, in their order. */
  changesSince(ask: {
    readonly repository: string
    readonly commit: string
    readonly running: readonly Pick<Revision, 'commit' | 'unknown'>[]
    /** Where migrations are in the repository; undefined: where tools keep them. */
    readonly migrationPaths?: readonly string[] | undefined
  }): Promise<{ readonly changes: Changes; readonly authorship: Authorship }>
}

/** `date`: ISO 8601; empty if GitHub does not send it. */
export type DatedCommit = Commit & { readonly date: string }

/** A revision that deployed successfully in a service. */
export type PastRevision = {
  readonly revision: Revision
  /** When its rollout was completed, ms; null if AWS does not report it. */
  readonly at: number | null
  readonly commit: DatedCommit | null
  /** Compared with what serves now. */
  readonly difference: Difference
}

/** A revision to roll back to, with what its containers ran when it was last rolled out in a target. */
export type RollbackTarget = {
  readonly revision: Revision
  readonly images: readonly ContainerImage[]
  /** Why it is not known whether the registry still has the images. Absent: it has, or it is not of ECR. */
  readonly imagesUnread?: string
  readonly difference: Difference
  /** How long its rollout takes by its configuration. Absent: that is not known. */
  readonly time?: RolloutTime
  /** The deployment of CodeDeploy in progress that has to be stopped for it. Absent: none. */
  readonly stops?: StoppedDeployment
}

/**
 * What the tasks of a target run. `since`: when its deployment was created, ms; null if ECS does not report it. `rolledOut`:
 * the deployment's id (`ecs-svc/…`) once it is complete; null before, and if ECS does not report it.
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
 * ECS and its logs, as the engine needs them. Methods throw `Trouble`. The commits of revisions are those of the repository; if
 * one cannot be looked up, the revision says so.
 */
export interface Ecs extends LookMethods<'ecs'>, SteerRollouts, WatchServices {
  /** The time by AWS's clock, from its last answer; ours before AWS has answered. */
  now(): Time
  /**
   * What serves each of these targets, in their order, with few requests. A target that cannot be read carries the reason. Does
   * not throw.
   */
  serving(targets: readonly Target[]): Promise<readonly Serving[]>
  /** Those of these targets that have a deployment created since then, ms. Uses few requests. */
  changedSince(targets: readonly Target[], since: Time): Promise<readonly Target[]>
  /** A task definition by its ARN, with its commit. It never changes, so it is read once. */
  revision(ask: {
    readonly arn: string
    readonly location: AwsLocation
    readonly source: CommitSource
  }): Promise<Revision>
  /** The current services, with the rollouts of the last minutes. Refuses nothing: a service that does not exist is left out. */
  before(ask: Pick<AskOf<'before'>, 'source' | 'targets'>): Promise<readonly TargetSighting[]>
  /** What twokey.yml names and ECS does not have. What cannot be read does not count as missing. Does not throw. */
  missing(ask: {
    /** ARNs of what the targets should run according to twokey.yml. */
    readonly serving: readonly string[]
    readonly containers: readonly string[]
    readonly migration: { readonly family: string; readonly container?: string } | null
    /** Where they all are. */
    readonly location: AwsLocation
  }): Promise<readonly Missing[]>
  /**
   * The revision of the service's family with this number. Refuses it unless it is ACTIVE and was deployed to this very
   * service.
   */
  inspect(ask: {
    /** Service and environment as users write them. */
    readonly serviceEnvironment: ServiceEnvironmentName
    readonly target: Target
    readonly number: number
    readonly source: CommitSource
    /** Revisions (ARNs) that twokey itself saw succeed here. */
    readonly ranWell: readonly string[]
    /** The revision to compare it with; null if that could not be determined. */
    readonly serving: Revision | null
  }): Promise<RollbackTarget | { readonly refused: Refusal }>
  /** The last revisions whose rollouts completed there, newest first, each once. */
  past(ask: {
    readonly target: Target
    readonly source: CommitSource
    /** Only this commit is looked for; revisions that do not name it get no commit. */
    readonly commit?: string
    readonly limit: number
    /** The revision to compare them with. */
    readonly serving: Revision | null
  }): Promise<readonly Omit<PastRevision, 'commit'>[]>
  /**
   * `UpdateService` to exactly this revision, or a deployment of CodeDeploy if that deploys the service, sent once. Does
   * not throw.
   */
  update(ask: {
    readonly releaseId: string
    readonly target: Target
    readonly revision: Revision
    /** Called right before the request is sent, after all waits of the client. If it returns false, nothing is sent. */
    readonly maySend: () => Promise<boolean>
  }): Promise<Extract<Answer, { to: 'update' }>>
  /**
   * The last lines of the log of a migration, or of a task that failed in a rollout, with secrets masked; the task's stop
   * reason if there is no log.
   */
  log(pointer: Exclude<LogPointer, { log: 'job' }>, lines: number): Promise<readonly string[]>
}

/**
 * A person as Slack's payload names them; an `Origin` is one. `team`: their workspace; empty if the payload named none. Null:
 * nobody is acting now, and a person who clicked earlier is checked once more.
 */
export type Presence = { readonly user: PersonId; readonly team: string | null }

/**
 * The largest age of Slack's answer, counted from its request. `second` is for the final check before a dispatch: the answer is
 * read anew and shared only with checks within the same second, because Slack allows few reads a minute.
 */
export type MaxAge = 'minute' | 'second'

/** Looks up people in Slack. A person who cannot be looked up is not eligible. `maxAge` absent: a minute. */
export interface People {
  /** What this person is here, by the payload and by Slack's record of the account, at most a minute old. Does not throw. */
  membership(who: Presence): Promise<Membership>
  /**
   * Whether each list admits this person, by group or by name. They must be a member of this workspace by the payload and by
   * Slack's record of the account: no guest, no bot, not deleted, no stranger.
   */
  standing(who: Presence, lists: readonly (readonly string[])[], maxAge?: MaxAge): Promise<Eligibility>
  /** Whether this person may request a release. */
  requester(who: Presence, requesters: Requesters, maxAge?: MaxAge): Promise<Eligibility>
  /** The time zone that a person has set, an IANA name. Throws `Trouble` if Slack does not send it. */
  zone(id: PersonId): Promise<string>
  /** The name of a person who was looked up within the last minute, for reports; else null. Sends no request. */
  knownName(id: PersonId): string | null
  /** How many people of the list could approve. Throws `Trouble` if a group or a person cannot be looked up. */
  eligibleApprovers(list: readonly string[], ask: EligibleApproversAsk): Promise<EligibleApprovers>
}

/** `outside`: shared with another organization, or about to be. `hidden`: the channel does not exist, or twokey is not in it. */
export type Sharing = 'inside' | 'outside' | 'hidden'

/** The channels in which people request and approve, as Slack reports them. `maxAge` absent: a minute. */
export interface Channels {
  /** Throws `Trouble` if it cannot be determined. */
  sharing(channel: string, maxAge?: MaxAge): Promise<Sharing>
}

/**
 * A named point at which a test can stop the process, between every commit and every effect. Does nothing in production. Named
 * after what follows (`before dispatch`) or what was done (`card posted`, `approval→ready committed`).
 */
export type Checkpoint = (name: string) => Promise<void> | void
