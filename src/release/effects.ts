import type { LogPointer } from './log-pointer.ts'
import type { LookName } from './look.ts'
import type { PersonId, Target, Time } from './names.ts'
import type { Freeze, FreezeEffect } from './policy/freeze.ts'
import type { Lock } from './policy/lock.ts'
import type { ReplacedRelease } from './replacement.ts'
import type { Revision } from './revision.ts'
import type { Beyond, MigrationSighting, RolloutSighting, RunSighting } from './sighting.ts'
import type { Outcome } from './stage.ts'
import type { Subject } from './subject.ts'
import type { RolloutAfterEnd } from './tracks.ts'

/** What happened, told once: in the card's thread, or in the channel. `key` is unique within a release. */
export type Told = {
  readonly key: string
  readonly story: ThreadPost
  readonly where: 'thread' | 'channel'
  /** Of the release's audit chain when an end was written, so that Slack is its witness. */
  readonly head?: AuditHead
  /** Where another chain ended that no post of its own shows. */
  readonly also?: ChainEnd
}

/**
 * Why a card was posted again. `uneditable`: it is still there, and cannot be edited. `gone`: it is not there any more. `moved`:
 * twokey.yml names another channel.
 */
export type CardLoss = 'uneditable' | 'gone' | 'moved'

/** A message in Slack. */
type Post = { readonly channel: string; readonly ts: string }

/** An audit chain, and where it ended. */
export type ChainEnd = { readonly chain: string; readonly head: AuditHead }

export type ThreadPost =
  | {
      readonly tell: 'asked'
      readonly by: PersonId
      readonly subject: Subject
      readonly serving: Revision | null
      /** Absent where an older twokey told it. */
      readonly behind?: readonly ReplacedRelease[]
    }
  | { readonly tell: 'approved'; readonly by: PersonId; readonly missing: number }
  /** An approver withdrew their approval. */
  | { readonly tell: 'withdrawn'; readonly by: PersonId; readonly missing: number }
  | { readonly tell: 'dismissed'; readonly by: PersonId; readonly why: string }
  | { readonly tell: 'voided'; readonly why: string }
  /** twokey.yml was edited: how many approvals are asked for. */
  | { readonly tell: 'tightened'; readonly from: number; readonly to: number }
  | { readonly tell: 'run'; readonly run: RunSighting }
  /** Something on GitHub keeps the run from going on for longer than a moment: `run.heldBy`. `since`: by our clock. */
  | { readonly tell: 'run-held'; readonly run: RunSighting; readonly since: Time }
  | { readonly tell: 'run-ended-early'; readonly run: RunSighting }
  /** Its run, or a migration, was still in progress at the end of the release. Now nothing of it is. */
  | { readonly tell: 'run-ended'; readonly run: RunSighting }
  /** While its run went on after the end of the release, this was rolled out. `mention`: where it is the release's own version. */
  | {
      readonly tell: 'rolled-out-after-end'
      readonly rollouts: readonly RolloutAfterEnd[]
      readonly mention: readonly string[]
    }
  /** How a rollout ended that began after the run had ended. `mention`: where it is the first that ended badly. */
  | { readonly tell: 'rolled-out-late'; readonly late: RolloutAfterEnd; readonly mention: readonly string[] }
  /** More of them followed in a target than are kept and told. */
  | { readonly tell: 'more-rolled-out-late'; readonly target: Target }
  /** How a later attempt of its run ended, which somebody started on GitHub after its end. `serving`: null where it could not be read. */
  | {
      readonly tell: 'started-again'
      readonly run: RunSighting
      readonly login: string | null
      readonly serving: readonly { readonly target: Target; readonly revision: Revision | null }[]
    }
  /** What was still in progress long after the end is not followed any more. */
  | { readonly tell: 'given-up'; readonly what: 'later attempt' | 'migration' }
  | { readonly tell: 'migration'; readonly migration: MigrationSighting }
  /** ECS has not started the migration for longer than a moment. */
  | { readonly tell: 'migration-held'; readonly migration: MigrationSighting }
  /** A migration that was still running at the end of the release has stopped. `mention`: where it failed. */
  | {
      readonly tell: 'migration-after-end'
      readonly migration: MigrationSighting
      readonly mention: readonly string[]
    }
  | {
      readonly tell: 'rollout'
      readonly target: Target
      readonly rollout: RolloutSighting
      readonly from: Revision | null
    }
  /** Something keeps the rollout from going on for longer than a moment: `rollout.heldBy`. */
  | {
      readonly tell: 'rollout-held'
      readonly target: Target
      readonly rollout: RolloutSighting
      /** By our clock. */
      readonly since: Time
    }
  | { readonly tell: 'rolling-back'; readonly target: Target; readonly rollout: RolloutSighting }
  /** The run started on another workflow or commit than was approved: it is cancelled, and followed to its end. */
  | { readonly tell: 'foreign-head'; readonly reason: string; readonly mention: readonly string[] }
  /** What runs by a rollback is not what was approved. It is followed to its end. */
  | { readonly tell: 'unapproved'; readonly reason: string; readonly mention: readonly string[] }
  | { readonly tell: 'cancelling'; readonly by: PersonId }
  | { readonly tell: 'superseding'; readonly by: string }
  /** GitHub started nothing, for a rate limit: the dispatch is sent again, not before `until`. */
  | { readonly tell: 'limited'; readonly until: Time; readonly reason: string }
  | { readonly tell: 'blind'; readonly look: LookName; readonly since: Time; readonly reason: string }
  | {
      readonly tell: 'late'
      readonly track: 'run' | 'migration' | 'rollout'
      readonly afterMs: number
      /** What keeps it. Absent: nothing is known to, or an older twokey told it. */
      readonly why?: string
    }
  | { readonly tell: 'settled'; readonly by: PersonId }
  /**
   * The run, or the migration, of a release counts as ended by a person's word. `left`: after the end of the release, what still
   * blocks others. Absent: it is under way.
   */
  | { readonly tell: 'run-settled'; readonly by: PersonId; readonly left?: 'migration' }
  | { readonly tell: 'migration-settled'; readonly by: PersonId }
  /** What it stood behind has ended. `was`: what served as far as the card said. `approved`: whose approvals are in. */
  | {
      readonly tell: 'freed'
      readonly by: readonly ReplacedRelease[]
      readonly was: Revision | null
      readonly serving: Revision | null
      readonly approved: readonly PersonId[]
    }
  /** A rollback goes where a lock keeps deploys out. */
  | { readonly tell: 'passes-lock'; readonly lock: Lock }
  /** It met a freeze. `usual`: how many approvals it needs otherwise. */
  | {
      readonly tell: 'frozen'
      readonly effect: Exclude<FreezeEffect, 'none'>
      readonly freeze: Freeze
      readonly usual: number
    }
  /** It was asked for as an emergency: `required` approvals in place of `usual`. */
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
  /** The card was posted again, and the thread goes on here. `card`: the earlier one. */
  | { readonly tell: 'card-replaced'; readonly why: CardLoss; readonly card: Post }
  /** Told in the thread of the earlier card, which is `card`: where the release goes on. */
  | { readonly tell: 'card-outdated'; readonly why: Exclude<CardLoss, 'gone'>; readonly card: Post }
  /** Why it was rejected. */
  | { readonly tell: 'explained'; readonly by: PersonId; readonly why: string }
  | {
      readonly tell: 'ended'
      readonly outcome: Outcome
      readonly reason: string
      /** The revision that serves each target now; null where it could not be read. */
      readonly serving: readonly { readonly target: Target; readonly revision: Revision | null }[]
      readonly tookMs: number
      /** People and groups to mention; empty for a good end. */
      readonly mention: readonly string[]
      readonly log: LogPointer | null
    }

/** What we want done. Those of the first kind are carried out after the commit; the rest is written within it. */
export type OutsideEffect =
  /** At most once: sent by the owner that committed it, never from the row. */
  | {
      readonly do: 'dispatch'
      readonly subject: Extract<Subject, { kind: 'deploy' }>
      readonly inputs: Readonly<Record<string, string>>
      /** Whether GitHub is asked to name the run in its answer. */
      readonly details: RunDetails
      /** Not sent after this moment. */
      readonly sendBy: Time
    }
  /** May be asked again: carried out only after a look that did not find it. */
  | {
      readonly do: 'update'
      readonly target: Target
      readonly revision: Revision
      /** Not sent after this moment. */
      readonly sendBy: Time
    }
  | { readonly do: 'cancel-run'; readonly repository: string; readonly runId: number }

/** `omitted`: a GitHub Enterprise Server refuses to be asked for the run's details. */
export type RunDetails = 'asked' | 'omitted'

export type Effect =
  | OutsideEffect
  | ({ readonly do: 'tell' } & Told)
  /** The run changed other service environments: those who answer for them learn of it. */
  | { readonly do: 'announce-beyond'; readonly changes: readonly Beyond[] }
  /** Another release gives its place to this one. */
  | { readonly do: 'supersede'; readonly release: string }
  /** The lanes become this release's, whoever held them. */
  | { readonly do: 'take-lanes' }

/** One row of the audit log, written with the change it tells. */
export type AuditEntry = {
  /** A Slack user id, or `twokey`. */
  readonly actor: string
  readonly what: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** The last row of a chain: how many there are, and its hash. */
export type AuditHead = { readonly seq: number; readonly hash: string }

/** What an effect was answered. */
export type Answer =
  | { readonly to: 'dispatch'; readonly answer: 'run'; readonly runId: number; readonly url: string }
  /** 204: accepted, without an id. */
  | { readonly to: 'dispatch'; readonly answer: 'accepted' }
  /** Proven that nothing was started: 403, 404, 422, or no connection. */
  | { readonly to: 'dispatch'; readonly answer: 'refused'; readonly reason: string }
  /** It never left: it was stopped, or its last check had grown old, before it could. It may be sent after another check, under a new mark. */
  | { readonly to: 'dispatch'; readonly answer: 'held back'; readonly reason: string }
  /** Proven that nothing was started, for a rate limit that ends: it may be sent again then, under a new mark. */
  | { readonly to: 'dispatch'; readonly answer: 'limited'; readonly until: Time; readonly reason: string }
  /** Proven that nothing was started: an older server refuses `return_run_details`. It may be sent again without, under a new mark. */
  | { readonly to: 'dispatch'; readonly answer: 'details refused'; readonly reason: string }
  /** It may have been carried out: look. */
  | { readonly to: 'dispatch'; readonly answer: 'unclear'; readonly reason: string }
  | {
      readonly to: 'update'
      readonly target: Target
      readonly answer: 'accepted'
      readonly deploymentId: string
    }
  | { readonly to: 'update'; readonly target: Target; readonly answer: 'refused'; readonly reason: string }
  | { readonly to: 'update'; readonly target: Target; readonly answer: 'unclear'; readonly reason: string }
  | { readonly to: 'cancel-run'; readonly answer: 'accepted' | 'ended' | 'unclear'; readonly reason: string }
