import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import type { Demo } from '../../sandbox/demo/open.ts'
import { openBrowser, openTestDemo, type ViewOptions, type Visitor, visit } from './browser.ts'

/** The demo of the current test, and its visitors. */
export type DemoOfTest = {
  demo(): Demo
  enter(look?: ViewOptions): Promise<Visitor>
}

/**
 * One browser for a block of tests, and a demo for each test. After each test its visitors leave, and must not have
 * logged errors.
 */
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
    expect(visitors.flatMap(({ browserErrors }) => browserErrors)).toEqual([])
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
