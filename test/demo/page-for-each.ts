import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { channel } from '../sandbox/slack-app.ts'
import { openBrowser, type ViewOptions, type Visitor, visit } from './browser.ts'
import { openPageHarness, type PageHarness } from './page-harness.ts'

/** The page harness of the current test. */
export type PageOfTest = {
  pageHarness(): PageHarness
  /** Opens the harness and its page. */
  open(look?: ViewOptions, listeners?: Parameters<typeof openPageHarness>[0]): Promise<Visitor>
  /** Another visitor opens the page; the test must close it. */
  enter(): Promise<Visitor>
  /** Posts as the app in the channel. */
  post(text: string, more?: object): ReturnType<PageHarness['client']['chat']['postMessage']>
}

/**
 * One browser for a block of tests. After each test its harness is closed, and its visitor must not have logged errors.
 */
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
        expect(visitor.browserErrors).toEqual([])
      }
      return visitor
    },
    enter: () => visit(browser, pageHarness.url),
    post: (text, more = {}) => pageHarness.client.chat.postMessage({ channel, text, ...more }),
  }
}
