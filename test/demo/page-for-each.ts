import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { channel } from '../sandbox/slack-app.ts'
import { type Look, openBrowser, type Visitor, visit } from './browser.ts'
import { openWorkshop, type Workshop } from './page-harness.ts'

/** The workshop of the test that runs, once it is open. */
export type WorkshopOfTest = {
  workshop(): Workshop
  /** Opens it, and its page. */
  open(look?: Look, listeners?: Parameters<typeof openWorkshop>[0]): Promise<Visitor>
  /** Somebody else comes to its page, who leaves by themselves. */
  enter(): Promise<Visitor>
  /** The app writes into the channel. */
  post(text: string, more?: object): ReturnType<Workshop['client']['chat']['postMessage']>
}

/** A browser for the tests of a block; whoever opened a workshop leaves it after the test, with nothing to complain of. */
export function workshopForEach(): WorkshopOfTest {
  let browser: Browser
  let workshop: Workshop
  let close = async () => {}

  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterEach(() => close())
  afterAll(() => browser?.close())

  return {
    workshop: () => workshop,
    async open(look = {}, listeners) {
      workshop = await openWorkshop(listeners)
      const visitor = await visit(browser, workshop.url, look)
      close = async () => {
        await visitor.leaves()
        await workshop.close()
        expect(visitor.complaints).toEqual([])
      }
      return visitor
    },
    enter: () => visit(browser, workshop.url),
    post: (text, more = {}) => workshop.client.chat.postMessage({ channel, text, ...more }),
  }
}
