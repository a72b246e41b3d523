import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Demo } from '../../src/demo/open.ts'
import { hasBrowser, openBrowser, openTestDemo, type Visitor, visit } from './stage.ts'

describe.skipIf(!hasBrowser)('people at the page', { timeout: 90_000 }, () => {
  let browser: Browser
  let demo: Demo
  let visitor: Visitor

  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  beforeEach(async () => {
    demo = await openTestDemo()
    visitor = await visit(browser, demo.url)
    return async () => {
      await visitor.leaves()
      await demo.close()
      expect(visitor.complaints).toEqual([])
    }
  })

  /** A new commit on main, asked for by Ana and approved by Ben and Chloe. */
  async function ship(troubles: readonly string[] = []): Promise<void> {
    await visitor.page.getByRole('button', { name: 'Push a commit to main' }).click()
    for (const trouble of troubles) await visitor.page.getByRole('switch', { name: trouble }).click()
    await visitor.becomes('Ana')
    await visitor.types('/deploy prod')
    await visitor.sees('awaiting approval')
    for (const approver of ['Ben', 'Chloe']) {
      await visitor.becomes(approver)
      await visitor.presses('approve')
      await visitor.card().getByText(`@${approver}`).last().waitFor()
    }
  }

  it('Ana deploys, Ben and Chloe approve, and it succeeds', async () => {
    await ship()
    await visitor.sees('succeeded')
    const prod = visitor.page.getByRole('region', { name: 'blog-cluster-prod' })
    expect(await prod.innerText()).toContain('blog-api:44')
  })

  it('Ben rejects, and that is the end of it', async () => {
    await visitor.page.getByRole('button', { name: 'Push a commit to main' }).click()
    await visitor.types('/deploy prod')
    await visitor.sees('awaiting approval')
    await visitor.becomes('Ben')
    await visitor.presses('reject')
    await visitor.sees('rejected')
    expect(await visitor.card().getByRole('button', { name: 'Approve' }).count()).toBe(0)
  })

  it('a rollout that the circuit breaker takes back is shown as such', async () => {
    await ship(['New tasks are unhealthy'])
    await visitor.sees('rolled back')
    await visitor.page.getByRole('article').filter({ hasText: 'replied to a thread' }).last().waitFor()
  })

  it('the bot is killed in the middle, started again, and goes on', async () => {
    await ship()
    await visitor.sees('running')
    await visitor.page.getByRole('button', { name: 'Kill twokey' }).click()
    await visitor.page.getByText('twokey is not running.').waitFor()
    await visitor.types('/deploy status')
    await visitor.page.locator('main').getByText('dispatch_failed').waitFor()
    await visitor.page.getByRole('button', { name: 'Start twokey' }).click()
    await visitor.sees('succeeded')
  })

  it('Eli may not approve, and he alone is told', async () => {
    await visitor.page.getByRole('button', { name: 'Push a commit to main' }).click()
    await visitor.types('/deploy prod')
    await visitor.sees('awaiting approval')
    await visitor.becomes('Eli')
    await visitor.presses('approve')
    await visitor.page.locator('main').getByText('Only visible to you').waitFor()
    await visitor.becomes('Ana')
    await visitor.page.locator('main').getByText('Only visible to you').waitFor({ state: 'detached' })
    await visitor.presses('cancel')
    await visitor.confirms()
    await visitor.sees('cancelled')
  })

  it('whoever is mentioned gets a badge', async () => {
    const other = await visit(browser, demo.url)
    await other.becomes('Dai')
    await visitor.page.getByRole('button', { name: 'Push a commit to main' }).click()
    await visitor.becomes('Ana')
    await visitor.types('/deploy prod')
    await visitor.sees('awaiting approval')
    await visitor.page.getByRole('radio', { name: /Ben.* unread mentions/ }).waitFor()
    await other.page.getByText('New mention in #deploys').first().waitFor()
    await visitor.presses('cancel')
    await visitor.confirms()
    await other.sees('cancelled')
    await other.leaves()
  })
})
