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

/** Whether the browser tests can run; with REQUIRE_BROWSER=1 a missing browser is a failure. */
export const hasBrowser = process.env.REQUIRE_BROWSER === '1' || existsSync(executablePath)

if (!hasBrowser)
  console.log(`No browser at ${executablePath}: the page is not tested in one. Set CHROMIUM_PATH.`)

/** The options of a minimal Chromium: no GPU, no background requests. */
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

/** Whether `npm run pictures` requested the pictures of the documentation. */
const takesPictures = process.env.PICTURES === '1'

/**
 * Opens the demo like `npm run demo`, at the speed of tests.
 * @param config the text of twokey.yml; default: the demo's
 */
export async function openTestDemo({ config }: { readonly config?: string } = {}): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-page-'))
  const ownConfig = join(folder, 'twokey.yml')
  if (config !== undefined) writeFileSync(ownConfig, config)
  const demo = await openDemo({
    pace: takesPictures ? demoPace : testPace,
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

export type ViewOptions = {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
  /** Screen pixels per CSS pixel. */
  readonly scale?: number
}

/** A phone in portrait orientation. */
export const phone = { width: 390, height: 844 } as const

/** A visitor of the page. */
export type Visitor = {
  readonly page: Page
  /** Switches to another person. */
  becomes(name: string): Promise<void>
  types(line: string): Promise<void>
  /** The newest card. */
  card(): Locator
  presses(button: string): Promise<void>
  /** The open form with this title. */
  form(title: string): Locator
  /** Confirms the dialog that a click opened. */
  confirms(): Promise<void>
  /** Waits until the newest card begins with this state. */
  sees(state: keyof typeof headlines): Promise<void>
  /** The errors that the browser logged. */
  readonly browserErrors: readonly string[]
  leaves(): Promise<void>
}

/** How the first line of a card shows each state. */
const headlines = {
  'awaiting approval': / – awaiting approval/,
  cancelled: / of blog-api .* – cancelled/,
  rejected: / of blog-api .* – rejected/,
  'rolled back': /Deploy of blog-api to prod failed – ECS rolled back/,
  succeeded: /^(Deployed|Rolled back) blog-api /,
} as const

/** Opens the page in a new browser context. */
export async function visit(browser: Browser, url: string, look: ViewOptions = {}): Promise<Visitor> {
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
  const browserErrors: string[] = []
  page.on('pageerror', (error) => browserErrors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') browserErrors.push(message.text())
  })
  await page.goto(url)
  await page.locator('body[data-ready=true]').waitFor()
  const card = () => page.locator('main article', { hasText: 'release r-' }).last()
  return {
    page,
    browserErrors,
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
      await card().getByText(headlines[state]).first().waitFor({ timeout: 60_000 })
    },
    leaves: () => context.close(),
  }
}

/** The elements that overflow the window, or are wider than their list; the row of people may scroll. */
export function overflowing(page: Page): Promise<string[]> {
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

/** Takes a picture for the documentation, if pictures were requested, after all toasts have disappeared. */
export async function picture({ page }: Visitor, name: string): Promise<void> {
  if (!takesPictures) return
  await page.locator('.toast').first().waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Close the steps' }).click()
  await page.mouse.move(0, 0)
  const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
