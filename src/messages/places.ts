import type { Time } from '../release/names.ts'

/** Where a card is: its channel, and its `ts` there. */
export type CardPlace = { readonly channel: string; readonly ts: string }

/** A position in the list of releases: the releases older than this one, or the next newer ones. */
export type HistoryCursor = {
  readonly go: 'older' | 'newer'
  readonly requestedAt: Time
  readonly id: string
}
