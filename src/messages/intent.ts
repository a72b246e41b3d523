import type { Action } from '../release/actions/actions.ts'
import type { PersonId } from '../release/names.ts'
import type { Hold } from '../release/policy/locking.ts'
import type { DirectChoice } from './direct.ts'
import type { CardPlace, HistoryCursor } from './places.ts'

/** A person's request, as understood: a typed command, or a clicked button. */
export type Asked =
  /** `service` null: the only one, else the default one, else a form. */
  | {
      readonly ask: 'deploy'
      readonly service: string | null
      readonly environment: string
      readonly ref: string | null
      /** The reason for an emergency; absent: it is none. */
      readonly emergency?: string
    }
  /** `environment` null: the default one. `revision` null: list the revisions to choose from. */
  | {
      readonly ask: 'rollback'
      readonly service: string
      readonly environment: string | null
      readonly revision: number | null
    }
  /** A `/deploy` without words opens the form. */
  | { readonly ask: 'form' }
  | StatusAsked
  | HistoryAsked
  | LockAsked
  | { readonly ask: 'unlock'; readonly environment: string; readonly service: string | null }
  /** `releaseId`: picked from the list of the caller's releases. Absent: the command, of the caller's only one. */
  | { readonly ask: 'cancel'; readonly releaseId?: string }
  | { readonly ask: 'help'; readonly command: string }
  /** Faults in the live setup. `environment` null: of all environments. */
  | { readonly ask: 'doctor'; readonly environment: string | null }
  /** Direct messages to the caller. `choice` null: says the present state. */
  | { readonly ask: 'notify'; readonly choice: DirectChoice | null }
  /**
   * A command that was not understood; nothing is guessed. `nearest`: the same command with one mistyped word corrected, to
   * copy; null if no such correction explains it. `usage`: how such a command is written; absent if an older version of twokey
   * stored the request.
   */
  | {
      readonly ask: 'unclear'
      readonly command: string
      readonly said: string
      readonly why: string
      readonly nearest: string | null
      readonly usage?: string
    }
  /** A command or a flag that twokey understands and that is not built yet. */
  | { readonly ask: 'unsupported'; readonly what: string }
  /** Why a release was rejected, in a person's words. */
  | { readonly ask: 'reason'; readonly releaseId: string; readonly reason: string }
  | {
      readonly ask: 'action'
      readonly action: Action
      readonly releaseId: string
      /** The approval round that the card showed; null if the button named none. */
      readonly round: number | null
      readonly card: CardPlace
    }
  /** A button that resembles twokey's and is none. It only gets an answer and a row in the audit log. */
  | {
      readonly ask: 'unknown-button'
      readonly button: string
      readonly releaseId: string
      readonly card: CardPlace
    }

/** `service` null: the whole environment. */
export type LockAsked = {
  readonly ask: 'lock'
  readonly environment: string
  readonly service: string | null
  readonly reason: string
  /** Null: until a person removes the lock. */
  readonly until: Until | null
  /** Whether the new lock may replace another person's. */
  readonly as: Hold
}

/** When a lock ends: after a duration, or at a time of day in the person's time zone. */
export type Until =
  | { readonly afterMs: number }
  /** `day`: `today`, `tomorrow` or `2026-11-24`. `time`: `09:00`. */
  | { readonly day: string; readonly time: string }

/** The status of service environments; null: all services, or all environments. `page` counts from 0. */
export type StatusAsked = {
  readonly ask: 'status'
  readonly service: string | null
  readonly environment: string | null
  readonly page: number
}

/** Past releases; null: of all services, of all environments, of all people, from the newest on. */
export type HistoryAsked = {
  readonly ask: 'history'
  readonly service: string | null
  readonly environment: string | null
  /** The person whose releases are meant. `me`: the caller. */
  readonly requester: 'me' | PersonId | null
  /** Which releases of that person. Absent: those that they requested. */
  readonly as?: 'requester or approver' | 'approver'
  /** Absent: at any time. */
  readonly period?: Period
  readonly from: HistoryCursor | null
}

/**
 * The days on which releases were requested, in the caller's time zone, the first and the last one included. A day: `today`, `yesterday`,
 * `tuesday` or `2026-11-24`.
 */
export type Period = { readonly since?: string; readonly until?: string }

/** Who sent the request, and from where. It has only ids, because names prove nothing. */
export type Origin = {
  readonly user: string
  /** The person's own workspace, as Slack sent it; empty if Slack did not. */
  readonly team: string
  readonly channel: string
  /** Where an answer to this person alone goes; valid for 30 minutes. */
  readonly responseUrl: string | null
  /** The person turned a page, so the answer replaces the message with the button. */
  readonly turned?: 'page'
}

/**
 * One request, as it is stored before Slack is acknowledged. `id` is Slack's own, so a redelivery has the same: the
 * `trigger_id` of a command or click, which also opens a form; of a form, its id with its hash.
 */
export type InboxItem = {
  readonly id: string
  readonly asked: Asked
  readonly from: Origin
  /** ms since the epoch. */
  readonly receivedAt: number
}
