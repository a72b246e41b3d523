import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addService } from '../../sandbox/aws/seed-world.ts'
import { channel } from '../sandbox/slack-app.ts'
import {
  hasBrowser,
  openBrowser,
  overflowing,
  phone,
  type ViewOptions,
  type Visitor,
  visit,
} from './browser.ts'
import { openPageHarness, type PageHarness } from './page-harness.ts'

const inboxWorker = { width: 1360, height: 800 } as const
const looks = [
  ['a phone', phone],
  ['a phone in dark', { ...phone, colorScheme: 'dark' }],
  ['a tablet', { width: 820, height: 1000 }],
  ['a desk', inboxWorker],
] as const satisfies readonly (readonly [string, ViewOptions])[]

const longWord = 'x'.repeat(300)
const hebrew = 'תיקון אזור הזמן (#121)'
const arabic = 'إصلاح المنطقة الزمنية'

/** The position of these words, px from the left. */
function leftOf(page: Page, words: string): Promise<number> {
  return page.evaluate((sought) => {
    const walker = document.createTreeWalker(document.querySelector('main')!, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent?.indexOf(sought) ?? -1
      if (at < 0) continue
      const range = document.createRange()
      range.setStart(node, at)
      range.setEnd(node, at + sought.length)
      return range.getBoundingClientRect().left
    }
    return Number.NaN
  }, words)
}

const mrkdwn = (text: string) => ({ type: 'mrkdwn' as const, text })
const plain = (text: string) => ({ type: 'plain_text' as const, text })
const button = (text: string) => ({
  type: 'button' as const,
  action_id: text.slice(0, 5),
  text: plain(text.slice(0, 75)),
})
/** One block of each kind that contains text. */
const blocksWith = (text: string) => [
  { type: 'header' as const, text: plain(text.slice(0, 150)) },
  { type: 'section' as const, text: mrkdwn(text), accessory: button(text) },
  { type: 'section' as const, fields: [mrkdwn(text), mrkdwn(`*${text}*`), mrkdwn(`\`${text}\``)] },
  { type: 'context' as const, elements: [mrkdwn(text), mrkdwn(text)] },
  { type: 'actions' as const, elements: [button(`a${text}`), button(`b${text}`)] },
  {
    type: 'rich_text' as const,
    elements: [
      { type: 'rich_text_section' as const, elements: [{ type: 'text' as const, text }] },
      { type: 'rich_text_preformatted' as const, elements: [{ type: 'text' as const, text }] },
      {
        type: 'rich_text_list' as const,
        style: 'bullet' as const,
        elements: [
          { type: 'rich_text_section' as const, elements: [{ type: 'text' as const, text }] },
          {
            type: 'rich_text_section' as const,
            elements: [{ type: 'text' as const, text, style: { code: true } }],
          },
        ],
      },
    ],
  },
]

describe.skipIf(!hasBrowser)('unusual texts', () => {
  let browser: Browser
  let pageHarness: PageHarness
  let visitors: Visitor[] = []

  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    pageHarness = await openPageHarness()
  })
  afterEach(async () => {
    for (const visitor of visitors) await visitor.leaves()
    await pageHarness.close()
    expect(visitors.flatMap(({ browserErrors }) => browserErrors)).toEqual([])
    visitors = []
  })

  const enter = async (look: ViewOptions) => {
    const visitor = await visit(browser, pageHarness.url, look)
    visitors.push(visitor)
    return visitor
  }
  const post = (text: string, more: object = {}) =>
    pageHarness.client.chat.postMessage({ channel, text, ...more })
  const named = (id: string, name: string) => {
    const { users } = pageHarness.sandbox.slack.workspace
    users.set(id, { ...users.get(id)!, name })
  }

  it.each(looks)('nothing overflows on %s, however long a word is', async (_, look) => {
    named('U0BEN', longWord)
    named('U0ANA', `${longWord} Ana`)
    pageHarness.sandbox.github.world.push('main', { message: longWord, author: longWord })
    const { page } = await enter(look)
    const { ts } = await post('a card', { blocks: blocksWith(longWord) })
    await post(`<@U0BEN> <@U0ANA> <https://example.com/${longWord}> ${longWord}`)
    await post(longWord, { thread_ts: ts, reply_broadcast: true })
    await pageHarness.client.chat.postEphemeral({ channel, user: 'U0ANA', text: longWord })
    await page.locator('main .only-you').waitFor()
    await page.locator('.toast').first().waitFor()
    expect(await overflowing(page)).toEqual([])
    await page.getByRole('button', { name: '1 reply' }).first().click()
    await page.getByRole('complementary', { name: 'Thread' }).waitFor()
    expect(await overflowing(page)).toEqual([])
    await page.getByRole('button', { name: 'Close the thread' }).click()
    const toggle = page.getByRole('button', { name: 'Behind the scenes' })
    if (await toggle.isVisible()) await toggle.click()
    await page.getByRole('heading', { name: 'Branches' }).waitFor()
    expect(await overflowing(page)).toEqual([])
  })

  it('right-to-left text does not change the direction of its surroundings', async () => {
    named('U0BEN', 'בן')
    const { page } = await enter(inboxWorker)
    const text = (words: string) => ({ type: 'text' as const, text: words })
    await post('a card', {
      blocks: [
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_section',
              elements: [
                { ...text('d922590'), style: { code: true } },
                text(' '),
                text(hebrew),
                text(' – '),
                text('Chloe 7'),
              ],
            },
          ],
        },
      ],
    })
    await post('<@U0BEN> 1 of 2')
    await post(arabic)
    await page.locator('main').getByText(arabic).waitFor()
    expect(await leftOf(page, 'd922590')).toBeLessThan(await leftOf(page, 'תיקון'))
    expect(await leftOf(page, 'תיקון')).toBeLessThan(await leftOf(page, 'Chloe 7'))
    expect(await leftOf(page, 'בן')).toBeLessThan(await leftOf(page, '1 of 2'))
    // A line that is entirely right-to-left is aligned right.
    const box = await page.locator('main .text', { hasText: arabic }).boundingBox()
    expect(await leftOf(page, arabic)).toBeGreaterThan(box!.x + box!.width / 2)
  })

  it('names may be emoji, and their initial is a whole emoji', async () => {
    named('U0ANA', ':rocket:')
    named('U0BEN', '👩🏽‍🚀 Ben')
    const { page } = await enter(inboxWorker)
    await pageHarness.sandbox.slack.as('U0BEN').types(channel, 'hello')
    await post('<@U0ANA>')
    await page.locator('main').getByText('@:rocket:', { exact: true }).waitFor()
    await expect.poll(() => page.locator('main .avatar', { hasText: /^\s*👩🏽‍🚀\s*$/u }).count()).toBe(1)
    expect(await page.locator('main .byline').first().innerText()).toContain('👩🏽‍🚀 Ben')
    await expect.poll(() => page.locator('.person .name', { hasText: ':rocket:' }).count()).toBe(1)
  })

  it('a person without a name can be selected', async () => {
    named('U0BEN', '')
    const { page } = await enter(inboxWorker)
    await post('<@U0BEN>')
    await page.locator('main').getByText('@U0BEN').waitFor()
    await page.getByRole('radio', { name: 'U0BEN' }).check({ force: true })
  })

  it('one of 300 services can be searched, also on a phone', async () => {
    const { world } = pageHarness.sandbox.aws
    for (let number = 0; number < 300; number += 1)
      addService(world, {
        cluster: 'blog-cluster-prod',
        service: `shop-${String(number).padStart(3, '0')}`,
        desired: 1,
        history: [{ taskDefinition: 'blog-api:43', at: Date.now() - 3_600_000 * (number + 1) }],
      })
    const { page } = await enter(phone)
    await page.getByRole('button', { name: 'Behind the scenes' }).click()
    const panel = page.getByRole('complementary', { name: 'Behind the scenes' })
    await expect.poll(() => panel.locator('.deployment').count()).toBe(4)
    await panel.getByRole('searchbox', { name: 'Find a service' }).fill('shop-217')
    await panel.getByRole('region', { name: 'shop-217' }).waitFor()
    await expect.poll(() => panel.locator('.deployment').count()).toBe(1)
    await panel.getByRole('searchbox').fill('')
    await panel.getByText('298 more').click()
    await expect.poll(() => panel.locator('.folded li').count()).toBe(298)
    expect(await overflowing(page)).toEqual([])
    await panel.getByRole('heading', { name: 'Break something' }).scrollIntoViewIfNeeded()
  })
})
