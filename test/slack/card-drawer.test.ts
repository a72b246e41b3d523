import { expect, it } from 'vitest'
import type { Release } from '../../src/release/release.ts'
import { cardDrawer, type DrawnCard } from '../../src/slack/send-card.ts'
import type { DueCard } from '../../src/store/store.ts'
import { channel } from './harness.ts'
import { DrivenRelease } from './releases.ts'

const minute = 60_000

/** The card of a release, which waits for Slack's rate limit. */
const dueOf = (release: Release, version: number): DueCard => ({
  release,
  version,
  channel,
  ts: null,
  replaces: null,
  sendingSince: null,
  shown: null,
})

const lastLine = ({ message }: DrawnCard) => JSON.stringify(message.blocks.at(-1))

it('a card that waits is drawn once, with the time of each look', () => {
  const draw = cardDrawer()
  const { release } = new DrivenRelease().dispatched()
  const now = Date.now()
  const first = draw(dueOf(release, 1), now)
  const second = draw(dueOf(release, 1), now + 10 * minute)
  expect(second.message.blocks[0]).toBe(first.message.blocks[0])
  expect(second.shown).toBe(first.shown)
  expect(lastLine(second)).not.toBe(lastLine(first))
})

it('a changed card is drawn again', () => {
  const draw = cardDrawer()
  const driven = new DrivenRelease()
  const before = draw(dueOf(driven.release, 1), Date.now())
  const after = draw(dueOf(driven.approvedBy('U0BEN').release, 2), Date.now())
  expect(after.shown).not.toBe(before.shown)
  expect(after.message.text).toContain('1 of 2')
})
