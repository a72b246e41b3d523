import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import type { Demo } from '../../sandbox/demo/open.ts'
import { type Look, openBrowser, openTestDemo, type Visitor, visit } from './browser.ts'

/** The demo of the test that runs, and who is at its page. */
export type DemoOfTest = {
  demo(): Demo
  enter(look?: Look): Promise<Visitor>
}

/** A browser for the tests of a block, and a demo for each: whoever entered leaves after it, with nothing to complain of. */
export function demoForEach(): DemoOfTest {
  let browser: Browser
  let demo: Demo
  let visitors: Visitor[] = []

  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    demo = await openTestDemo()
  })
  afterEach(async () => {
    for (const visitor of visitors) await visitor.leaves()
    await demo.close()
    expect(visitors.flatMap(({ complaints }) => complaints)).toEqual([])
    visitors = []
  })

  return {
    demo: () => demo,
    async enter(look = {}) {
      const visitor = await visit(browser, demo.url, look)
      visitors.push(visitor)
      return visitor
    },
  }
}
