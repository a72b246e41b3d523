import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { type Demo, openDemo } from '../../sandbox/demo/open.ts'
import { demoPace, testPace } from '../../sandbox/pace.ts'
import { childEnv, realClockEnv } from '../child-env.ts'

const usualConfig = fileURLToPath(new URL('../../sandbox/twokey.yml', import.meta.url))
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

/** Whether the stories of the browser can be told here; where they must be, a missing browser is a failure. */
export const hasBrowser = process.env.REQUIRE_BROWSER === '1' || existsSync(executablePath)

if (!hasBrowser)
  console.log(`No browser at ${executablePath}: the page is not tested in one. Set CHROMIUM_PATH.`)

/** As quiet as Chromium gets: no GPU, nothing fetched in the background. */
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args, env: realClockEnv })
}

/** Whether `npm run pictures` asked for the pictures of the documents. */
const isPhotographed = process.env.PICTURES === '1'

/**
 * The demo as `npm run demo` opens it, at the pace of tests.
 * @param config the text of twokey.yml, where it is not the demo's
 */
export async function openTestDemo({ config }: { readonly config?: string } = {}): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-page-'))
  const ownConfig = join(folder, 'twokey.yml')
  if (config !== undefined) writeFileSync(ownConfig, config)
  const demo = await openDemo({
    pace: isPhotographed ? demoPace : testPace,
    port: 0,
    botEnv: (env) => ({
      ...env,
      ...childEnv,
      TWOKEY_CONFIG: config === undefined ? usualConfig : ownConfig,
      TWOKEY_DATA_DIR: join(folder, 'store'),
      PORT: '0',
    }),
    logFile: join(folder, 'bot.log'),
  })
  return {
    ...demo,
    async close() {
      await demo.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export type Look = {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
  /** Pixels of the screen for one of the page. */
  readonly scale?: number
}

/** A phone held upright. */
export const phone = { width: 390, height: 844 } as const

/** Somebody at the page. */
export type Visitor = {
  readonly page: Page
  /** Becomes a person by a click. */
  becomes(name: string): Promise<void>
  types(line: string): Promise<void>
  /** The newest card. */
  card(): Locator
  presses(button: string): Promise<void>
  /** The form in front of them, by its title. */
  form(title: string): Locator
  /** Says yes to the dialog that a press brought up. */
  confirms(): Promise<void>
  /** Waits until the newest card begins with this state. */
  sees(state: string): Promise<void>
  /** What the browser complained of. */
  readonly complaints: readonly string[]
  leaves(): Promise<void>
}

/** Opens the page in a browser window of its own. */
export async function visit(browser: Browser, url: string, look: Look = {}): Promise<Visitor> {
  const { width = 1360, height = 800, colorScheme = 'light', scale = 1 } = look
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    deviceScaleFactor: scale,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(url)
  await page.locator('body[data-ready=true]').waitFor()
  const card = () => page.locator('main article', { hasText: 'release r-' }).last()
  return {
    page,
    complaints,
    card,
    becomes: async (name) => {
      await page.getByRole('radio', { name }).check({ force: true })
    },
    async types(line) {
      const box = page.getByRole('combobox', { name: 'Message #deploys' })
      await box.fill(line)
      await box.press('Enter')
    },
    async presses(button) {
      const action = card().locator(`[data-action="twokey:${button.toLowerCase()}"]`)
      await action.click()
    },
    form: (title) => page.getByRole('dialog', { name: title }),
    async confirms() {
      await page.locator('dialog.confirm .answers button').last().click()
    },
    async sees(state) {
      await card().getByText(`blog-api prod: ${state}`).first().waitFor({ timeout: 60_000 })
    },
    leaves: () => context.close(),
  }
}

/** What sticks out of the window, or is wider than the list that it stands in; the row of people may be scrolled. */
export function stickingOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const named = (element: Element) =>
      `${element.tagName}.${element.className} ${element.textContent?.slice(0, 40)}`
    const wide = [...document.querySelectorAll('.messages, .outside, .modal-body, .toasts, dialog')].filter(
      (element) => element.scrollWidth > element.clientWidth + 1,
    )
    const out = [...document.querySelectorAll('body *')].filter((element) => {
      if (element.closest('.sidebar, .sr, .skip, [hidden]')) return false
      const { right, left, width } = element.getBoundingClientRect()
      return width > 0 && (right > innerWidth + 1 || left < -1)
    })
    return [...wide, ...out].map(named)
  })
}

/** Takes a picture for the documents, where pictures were asked for; notes at the edge are waited out. */
export async function picture({ page }: Visitor, name: string): Promise<void> {
  if (!isPhotographed) return
  await page.locator('.toast').first().waitFor({ state: 'detached' })
  await page.mouse.move(0, 0)
  const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
