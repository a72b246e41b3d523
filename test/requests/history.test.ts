import { expect, it, onTestFinished } from 'vitest'
import type { HistoryAsked, Period } from '../../src/messages/intent.ts'
import { Trouble } from '../../src/ports/ports.ts'
import { history } from '../../src/requests/history.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { requestedDeploy, save, start, worker } from '../store/fixtures.ts'
import { ownFolder } from '../store/folder.ts'

/** Tuesday, 1:30 in Seoul, where Ben is. */
const now = Date.parse('2026-11-23T16:30:00Z')
const people = { zone: async () => 'Asia/Seoul' }

const everything: HistoryAsked = {
  ask: 'history',
  service: null,
  environment: null,
  requester: null,
  from: null,
}

/** A store with this many releases, oldest first, every third of them Ben's. */
async function storeWith(count: number): Promise<Store> {
  const store = await openSqliteStore({ folder: ownFolder() })
  onTestFinished(() => store.close())
  for (let number = 0; number < count; number += 1) await add(store, number)
  return store
}

function add(store: Store, number: number): Promise<void> {
  const id = `r-${String(number).padStart(2, '0')}`
  const requester = number % 3 === 0 ? 'U0BEN' : 'U0ANA'
  return start(
    store,
    requestedDeploy(id, { at: 1_000 + number, requester, targets: [{ ...worker, service: id }] }),
  )
}

/** The numbers on a page, and the pages before and after it. */
async function page(store: Store, ask: HistoryAsked) {
  const reply = await history({ store, people, clock: () => now }, ask, 'U0BEN')
  if (reply.reply !== 'history') throw new Error(`no history but ${reply.reply}`)
  return { ...reply.pages, numbers: reply.releases.map(({ id }) => Number(id.slice(2))) }
}

const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => from - index)

it('history pages go forward and back, and the first page is full, whatever was added', async () => {
  const store = await storeWith(23)
  const first = await page(store, everything)
  expect(first).toMatchObject({ numbers: down(22, 13), previous: null })
  const second = await page(store, first.next!)
  expect(second.numbers).toEqual(down(12, 3))
  const last = await page(store, second.next!)
  expect(last).toMatchObject({ numbers: [2, 1, 0], next: null })

  await add(store, 23)
  await add(store, 24)
  const back = await page(store, last.previous!)
  expect(back.numbers).toEqual(second.numbers)
  const top = await page(store, back.previous!)
  expect(top.numbers).toEqual(first.numbers)
  expect(await page(store, top.previous!)).toMatchObject({ numbers: down(24, 15), previous: null })
})

it('history ends after a page that is exactly full', async () => {
  const store = await storeWith(10)
  expect(await page(store, everything)).toMatchObject({ numbers: down(9, 0), previous: null, next: null })
})

it('history of me stays that of the caller on later pages', async () => {
  const store = await storeWith(36)
  const first = await page(store, { ...everything, requester: 'me' })
  expect(first.numbers).toEqual([33, 30, 27, 24, 21, 18, 15, 12, 9, 6])
  expect(first.next).toMatchObject({ requester: 'U0BEN' })
  expect((await page(store, first.next!)).numbers).toEqual([3, 0])
})

it('a person’s history has what they requested and what they approved, or one of the two', async () => {
  const store = await storeWith(6)
  const release = await store.release('r-04')
  await save(store, { ...release!, approvals: [{ by: 'U0BEN', at: 1_010, via: 'S0OPS' }] })
  const of = async (as: HistoryAsked['as']) =>
    (await page(store, { ...everything, requester: 'me', ...(as && { as }) })).numbers
  expect(await of('requester or approver')).toEqual([4, 3, 0])
  expect(await of('approver')).toEqual([4])
  expect(await of(undefined)).toEqual([3, 0])
})

it('a day is one of the person’s time zone, and later pages keep its date', async () => {
  const store = await openSqliteStore({ folder: ownFolder() })
  onTestFinished(() => store.close())
  const midnight = Date.parse('2026-11-23T15:00:00Z')
  const times = [midnight - 1, ...Array.from({ length: 12 }, (_, index) => midnight + index)]
  for (const [index, at] of times.entries()) {
    const id = `r-${String(index).padStart(2, '0')}`
    await start(store, requestedDeploy(id, { at, targets: [{ ...worker, service: id }] }))
  }
  const first = await page(store, { ...everything, period: { since: 'tuesday' } })
  expect(first.numbers).toEqual(down(12, 3))
  expect(first.next?.period).toEqual({ since: '2026-11-24' })
  expect((await page(store, first.next!)).numbers).toEqual([2, 1])
  expect((await page(store, { ...everything, period: { until: 'yesterday' } })).numbers).toEqual([0])
  expect(
    (await page(store, { ...everything, period: { since: 'monday', until: 'monday' } })).numbers,
  ).toEqual([0])
})

it('a period that ends before it begins, and a day of a person without a time zone, are refused with what to type', async () => {
  const store = await storeWith(1)
  const ask = (period: Period, zone = people.zone) =>
    history({ store, people: { zone }, clock: () => now }, { ...everything, period }, 'U0BEN')
  expect(await ask({ since: '2026-11-24', until: '2026-11-23' })).toMatchObject({
    refusal: {
      code: 'period_reversed',
      next: expect.stringContaining('/deploy history since 2026-11-23 until 2026-11-24'),
    },
  })
  const zoneless = async () => {
    throw new Trouble('passing', 'Slack could not be reached')
  }
  expect(await ask({ since: 'tuesday' }, zoneless)).toMatchObject({
    refusal: { code: 'cannot_see', sentence: expect.stringContaining('Slack could not be reached') },
  })
})
