import type { Time } from '../release/names.ts'

/** Where a card is: its channel, and its `ts` there. */
export type CardPlace = { readonly channel: string; readonly ts: string }

/** A place in the list of releases: those older than this one, or the newer ones that stand next to it. */
export type HistoryCursor = {
  readonly go: 'older' | 'newer'
  readonly requestedAt: Time
  readonly id: string
}
