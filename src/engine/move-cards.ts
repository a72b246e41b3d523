import type { Clock } from '../ports/clock.ts'
import { awaitsAcknowledgement } from '../release/policy/acknowledgement.ts'
import type { Release } from '../release/release.ts'
import { type Settings, serviceEnvironmentOf } from '../settings/settings.ts'
import type { OnSetAside, Store } from '../store/store.ts'
import { decideWithin } from './commit.ts'

type MoveDeps = {
  readonly store: Store
  readonly settings: Settings
  readonly clock: Clock
  readonly onSetAside: OnSetAside
  /** The channel of twokey.yml for notices without a channel of their own. */
  readonly channel: string
}

/**
 * Moves the cards of releases that are not finished to the channel that twokey.yml now names, and with them the
 * notices that wait for a channel it no longer names. The old channel may be archived. Runs at the start, before
 * anything is sent to Slack.
 */
export async function moveCards(deps: MoveDeps): Promise<void> {
  const { store, settings, channel: to } = deps
  const known = [to, ...settings.serviceEnvironments.map(({ channel }) => channel)]
  await store.transact((tx) => tx.moveNotices({ known, to }))
  const ended = (await store.awaitingAcknowledgement()).filter(awaitsAcknowledgement)
  for (const release of [...(await store.inFlight()), ...ended]) {
    try {
      await moveCard(deps, release)
    } catch (error) {
      deps.onSetAside({ what: 'card', id: release.id, error })
    }
  }
}

async function moveCard({ store, settings, clock }: MoveDeps, { id, ...named }: Release): Promise<void> {
  const channel = serviceEnvironmentOf(settings, named)?.channel
  if (channel === undefined || channel === named.channel) return
  await store.transact(async (tx) => {
    const release = await tx.releaseForUpdate(id)
    if (release === null || release.channel === channel) return
    const now = clock()
    await decideWithin(tx, { release, input: { on: 'channel-changed', channel }, settings, now })
    await tx.moveCard(id, channel, now)
  })
}
