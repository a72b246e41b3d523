import { describe, expect, it } from 'vitest'
import { dispatchRoute } from '../scenarios/harness.ts'
import { hasBrowser, phone, picture, type Visitor } from './browser.ts'
import { demoForEach } from './demo-for-each.ts'

describe.skipIf(!hasBrowser)('stories on the demo page', { timeout: 90_000 }, () => {
  const { demo, enter } = demoForEach()

  async function asks(visitor: Visitor): Promise<void> {
    await visitor.becomes('Ana')
    await visitor.types('/deploy prod')
    await visitor.sees('awaiting approval')
  }

  /** Ben and Chloe approve, and each approval appears on the card. */
  async function approve(visitor: Visitor): Promise<void> {
    for (const approver of ['Ben', 'Chloe']) {
      await visitor.becomes(approver)
      await visitor.presses('approve')
      await visitor.card().getByText(`@${approver}`).last().waitFor()
    }
  }

  it('Ana deploys, Ben and Chloe approve, and it succeeds', async () => {
    const visitor = await enter()
    await asks(visitor)
    await approve(visitor)
    await visitor.sees('succeeded')
    const prod = visitor.page.getByRole('region', { name: 'blog-api blog-cluster-prod' })
    await prod.getByText('blog-api:44').first().waitFor()
    await picture(visitor, 'deploy')
  })

  it('Ben approves on his phone', async () => {
    const visitor = await enter({ ...phone, scale: 2 })
    await asks(visitor)
    await visitor.becomes('Ben')
    await picture(visitor, 'phone')
    await visitor.presses('approve')
    await visitor.card().getByText('1 of 2').waitFor()
  })

  it('Ben rejects with a reason, and the release ends rejected', async () => {
    const visitor = await enter()
    const form = visitor.form('Reason for rejecting')
    await asks(visitor)
    await visitor.becomes('Ben')
    await visitor.presses('reject')
    await visitor.sees('rejected')
    await form.getByLabel('Reason').fill('The feed is slow since Tuesday')
    await form.getByRole('button', { name: 'Save reason' }).click()
    await form.waitFor({ state: 'detached' })
    await visitor.card().getByText('The feed is slow since Tuesday').waitFor()
    expect(await visitor.card().getByRole('button', { name: 'Approve' }).count()).toBe(0)
    expect(demo().sandbox.github.log.of(dispatchRoute)).toEqual([])
  })

  it('Ben continues a canary, then Ana rolls it back', async () => {
    const visitor = await enter()
    const headline = (words: RegExp) => visitor.card().getByText(words).first().waitFor({ timeout: 60_000 })
    await visitor.becomes('Ana')
    await visitor.types('/deploy prod blog-search')
    await headline(/ – awaiting approval/)
    await approve(visitor)
    await headline(/paused/)
    await visitor.card().getByText('0 % of production traffic').first().waitFor()
    await visitor.becomes('Ben')
    await visitor.presses('continue')
    await visitor.confirms()
    await visitor.card().getByText('10 % of production traffic').first().waitFor({ timeout: 60_000 })
    await visitor.becomes('Ana')
    await visitor.presses('stop-rollout')
    await visitor.confirms()
    await headline(/rolled back/)
    const service = demo().sandbox.aws.world.service('blog-cluster-prod', 'blog-search')!
    expect(service.taskDefinition).toMatchObject({ family: 'blog-search', revision: 12 })
  })

  it('a rollout that the circuit breaker rolls back is shown as rolled back', async () => {
    const visitor = await enter({ width: 1200, height: 840, colorScheme: 'dark' })
    await visitor.page.getByRole('switch', { name: 'New tasks become unhealthy' }).click()
    await asks(visitor)
    await approve(visitor)
    await visitor.sees('rolled back')
    await visitor.page.getByRole('article').filter({ hasText: 'replied to a thread' }).last().waitFor()
    const prod = visitor.page.getByRole('region', { name: 'blog-api blog-cluster-prod' })
    await prod.getByText('Rollback successful').waitFor()
    expect(await prod.locator('.deployment.primary').innerText()).toContain('blog-api:43')
    await picture(visitor, 'rollback-dark')
  })

  it('a deploy continues after the bot was killed and started again', async () => {
    const visitor = await enter()
    const { page } = visitor
    await asks(visitor)
    await approve(visitor)
    await expect.poll(() => demo().sandbox.github.log.of(dispatchRoute).length).toBe(1)
    await page.getByRole('button', { name: 'Kill twokey' }).click()
    await page.getByText('twokey is not running.').waitFor()
    await visitor.types('/deploy status')
    await page.locator('main').getByText('dispatch_failed').waitFor()
    await page.getByRole('button', { name: 'Start twokey' }).click()
    await visitor.sees('succeeded')
    expect(demo().sandbox.github.log.of(dispatchRoute)).toHaveLength(1)
    await expect.poll(() => page.locator('main article', { hasText: 'release r-' }).count()).toBe(1)
  })

  it('Eli may not approve and only he sees the refusal; Ana confirms a dialog to cancel', async () => {
    const visitor = await enter()
    const onlyYou = visitor.page.locator('main').getByText('Only visible to you')
    await asks(visitor)
    await visitor.becomes('Eli')
    await visitor.presses('approve')
    await onlyYou.waitFor()
    await visitor.becomes('Ana')
    await onlyYou.waitFor({ state: 'detached' })
    await visitor.presses('cancel')
    await visitor.confirms()
    await visitor.sees('cancelled')
  })

  it('Ana requests, Ben approves and Ana cancels by keyboard only', async () => {
    const visitor = await enter()
    const { page } = visitor
    const { keyboard } = page
    const isOn = (name: string) =>
      page.evaluate(() => document.activeElement?.textContent?.trim()).then((on) => on === name)
    const tabsTo = async (name: string) => {
      for (let presses = 0; presses < 60 && !(await isOn(name)); presses += 1) await keyboard.press('Tab')
      expect(await isOn(name)).toBe(true)
    }
    await page.getByRole('combobox', { name: 'Message #deploys' }).focus()
    await keyboard.type('/dep')
    await keyboard.press('Tab')
    await keyboard.type('prod')
    await keyboard.press('Enter')
    await visitor.sees('awaiting approval')
    await page.getByRole('radio', { name: /^Ana/ }).focus()
    await keyboard.press('ArrowDown')
    await page.getByRole('radio', { name: /^Ben/, checked: true }).waitFor()
    await tabsTo('Approve')
    await keyboard.press('Enter')
    await visitor.card().getByText('1 of 2').waitFor()
    await page.getByRole('radio', { name: /^Ben/ }).focus()
    await keyboard.press('ArrowUp')
    await page.getByRole('radio', { name: /^Ana/, checked: true }).waitFor()
    await tabsTo('Cancel')
    await keyboard.press('Enter')
    await page.locator('dialog.confirm').waitFor()
    await keyboard.press('Tab')
    await keyboard.press('Enter')
    await visitor.sees('cancelled')
  })

  it('a mentioned person gets a badge and a toast', async () => {
    const visitor = await enter()
    const other = await enter()
    await other.becomes('Dai')
    await asks(visitor)
    await visitor.page.getByRole('radio', { name: /Ben.* unread mention/ }).waitFor()
    await other.page.getByText('New mention in #deploys').first().waitFor()
  })
})
