import { describe, expect, it } from 'vitest'
import { channel } from '../sandbox/slack-app.ts'
import { hasBrowser, overflowing, phone, type Visitor } from './browser.ts'
import { demoForEach } from './demo-for-each.ts'

describe.skipIf(!hasBrowser)('the first steps of the demo', { timeout: 90_000 }, () => {
  const { demo, enter } = demoForEach()
  const guide = ({ page }: Visitor) => page.locator('.first-steps')
  const done = (visitor: Visitor) => guide(visitor).locator('li.done').count()
  const line = (visitor: Visitor, typed: string) => guide(visitor).getByRole('button', { name: typed })

  it.each([{ width: 1280, height: 800 }, phone])(
    'the steps are ticked off by a deploy with two approvals, then suggest to break something: $width px wide',
    async (size) => {
      const visitor = await enter(size)
      const { page } = visitor
      expect(await guide(visitor).locator('li').allInnerTexts()).toEqual([
        expect.stringContaining('/deploy prod'),
        expect.stringContaining('Switch to Ben, press Approve'),
        expect.stringContaining('Switch to Chloe, press Approve'),
      ])
      await line(visitor, '/deploy prod').click()
      await page.keyboard.press('Enter')
      await expect.poll(() => done(visitor)).toBe(1)
      for (const approver of ['Ben', 'Chloe']) {
        await guide(visitor).getByRole('button', { name: approver }).click()
        await visitor.presses('approve')
        if (approver === 'Ben') await expect.poll(() => done(visitor)).toBe(2)
      }
      await guide(visitor).getByRole('heading', { name: 'Approved' }).waitFor()
      await guide(visitor).getByRole('heading', { name: 'Now break something' }).waitFor({ timeout: 60_000 })
      expect(await overflowing(page)).toEqual([])
      const box = await guide(visitor).boundingBox()
      expect(box?.height).toBeLessThan(size.height * 0.4)
      await guide(visitor).getByRole('button', { name: 'Break something' }).click()
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.textContent))
        .toBe('Break something')
      if (size === phone) return
      await guide(visitor).getByRole('button', { name: 'Push a commit' }).click()
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Push a commit')
    },
  )

  it.each([{ width: 1280, height: 800 }, phone])(
    'a pushed commit asks for its approvals, and the steps count them: $width px wide',
    async (size) => {
      const visitor = await enter(size)
      const { page } = visitor
      const scenes = page.getByRole('button', { name: 'Behind the scenes' })
      if (size === phone) await scenes.click()
      await page.getByRole('button', { name: 'Push a commit' }).click()
      if (size === phone) await scenes.click()
      await visitor.sees('awaiting approval')
      await visitor.card().getByText('pushed').waitFor()
      await expect.poll(() => done(visitor)).toBe(1)
      for (const approver of ['Ben', 'Chloe']) {
        await guide(visitor).getByRole('button', { name: approver }).click()
        await visitor.presses('approve')
        if (approver === 'Ben') await expect.poll(() => done(visitor)).toBe(2)
      }
      await visitor.sees('succeeded')
      expect(await overflowing(page)).toEqual([])
      const { runs } = demo().sandbox.github.world.repository()
      expect(runs).toMatchObject([{ event: 'push', reviews: [{ state: 'approved' }] }])
    },
  )

  it('a click that does not count ticks nothing off, and after a rejection the steps start again', async () => {
    const visitor = await enter()
    await visitor.types('/deploy prod')
    await visitor.sees('awaiting approval')
    for (const stranger of ['Ana', 'Eli']) {
      await visitor.becomes(stranger)
      await visitor.presses('approve')
      await visitor.page.locator('main').getByText('Only visible to you').last().waitFor()
    }
    expect(await done(visitor)).toBe(1)
    await visitor.becomes('Ben')
    await visitor.presses('reject')
    await visitor.sees('rejected')
    await expect.poll(() => done(visitor)).toBe(0)
  })

  it('the steps name other people if Ben requests, and can be closed', async () => {
    const visitor = await enter()
    await visitor.becomes('Ben')
    await visitor.types('/deploy prod')
    await guide(visitor).getByRole('button', { name: 'Chloe' }).waitFor()
    await guide(visitor).getByRole('button', { name: 'Dai' }).waitFor()
    await guide(visitor).getByRole('button', { name: 'Close the steps' }).click()
    await guide(visitor).waitFor({ state: 'detached' })
  })

  it('the second service is frozen, and an emergency passes the freeze with one approval', async () => {
    const visitor = await enter()
    const { aws, slack } = demo().sandbox
    await visitor.types('/deploy prod blog-worker')
    await visitor.page.locator('main').getByText('prod is frozen without an end').first().waitFor()
    await visitor.types('/deploy prod blog-worker --emergency the queue is stuck')
    const card = await slack.until(
      ({ messages }) =>
        messages.call(slack.workspace, channel).find(({ text }) => text.startsWith('blog-worker prod: ')),
      { ms: 30_000 },
    )
    await slack.as('U0CHLOE').clicks({ channel, ts: card.ts, actionId: 'twokey:approve' })
    await slack.until(
      () =>
        aws.world.service('blog-cluster-prod', 'blog-worker')?.taskDefinition.revision === 8 &&
        slack.workspace.message(channel, card.ts)?.text.startsWith('blog-worker prod: succeeded'),
      { ms: 60_000 },
    )
  })
})
