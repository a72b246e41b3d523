import type { App } from '@slack/bolt'
import type { Button } from '@slack/types'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { channel } from '../sandbox/slack-app.ts'
import { hasBrowser } from './browser.ts'
import { pageForEach } from './page-for-each.ts'
import { form, formApp } from './page-harness.ts'

describe.skipIf(!hasBrowser)('focus and scroll position', () => {
  const { pageHarness, open: opens, post } = pageForEach()
  const open = (listeners?: Parameters<typeof opens>[1]) => opens({ width: 1280 }, listeners)
  const list = (page: Page) => page.getByRole('region', { name: 'Messages in deploys' })
  const box = (page: Page) => page.getByRole('combobox', { name: 'Message #deploys' })
  const dialog = (page: Page) => page.getByRole('dialog', { name: 'Ship it' })
  const isFocused = (locator: Locator) => locator.evaluate((element) => element === document.activeElement)
  const toEnd = (page: Page) =>
    list(page).evaluate(
      ({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight,
    )

  const plain = (text: string) => ({ type: 'plain_text' as const, text })
  const button = (action: string, more: Partial<Button> = {}): Button => ({
    type: 'button',
    action_id: action,
    text: plain(action),
    ...more,
  })
  /** Blocks without ids, to which Slack gives new ids at each edit. */
  const unnamed = (words: readonly string[], buttons: readonly Button[]) => [
    ...words.map((text) => ({ type: 'section', text: { type: 'mrkdwn', text } })),
    { type: 'actions', elements: buttons },
  ]
  const much = Array.from({ length: 40 }, (_, index) => `line ${index}`).join('\n')

  it('a focused button keeps the focus when its message is edited', async () => {
    const { page } = await open()
    const { ts } = await post('a card', { blocks: unnamed(['*one*'], [button('approve'), button('cancel')]) })
    const cancel = page.getByRole('button', { name: 'cancel' })
    await cancel.focus()
    await pageHarness().client.chat.update({
      channel,
      ts: ts!,
      text: 'a card',
      blocks: unnamed(['*one*', 'and two'], [button('withdraw'), button('cancel')]),
    })
    await page.getByRole('button', { name: 'withdraw' }).waitFor()
    expect(await isFocused(cancel)).toBe(true)
  })

  it('a cancelled dialog returns the focus, by Escape or by a button', async () => {
    const { page } = await open()
    const confirm = {
      title: plain('Cancel it?'),
      text: plain('It ends here.'),
      confirm: plain('Do'),
      deny: plain('No'),
    }
    await post('a card', { blocks: unnamed(['*one*'], [button('cancel', { confirm })]) })
    const cancel = page.getByRole('button', { name: 'cancel' })
    for (const answer of ['Escape', 'Enter']) {
      await cancel.press('Enter')
      await page.getByRole('dialog', { name: 'Cancel it?' }).waitFor()
      await page.keyboard.press(answer)
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect(await isFocused(cancel)).toBe(true)
    }
  })

  it('a closed form returns the focus to the message field', async () => {
    const { page, types } = await open(formApp([]))
    await types('/deploy')
    await dialog(page).waitFor()
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'detached' })
    expect(await isFocused(box(page))).toBe(true)
  })

  it('a form with errors focuses the first invalid field', async () => {
    const { page, types } = await open(formApp([]))
    await types('/deploy')
    await dialog(page).getByLabel('Service').selectOption('blog-api')
    await dialog(page).getByRole('button', { name: 'Ask' }).click()
    await expect.poll(() => isFocused(dialog(page).getByLabel('Commit'))).toBe(true)

    await dialog(page).getByLabel('Commit').fill('zone')
    await dialog(page)
      .getByRole('option', { name: /153b136/ })
      .click()
    await dialog(page).getByLabel('Reason').fill('no')
    await dialog(page).getByRole('button', { name: 'Ask' }).click()
    await dialog(page).getByText('Please say a little more.').waitFor()
    await expect.poll(() => isFocused(dialog(page).getByLabel('Reason'))).toBe(true)
  })

  it('a form that gets its inputs after it opened focuses the first one', async () => {
    const late = (app: App) => {
      app.command('/deploy', async ({ ack, body, client }) => {
        await ack()
        const loading = { ...form, blocks: [{ type: 'section' as const, text: plain('Looking …') }] }
        const { view } = await client.views.open({ trigger_id: body.trigger_id, view: loading })
        await client.views.update({ view_id: view!.id!, view: form })
      })
    }
    const { page, types } = await open(late)
    await types('/deploy')
    await dialog(page).getByLabel('Service').waitFor()
    await expect.poll(() => isFocused(dialog(page).getByLabel('Service'))).toBe(true)
  })

  it('typing in a menu replaces the chosen option, and the list is below the field if there is room', async () => {
    const { page, types } = await open(formApp([]))
    await types('/deploy')
    const field = dialog(page).getByLabel('Commit')
    await field.fill('zone')
    await dialog(page)
      .getByRole('option', { name: /153b136/ })
      .click()
    await dialog(page).getByRole('heading', { name: 'Ship it' }).click()
    await field.click()
    const offered = page.getByRole('listbox', { name: 'Suggestions' })
    await expect.poll(() => offered.getByRole('option').count()).toBe(2)
    const [offers, typed] = [await offered.boundingBox(), await field.boundingBox()]
    expect(offers!.y).toBeGreaterThan(typed!.y)
    await page.keyboard.type('digest')
    expect(await field.inputValue()).toBe('digest')
    await dialog(page)
      .getByRole('option', { name: /d922590/ })
      .waitFor()
  })

  it('a reader who scrolled up stays there and gets a button to the new messages', async () => {
    const { page } = await open()
    await post(much)
    await page.getByText('line 39').waitFor()
    await list(page).evaluate((element) => element.scrollTo(0, 0))
    await expect.poll(() => toEnd(page)).toBeGreaterThan(100)
    await post('something new')
    await page.getByRole('button', { name: 'New messages' }).click()
    expect(await toEnd(page)).toBeLessThanOrEqual(1)
    await page.getByRole('button', { name: 'New messages' }).waitFor({ state: 'detached' })
  })

  it('sending a message scrolls to the end', async () => {
    const { page, types } = await open()
    await post(much)
    await page.getByText('line 39').waitFor()
    await list(page).evaluate((element) => element.scrollTo(0, 0))
    await expect.poll(() => toEnd(page)).toBeGreaterThan(100)
    await types('here I am')
    await page.locator('main').getByText('here I am').waitFor()
    await expect.poll(() => toEnd(page)).toBeLessThanOrEqual(1)
  })

  it('a list at its end stays at its end when the last message grows', async () => {
    const { page } = await open()
    await post(much)
    const { ts } = await post('a card')
    await page.locator('main').getByText('a card').waitFor()
    await post('a story', { thread_ts: ts })
    await page.getByRole('button', { name: '1 reply' }).waitFor()
    await expect.poll(() => toEnd(page)).toBeLessThanOrEqual(1)
  })

  it('a toast of a mention in a thread opens the thread', async () => {
    const { page } = await open()
    const { ts } = await post('a card')
    await post('Please look, <@U0ANA>', { thread_ts: ts })
    await page.getByRole('button', { name: /New mention in #deploys/ }).click()
    const thread = page.getByRole('complementary', { name: 'Thread' })
    await thread.getByText('Please look').waitFor()
  })

  it('toasts disappear when the visitor becomes another person', async () => {
    const { page, becomes } = await open()
    await post('Please look, <@U0ANA>')
    await page.getByText('New mention in #deploys').waitFor()
    await becomes('Ben')
    await page.getByText('New mention in #deploys').waitFor({ state: 'detached' })
  })

  it('errors are announced to screen readers', async () => {
    const { page } = await open()
    await post('a card', { blocks: unnamed(['*one*'], [button('approve')]) })
    pageHarness().sandbox.slack.sockets.drop()
    await page.getByRole('button', { name: 'approve' }).click()
    await page.getByRole('alert').getByText('dispatch_failed').waitFor()
  })

  it('the page itself never scrolls, only its lists do', async () => {
    const { page } = await open()
    await post(much)
    await page.getByText('line 39').waitFor()
    await page.evaluate(() => document.scrollingElement?.scrollTo(0, 100))
    expect(await page.evaluate(() => document.scrollingElement?.scrollTop)).toBe(0)
  })

  it('the GitHub and AWS panel can be opened beside a thread on a small screen', async () => {
    const { page } = await open()
    const { ts } = await post('a card')
    await post('a story', { thread_ts: ts })
    await page.getByRole('button', { name: '1 reply' }).click()
    const world = page.getByRole('complementary', { name: 'Behind the scenes' })
    await world.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Behind the scenes' }).click()
    await world.getByRole('button', { name: 'Kill twokey' }).click()
    expect(pageHarness().done).toEqual(['kill'])
    await page.getByRole('button', { name: 'Behind the scenes' }).click()
    await world.waitFor({ state: 'hidden' })
  })
})
