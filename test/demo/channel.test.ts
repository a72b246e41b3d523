import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { card, channel } from '../sandbox/slack-app.ts'
import { hasBrowser } from './browser.ts'
import { pageForEach } from './page-for-each.ts'
import { formApp } from './page-harness.ts'

describe.skipIf(!hasBrowser)('the channel in a browser', () => {
  const { pageHarness, open, enter, post } = pageForEach()
  const thread = (page: Page) => page.getByRole('complementary', { name: 'Thread' })

  it('text that looks like HTML or a script is shown as text', async () => {
    const { page, types } = await open()
    await types('<img src=x onerror=alert(1)> & <script>alert(2)</script>')
    await page.locator('main').getByText('<img src=x onerror=alert(1)> & <script>alert(2)</script>').waitFor()
    await post('<javascript:alert(3)|press me>')
    await page.locator('main').getByText('press me').waitFor()
    expect(await page.locator('main a').count()).toBe(0)
  })

  it('a thread opens beside the channel, accepts a reply, and closes with Escape', async () => {
    const { page } = await open()
    const { ts } = await post('a card')
    await post('a story', { thread_ts: ts })
    await page.getByRole('button', { name: '1 reply' }).click()
    await thread(page).getByRole('combobox', { name: 'Reply…' }).fill('Looks <b>good</b>')
    await page.keyboard.press('Enter')
    await thread(page).getByText('Looks <b>good</b>').waitFor()
    await page.getByRole('button', { name: '2 replies' }).waitFor()
    await page.keyboard.press('Escape')
    await thread(page).waitFor({ state: 'detached' })
  })

  it('a broadcast reply is also shown in the channel, with a link to its thread', async () => {
    const { page } = await open()
    const { ts } = await post('a card')
    await post('it failed', { thread_ts: ts, reply_broadcast: true })
    await page.locator('main').getByText('it failed').waitFor()
    await page.getByText('replied to a thread:').getByRole('button').click()
    await thread(page).getByText('it failed').waitFor()
  })

  it('slash commands are suggested with hints and can be completed by keyboard', async () => {
    const { page } = await open()
    const box = page.getByRole('combobox', { name: 'Message #deploys' })
    await box.focus()
    await page.keyboard.type('/')
    await expect.poll(() => page.getByRole('option').count()).toBe(2)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Tab')
    expect(await box.inputValue()).toBe('/rollback ')
    expect(await page.locator('.usage').innerText()).toContain('<service> [revision]')
  })

  it('a post is named by its author and first line, and a link leads to the newest one and its buttons', async () => {
    const { page } = await open()
    for (let index = 0; index < 12; index += 1) await post(`card ${index}`, { blocks: card })
    await post('blog-api prod: awaiting approval\nAna & Ben', { blocks: card })
    await page.getByRole('article', { name: 'twokey: blog-api prod: awaiting approval' }).waitFor()
    await page.getByRole('button', { name: 'Skip to the newest message' }).focus()
    await page.keyboard.press('Enter')
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    await expect.poll(focused).toBe('twokey: blog-api prod: awaiting approval')
    await page.keyboard.press('Tab')
    const newest = page.getByRole('article').last()
    expect(await newest.locator(':focus').count()).toBe(1)
  })

  it('a form with an error keeps the typed values and can be submitted again', async () => {
    const submitted: unknown[] = []
    const { page, types } = await open({}, formApp(submitted))
    await types('/deploy')
    const dialog = page.getByRole('dialog', { name: 'Ship it' })
    await dialog.getByRole('button', { name: 'Ask' }).click()
    await expect.poll(() => dialog.getByText('Please complete this required field.').count()).toBe(3)

    await dialog.getByLabel('Service').selectOption('blog-api')
    await dialog.getByLabel('Commit').fill('zone')
    await dialog.getByRole('option', { name: /153b136/ }).click()
    await dialog.getByLabel('announce').check()
    await dialog.getByLabel('Reason').fill('no')
    await dialog.getByRole('button', { name: 'Ask' }).click()
    await dialog.getByText('Please say a little more.').waitFor()
    expect(await dialog.getByLabel('Reason').inputValue()).toBe('no')

    await dialog.getByLabel('Reason').fill('The feed is slow')
    await dialog.getByRole('button', { name: 'Ask' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(submitted).toMatchObject([
      {
        service: { service: { selected_option: { value: 'blog-api' } } },
        ref: { ref: { selected_option: { value: '153b136' } } },
        reason: { reason: { value: 'The feed is slow' } },
        extras: { extras: { selected_options: [{ value: 'announce' }] } },
      },
    ])
  })

  it('Escape closes a form without a submission to the app', async () => {
    const submitted: unknown[] = []
    const { page, types } = await open({}, formApp(submitted))
    await types('/deploy')
    const dialog = page.getByRole('dialog', { name: 'Ship it' })
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(submitted).toEqual([])
  })

  it('two visitors can act as different people, and a mention reaches only its person', async () => {
    const { page, becomes } = await open()
    const other = await enter()
    await becomes('Ben')
    await post('Please look, <@U0ANA>')
    await other.page.getByText('New mention in #deploys').waitFor()
    await page.getByRole('radio', { name: /Ana.* 1 unread mention$/ }).waitFor()
    expect(await page.getByText('New mention in #deploys').count()).toBe(0)
    await pageHarness().client.chat.postEphemeral({ channel, user: 'U0BEN', text: 'for Ben alone' })
    await page.locator('main').getByText('for Ben alone').waitFor()
    expect(await other.page.getByText('for Ben alone').count()).toBe(0)
    await other.leaves()
  })

  it('a click while the app is not connected shows a toast', async () => {
    const { page } = await open()
    await post('a card', { blocks: card })
    pageHarness().sandbox.slack.sockets.drop()
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByText('dispatch_failed').first().waitFor()
  })

  it.each([
    { colorScheme: 'light', background: 'rgb(255, 255, 255)' },
    { colorScheme: 'dark', background: 'rgb(27, 29, 33)' },
  ] as const)('nothing is cut off on a phone in $colorScheme mode', async ({ colorScheme, background }) => {
    const { page, becomes } = await open({ width: 390, height: 844, colorScheme })
    await post('a card', { blocks: card })
    await becomes('Ben')
    await page.getByRole('button', { name: 'Approve' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    const row = await page.getByRole('region', { name: 'You are' }).boundingBox()
    expect(row!.height).toBeLessThan(60)
    expect(await page.locator('main').evaluate((main) => getComputedStyle(main).backgroundColor)).toBe(
      background,
    )
    await page.getByRole('button', { name: 'Behind the scenes' }).click()
    await page.getByRole('heading', { name: 'Break something' }).waitFor()
  })

  it('the switches change GitHub, AWS and the bot', async () => {
    const { page } = await open()
    const { aws, github } = pageHarness().sandbox
    await page.getByRole('switch', { name: 'Migration exits with code 1' }).click()
    await page.getByRole('switch', { name: 'New tasks become unhealthy' }).click()
    await page.getByRole('switch', { name: 'New tasks become unhealthy', checked: true }).click()
    await page.getByRole('switch', { name: 'New tasks become unhealthy', checked: false }).waitFor()
    await page.getByRole('button', { name: 'Kill twokey' }).click()
    await page.getByRole('button', { name: 'Start twokey' }).click()
    await page.getByText('twokey is running.').waitFor()
    expect(aws.world.migrations.queued.length).toBe(1)
    expect(aws.world.rollouts.queued).toEqual([])
    await page.getByRole('button', { name: 'Push a commit' }).click()
    await page
      .locator('.branch', { hasText: 'main' })
      .getByText(/\(#\d{3}\)/)
      .waitFor()
    expect(github.world.repository().git.tip('heads/main')?.message).toMatch(/\(#\d+\)$/)
    expect(pageHarness().done).toEqual(['kill', 'start'])
  })
})
