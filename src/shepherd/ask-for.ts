import type { InboxItem } from './asked.ts'
import { type AnswerNeeds, cannotSee, refused, within } from './finish.ts'
import { place as placeRelease } from './place.ts'
import type { Prepared } from './prepare.ts'
import type { ServiceEnvironment } from './settings.ts'

/** The way of every new release, whether it was typed or a button asked for it. */
export async function askFor(
  needs: AnswerNeeds,
  item: InboxItem,
  place: ServiceEnvironment,
  prepare: () => Promise<Prepared>,
): Promise<void> {
  const prepared = await prepareSafely(prepare)
  if ('refused' in prepared) return refused(needs, item, prepared.refused)
  await needs.checkpoint('before request committed')
  await within(needs, item, async (tx, now) => {
    const placed = await placeRelease(tx, { request: prepared.request, settings: needs.settings, now })
    if ('refused' in placed) return { reply: 'refusal', refusal: placed.refused }
    if (place.channel === item.from.channel) return null
    return { reply: 'asked', releaseId: placed.release.id, headline: placed.headline, channel: place.channel }
  })
  await needs.checkpoint('request committed')
}

async function prepareSafely(prepare: () => Promise<Prepared>): Promise<Prepared> {
  try {
    return await prepare()
  } catch (error) {
    return { refused: cannotSee(error) }
  }
}
