import type { LogPointer } from './log-pointer.ts'
import type { LookName } from './look.ts'
import type { PersonId, Target, Time } from './names.ts'
import type { Freeze, FreezeEffect } from './policy/freeze.ts'
import type { Lock } from './policy/lock.ts'
import type { ReplacedRelease } from './replacement.ts'
import type { Revision } from './revision.ts'
import type { ShownEffect } from './shown-on-github.ts'
import type { Beyond, MigrationSighting, ReviewOnGitHub, RolloutSighting, RunSighting } from './sighting.ts'
import type { Outcome } from './stage.ts'
import type { SteerEffect, SteerPost } from './steer.ts'
import type { Subject } from './subject.ts'
import type { RolloutAfterEnd } from './tracks.ts'

/**
 * A post about what happened, in the card's thread or in the channel. `key` is unique within a release, so each is
 * posted once.
 */
export type ReleasePost = {
  readonly key: string
  readonly story: ThreadPost
  readonly where: 'thread' | 'channel'
  /** The head of the release's audit chain at an end, so that Slack shows it too. */
  readonly head?: AuditHead
  /** The head of another chain that no post of its own shows. */
  readonly also?: ChainEnd
}

/**
 * Why a card was posted again. `uneditable`: it exists but cannot be edited. `gone`: it was deleted. `moved`:
 * twokey.yml names another channel.
 */
export type CardLoss = 'uneditable' | 'gone' | 'moved'

/** A message in Slack. */
type Post = { readonly channel: string; readonly ts: string }

/** An audit chain and its head. */
export type ChainEnd = { readonly chain: string; readonly head: AuditHead }

export type ThreadPost =
  | {
      readonly tell: 'asked'
      readonly by: PersonId
      readonly subject: Subject
      readonly serving: Revision | null
      /** Absent if an older twokey wrote it. */
      readonly behind?: readonly ReplacedRelease[]
    }
  /** The last approval; an older twokey posted each. `required`: absent if that one did. */
  | {
      readonly tell: 'approved'
      readonly by: PersonId
      readonly missing: number
      readonly required?: number
    }
  /** A click on Approve that did not count. */
  | { readonly tell: 'discounted'; readonly by: PersonId; readonly why: string }
  /** An approver withdrew their approval. */
  | { readonly tell: 'withdrawn'; readonly by: PersonId; readonly missing: number }
  | { readonly tell: 'dismissed'; readonly by: PersonId; readonly why: string }
  | { readonly tell: 'voided'; readonly why: string }
  /** twokey.yml was changed: the number of approvals changed. */
  | { readonly tell: 'tightened'; readonly from: number; readonly to: number }
  /** Of older versions: now only the card says so. */
  | { readonly tell: 'run'; readonly run: RunSighting }
  /** Something on GitHub blocks the run (`run.heldBy`) for longer than a moment. `since`: by our clock. */
  | { readonly tell: 'run-held'; readonly run: RunSighting; readonly since: Time }
  | { readonly tell: 'run-ended-early'; readonly run: RunSighting }
  /** The run, or a migration, was still in progress at the end of the release. Now nothing is. */
  | { readonly tell: 'run-ended'; readonly run: RunSighting }
  /**
   * A rollout while the run continued after the end of the release. `mention`: set if it is the release's own
   * version.
   */
  | {
      readonly tell: 'rolled-out-after-end'
      readonly rollouts: readonly RolloutAfterEnd[]
      readonly mention: readonly string[]
    }
  /** The end of a rollout that began after the run had ended. `mention`: set for the first that ended badly. */
  | { readonly tell: 'rolled-out-late'; readonly late: RolloutAfterEnd; readonly mention: readonly string[] }
  /** A target had more late rollouts than are stored and posted. */
  | { readonly tell: 'more-rolled-out-late'; readonly target: Target }
  /**
   * The end of a later attempt of the run, which somebody started on GitHub after its end. `serving`: null if it
   * could not be read.
   */
  | {
      readonly tell: 'started-again'
      readonly run: RunSighting
      readonly login: string | null
      readonly serving: readonly { readonly target: Target; readonly revision: Revision | null }[]
    }
  /** twokey stops following something that was still in progress long after the end. */
  | { readonly tell: 'given-up'; readonly what: 'later attempt' | 'migration' }
  | { readonly tell: 'migration'; readonly migration: MigrationSighting }
  /** ECS has not started the migration for longer than a moment. */
  | { readonly tell: 'migration-held'; readonly migration: MigrationSighting }
  /** A migration that still ran at the end of the release has stopped. `mention`: set if it failed. */
  | {
      readonly tell: 'migration-after-end'
      readonly migration: MigrationSighting
      readonly mention: readonly string[]
    }
  /** Of older versions, too. */
  | {
      readonly tell: 'rollout'
      readonly target: Target
      readonly rollout: RolloutSighting
      readonly from: Revision | null
    }
  /** The run started on another workflow or commit than was approved. It is cancelled, and followed to its end. */
  | { readonly tell: 'foreign-head'; readonly reason: string; readonly mention: readonly string[] }
  /** A rollback runs something that was not approved. It is followed to its end. */
  | { readonly tell: 'unapproved'; readonly reason: string; readonly mention: readonly string[] }
  /**
   * Somebody opened the gate on GitHub, without the approvals here. `by`: GitHub logins. `missing`: approvals that
   * were missing. `mention`: those who should have been asked.
   */
  | {
      readonly tell: 'gate-opened-outside'
      readonly by: readonly string[]
      readonly missing: number
      readonly required: number
      readonly mention: readonly string[]
      /** What becomes of the run. Absent: it goes on. */
      readonly run?: 'goes on' | 'is cancelled'
    }
  /** Somebody approved or rejected the run at a gate on GitHub, beside the approvals here. */
  | { readonly tell: 'gate-reviewed'; readonly review: ReviewOnGitHub }
  /** The run passed the gate after the end of the release, on an approval that twokey had sent before it. */
  | { readonly tell: 'gate-opened-late'; readonly mention: readonly string[] }
  | SteerPost
  | { readonly tell: 'cancelling'; readonly by: PersonId }
  | { readonly tell: 'superseding'; readonly by: string }
  /** GitHub started nothing because of a rate limit. The dispatch is sent again, not before `until`. */
  | { readonly tell: 'limited'; readonly until: Time; readonly reason: string }
  | { readonly tell: 'blind'; readonly look: LookName; readonly since: Time; readonly reason: string }
  | {
      readonly tell: 'late'
      readonly track: 'run' | 'migration' | 'rollout'
      readonly afterMs: number
      /** What blocks it. Absent: nothing is known to, or an older twokey wrote this. */
      readonly why?: string
    }
  /** twokey itself was down, so the card did not change. */
  | { readonly tell: 'was-down'; readonly from: Time; readonly to: Time }
  | { readonly tell: 'settled'; readonly by: PersonId }
  /**
   * A person settled the run, or the migration, so it counts as ended. `left`: after the end of the release, what
   * still blocks others. Absent: the release is under way.
   */
  | { readonly tell: 'run-settled'; readonly by: PersonId; readonly left?: 'migration' }
  | { readonly tell: 'migration-settled'; readonly by: PersonId }
  /**
   * The release that it replaces has ended. `was`: the running revision that the card showed. `approved`: who has
   * approved.
   */
  | {
      readonly tell: 'freed'
      readonly by: readonly ReplacedRelease[]
      readonly was: Revision | null
      readonly serving: Revision | null
      readonly approved: readonly PersonId[]
    }
  /** A rollback passes a lock of deploys. */
  | { readonly tell: 'passes-lock'; readonly lock: Lock }
  /** The release met a freeze. `usual`: the number of approvals without it. */
  | {
      readonly tell: 'frozen'
      readonly effect: Exclude<FreezeEffect, 'none'>
      readonly freeze: Freeze
      readonly usual: number
    }
  /** It was requested as an emergency: `required` approvals instead of `usual`. */
  | {
      readonly tell: 'emergency'
      readonly by: PersonId
      readonly why: string
      readonly required: number
      readonly usual: number
      readonly mention: readonly string[]
    }
  | { readonly tell: 'acknowledged'; readonly by: PersonId }
  /** An emergency that nobody has acknowledged yet. */
  | { readonly tell: 'unacknowledged'; readonly why: string; readonly mention: readonly string[] }
  /** The card was posted again, and its thread continues here. `card`: the earlier one. */
  | { readonly tell: 'card-replaced'; readonly why: CardLoss; readonly card: Post }
  /** Posted in the thread of the earlier card: `card` is the new one. */
  | { readonly tell: 'card-outdated'; readonly why: Exclude<CardLoss, 'gone'>; readonly card: Post }
  /** Why it was rejected. */
  | { readonly tell: 'explained'; readonly by: PersonId; readonly why: string }
  | {
      readonly tell: 'ended'
      readonly outcome: Outcome
      readonly reason: string
      /** The revision that each target runs now; null if it could not be read. */
      readonly serving: readonly { readonly target: Target; readonly revision: Revision | null }[]
      readonly tookMs: number
      /** People and groups to mention; empty for a good end. */
      readonly mention: readonly string[]
      readonly log: LogPointer | null
    }

/** Effects. Those outside are performed after the commit; the others are written within it. */
export type OutsideEffect =
  /** Sent at most once, by the owner that committed it, never again from the stored row. */
  | {
      readonly do: 'dispatch'
      readonly subject: Extract<Subject, { kind: 'deploy' }>
      readonly inputs: Readonly<Record<string, string>>
      /** Whether the request makes GitHub name the run in its answer. */
      readonly details: RunDetails
      /** It is not sent after this time. */
      readonly sendBy: Time
    }
  /** Runs the failed jobs of this attempt again. Sent at most once, as a dispatch is. */
  | {
      readonly do: 'rerun'
      readonly repository: string
      readonly runId: number
      /** The attempt that failed. The request names none, so it is read again right before. */
      readonly attempt: number
      /** It is not sent after this time. */
      readonly sendBy: Time
    }
  /** May be sent again, but only after a look that did not find it. */
  | {
      readonly do: 'update'
      readonly target: Target
      readonly revision: Revision
      /** It is not sent after this time. */
      readonly sendBy: Time
    }
  | SteerEffect
  | { readonly do: 'cancel-run'; readonly repository: string; readonly runId: number }
  /** Opens or closes the gate at which a run waits. It may be sent again after a look that shows that it still waits. */
  | {
      readonly do: 'review-gate'
      readonly repository: string
      readonly runId: number
      /** The attempt that the verdict is for. Reviews name none, so it is read again right before. */
      readonly attempt: number
      readonly environment: string
      readonly verdict: GateVerdict
      /** For people on GitHub: who decided, in one sentence. */
      readonly comment: string
      /** It is not sent after this time. */
      readonly sendBy: Time
    }
  | ShownEffect

/** What twokey answers at a gate. */
export type GateVerdict = 'approved' | 'rejected'

/** `omitted`: an older GitHub Enterprise Server refuses the request for the run's details. */
export type RunDetails = 'asked' | 'omitted'

export type Effect =
  | OutsideEffect
  | ({ readonly do: 'tell' } & ReleasePost)
  /** Announces that the run changed other service environments, to the people responsible there. */
  | { readonly do: 'announce-beyond'; readonly changes: readonly Beyond[] }
  /** Stops another release, which this one replaces. */
  | { readonly do: 'supersede'; readonly release: string }
  /** Takes lanes for this release, which holds none. `beside`: the only releases that may hold them as well, by id. */
  | { readonly do: 'hold-lanes'; readonly beside: readonly string[] }
  /** Takes the lanes for this release, whichever release held them. */
  | { readonly do: 'take-lanes' }

/** One row of the audit log, written in the transaction of its change. */
export type AuditEntry = {
  /** A Slack user id, or `twokey`. */
  readonly actor: string
  readonly what: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** The head of a chain: its number of rows, and the hash of the last one. */
export type AuditHead = { readonly seq: number; readonly hash: string }
