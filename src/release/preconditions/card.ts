import { always, type Facts, noLooks, open, type Precondition, type Result, waitFor } from './precondition.ts'

/**
 * The release's card is posted, so that nothing starts that nobody in the channel can see. It comes after the checks that may
 * end the release, and before other releases are stopped. A card that is being posted again counts as not posted.
 */
export const card = { name: 'card', appliesTo: always, looks: noLooks, judge } satisfies Precondition

function judge({ release, context }: Facts): Result {
  return context.hasCard ? open() : waitFor(`its card to be posted in <#${release.channel}>`)
}
