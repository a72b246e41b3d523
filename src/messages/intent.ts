import type { Hold } from '../release/locking.ts'
import type { PersonId } from '../release/names.ts'
import type { Action } from '../release/state.ts'
import type { CardPlace, HistoryCursor } from './places.ts'

/** What a person asked, as understood: a command that was typed, or a button that was pressed. */
export type Asked =
  /** `service` null: the only one, else the default one, else a form. */
  | {
      readonly ask: 'deploy'
      readonly service: string | null
      readonly environment: string
      readonly ref: string | null
      /** Why it is an emergency; absent: it is none. */
      readonly emergency?: string
    }
  /** `environment` null: the default one. `revision` null: show what there is to go back to. */
  | {
      readonly ask: 'rollback'
      readonly service: string
      readonly environment: string | null
      readonly revision: number | null
    }
  /** A bare `/deploy`: the form. */
  | { readonly ask: 'form' }
  | StatusAsked
  | HistoryAsked
  | LockAsked
  | { readonly ask: 'unlock'; readonly environment: string; readonly service: string | null }
  | { readonly ask: 'cancel' }
  | { readonly ask: 'help'; readonly command: string }
  /**
   * Not understood: never guessed at. `nearest`: the same command with one mistyped word corrected, to copy; null: no such
   * correction explains it. `usage`: how such a command is written; absent in what an older twokey stored.
   */
  | {
      readonly ask: 'unclear'
      readonly command: string
      readonly said: string
      readonly why: string
      readonly nearest: string | null
      readonly usage?: string
    }
  /** Understood, and not built yet: a command or a flag. */
  | { readonly ask: 'unsupported'; readonly what: string }
  /** Why a release was rejected: a person's words. */
  | { readonly ask: 'reason'; readonly releaseId: string; readonly reason: string }
  | {
      readonly ask: 'action'
      readonly action: Action
      readonly releaseId: string
      /** Which approval round the card showed; null where the button named none. */
      readonly round: number | null
      readonly card: CardPlace
    }
  /** A button that looks like ours, and is none: nothing comes of it but an answer, and a row in the audit. */
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
  /** Null: until somebody lifts it. */
  readonly until: Until | null
  /** Whose lock gives way to it. */
  readonly as: Hold
}

/** When a lock ends: after so long, or at a time that clocks show where the person is. */
export type Until =
  | { readonly afterMs: number }
  /** `day`: `today`, `tomorrow` or `2026-11-24`. `time`: `09:00`. */
  | { readonly day: string; readonly time: string }

/** What runs where; null: of all of them. `page` counts from 0. */
export type StatusAsked = {
  readonly ask: 'status'
  readonly service: string | null
  readonly environment: string | null
  readonly page: number
}

/** What happened; null: to all of them, by everybody, from the newest on. */
export type HistoryAsked = {
  readonly ask: 'history'
  readonly service: string | null
  readonly environment: string | null
  /** `me`: whoever asks. */
  readonly requester: 'me' | PersonId | null
  readonly from: HistoryCursor | null
}

/** Who asked, from where. Ids only: names are nobody's proof. */
export type Origin = {
  readonly user: string
  /** Their own workspace, as Slack sent it; empty where it did not. */
  readonly team: string
  readonly channel: string
  /** Where an answer to this person alone goes; valid for 30 minutes. */
  readonly responseUrl: string | null
  /** The person turned a page: the answer replaces the message whose button was clicked. */
  readonly turned?: 'page'
}

/**
 * One thing asked, as it is stored before Slack is acknowledged. `id` is Slack's own: a redelivery has the same. Of a
 * command and of a click it is the `trigger_id`, which opens a form; of a form, its id with its hash.
 */
export type InboxItem = {
  readonly id: string
  readonly asked: Asked
  readonly from: Origin
  /** ms since the epoch. */
  readonly receivedAt: number
}
