import type { Action } from '../release/state.ts'

/** What a person asked, as understood: a command that was typed, or a button that was pressed. */
export type Asked =
  /** `service` null: the only one, else the default one, else a form. */
  | {
      readonly ask: 'deploy'
      readonly service: string | null
      readonly environment: string
      readonly ref: string | null
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
  | { readonly ask: 'status' }
  | { readonly ask: 'history'; readonly service: string | null; readonly environment: string | null }
  | {
      readonly ask: 'lock'
      readonly environment: string
      readonly service: string | null
      readonly reason: string
    }
  | { readonly ask: 'unlock'; readonly environment: string; readonly service: string | null }
  | { readonly ask: 'cancel' }
  | { readonly ask: 'help'; readonly command: string }
  /** Not understood: never guessed at. `nearest`: a whole command to copy. */
  | {
      readonly ask: 'unclear'
      readonly command: string
      readonly said: string
      readonly why: string
      readonly nearest: string | null
    }
  /** Why a release was rejected: a person's words. */
  | { readonly ask: 'reason'; readonly releaseId: string; readonly reason: string }
  | {
      readonly ask: 'action'
      readonly action: Action
      readonly releaseId: string
      /** Which asking for keys the card showed; null where the button named none. */
      readonly round: number | null
      readonly card: { readonly channel: string; readonly ts: string }
    }

/** Who asked, from where. Ids only: names are nobody's proof. */
export type Origin = {
  readonly user: string
  readonly team: string
  readonly channel: string
  /** Where an answer to this person alone goes; valid for 30 minutes. */
  readonly responseUrl: string | null
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
