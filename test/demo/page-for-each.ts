import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { channel } from '../sandbox/slack-app.ts'
import { type Look, openBrowser, type Visitor, visit } from './browser.ts'
import { openPageHarness, type PageHarness } from './page-harness.ts'

/** The page harness of the test that runs, once it is open. */
export type PageOfTest = {
  pageHarness(): PageHarness
  /** Opens it, and its page. */
  open(look?: Look, listeners?: Parameters<typeof openPageHarness>[0]): Promise<Visitor>
  /** Somebody else comes to its page, who leaves by themselves. */
  enter(): Promise<Visitor>
  /** The app writes into the channel. */
  post(text: string, more?: object): ReturnType<PageHarness['client']['chat']['postMessage']>
}

/** A browser for the tests of a block; whoever opened a page harness leaves it after the test, with nothing to complain of. */
export function pageForEach(): PageOfTest {
  let browser: Browser
  let pageHarness: PageHarness
  let close = async () => {}

  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterEach(() => close())
  afterAll(() => browser?.close())

  return {
    pageHarness: () => pageHarness,
    async open(look = {}, listeners) {
      pageHarness = await openPageHarness(listeners)
      const visitor = await visit(browser, pageHarness.url, look)
      close = async () => {
        await visitor.leaves()
        await pageHarness.close()
        expect(visitor.complaints).toEqual([])
      }
      return visitor
    },
    enter: () => visit(browser, pageHarness.url),
    post: (text, more = {}) => pageHarness.client.chat.postMessage({ channel, text, ...more }),
  }
}
