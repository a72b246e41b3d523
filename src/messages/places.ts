import type { Time } from '../release/names.ts'

/** Where a card is: its channel, and its `ts` there. */
export type CardPlace = { readonly channel: string; readonly ts: string }

/** The web address of a card. Source: the form of `permalink` in docs.slack.dev, chat.getPermalink. */
export function cardAddress({ channel, ts }: CardPlace, workspace: string): string {
  return `${workspace.replace(/\/$/, '')}/archives/${channel}/p${ts.replace('.', '')}`
}

/** A position in the list of releases: the releases older than this one, or the next newer ones. */
export type HistoryCursor = {
  readonly go: 'older' | 'newer'
  readonly requestedAt: Time
  readonly id: string
}
