import { expect, test } from 'vitest'
import type { InboxItem } from '../../src/messages/intent.ts'
import { FairQueue } from '../../src/requests/fair-queue.ts'
import { ana, ben, chloe } from '../release/driver.ts'

const gus = 'U0GUS'

let count = 0
function item(user: string): InboxItem {
  count += 1
  return {
    id: `${user} ${count}`,
    asked: { ask: 'help', command: '/deploy' },
    from: { user, team: 'T0TEAM', channel: 'C0DEPLOYS', responseUrl: null },
    receivedAt: count,
  }
}

/** Takes items as long as possible; returns the people who sent them, in order. */
function taken(waiting: FairQueue, inHand: InboxItem[] = []): readonly string[] {
  const order: string[] = []
  for (let next = waiting.take(inHand); next !== null; next = waiting.take(inHand)) {
    inHand.push(next)
    order.push(next.from.user)
  }
  return order
}

function of(people: ConstructorParameters<typeof FairQueue>[0], ...users: readonly string[]): FairQueue {
  const waiting = new FairQueue(people)
  for (const user of users) waiting.add(item(user))
  return waiting
}

test('one person has at most ten items in progress, and the next as soon as one is done', () => {
  const inHand: InboxItem[] = []
  const waiting = of([], ...Array.from({ length: 15 }, () => gus))
  expect(taken(waiting, inHand)).toHaveLength(10)
  inHand.splice(3, 2)
  expect(taken(waiting, inHand)).toHaveLength(2)
})

test('two accounts of one person count as one', () => {
  const waiting = of(
    [{ slack: [ben, chloe] }],
    ...Array.from({ length: 15 }, (_, at) => (at % 2 ? ben : chloe)),
  )
  expect(taken(waiting)).toHaveLength(10)
})

test('the person with fewer items in progress comes first; of equals, the earlier request', () => {
  expect(taken(of([], gus, gus, gus, ana, ben, ana))).toEqual([gus, ana, ben, gus, ana, gus])
})

test('people with quick requests take turns, however many one of them has sent', () => {
  const waiting = of([], ...Array.from({ length: 100 }, () => gus), ana, ben)
  const order = [1, 2, 3, 4].map(() => waiting.take([])?.from.user)
  expect(order).toEqual([gus, ana, ben, gus])
})

test('each person’s requests keep their order', () => {
  const waiting = of([], gus, gus, gus)
  const inHand: InboxItem[] = []
  taken(waiting, inHand)
  expect(inHand.map(({ receivedAt }) => receivedAt)).toEqual(
    inHand.map(({ receivedAt }) => receivedAt).toSorted((one, other) => one - other),
  )
})

test('an item that is put back comes before later ones of its person', () => {
  const waiting = of([], gus, gus, gus, gus)
  const [first, second] = [waiting.take([]), waiting.take([])]
  if (!first || !second) throw new Error('nothing waits')
  waiting.putBack([first, second])
  const inHand: InboxItem[] = []
  expect(taken(waiting, inHand)).toHaveLength(4)
  expect(inHand.slice(0, 2)).toEqual([first, second])
})

test('at most a hundred items are in progress', () => {
  const crowd = Array.from({ length: 300 }, (_, at) => `U0${at % 30}`)
  expect(taken(of([], ...crowd))).toHaveLength(100)
})
