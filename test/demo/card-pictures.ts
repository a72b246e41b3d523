import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { h } from 'preact'
import { renderToStaticMarkup } from 'preact-render-to-string'
import { blocks } from '../../sandbox/page/web/blocks.ts'
import { html, type Shown } from '../../sandbox/page/web/html.ts'
import type { Part } from '../../sandbox/page/web/part.ts'
import type { Reader } from '../../sandbox/page/web/reader.ts'
import { slack as seed } from '../../sandbox/seed.ts'
import { card } from '../../src/slack/cards/card.ts'
import { everyCard, writeTable } from '../slack/card-table.ts'
import { DrivenRelease, deployOf, plainWords, target } from '../slack/releases.ts'
import { openBrowser } from './browser.ts'
import { smallPng } from './small-png.ts'

/**
 * `npm run cards` renders every card as on the demo's page, to docs/pictures/cards, and writes the sizes to
 * docs/cards.md.
 */

const folder = fileURLToPath(new URL('../../docs/pictures/cards/', import.meta.url))
const web = new URL('../../sandbox/page/web/', import.meta.url)
const every = everyCard(plainWords)

const deploys = (...states: readonly string[]) => states.map((state) => found(`deploy, ${state}`))
const rollbacks = (...states: readonly string[]) => states.map((state) => found(`rollback, ${state}`))

/** The cards of one picture. */
const sheets: Readonly<Record<string, readonly DrivenRelease[]>> = {
  asking: deploys('awaiting approval', 'waiting', 'dispatching'),
  underway: deploys('running', 'migrating', 'rolling out', 'baking', 'paused', 'rolling back'),
  ended: deploys('succeeded', 'unchanged', 'rejected', 'cancelled', 'expired', 'superseded'),
  trouble: deploys('failed', 'rolled back', 'rollback failed', 'stopped', 'unknown'),
  rollback: rollbacks('awaiting approval', 'rolling out', 'succeeded', 'failed', 'rolled back'),
  odd: [manyCommits(), strangeWords(), manyTargets()],
}

const phone = [...deploys('awaiting approval', 'rolling out', 'failed'), ...rollbacks('awaiting approval')]

function found(name: string): DrivenRelease {
  const driven = every.get(name)
  if (!driven) throw new Error(`There is no card of ${name}.`)
  return driven
}

function manyCommits(): DrivenRelease {
  return new DrivenRelease({ subject: deployOf(plainWords, 2_000) })
}

/** Titles with right-to-left text and emoji, an author without a name, a misleading branch name. */
function strangeWords(): DrivenRelease {
  const earlier = [
    { title: 'הצג טיוטות למחבריהן (#107)', author: 'נועה' },
    { title: '🎉🎉🎉 :white_check_mark: *succeeded* <!channel> 🦄 (#106)', author: '🦊' },
    { title: 'أرسل الملخص الأسبوعي', author: 'ليلى' },
    { title: 'Keep the editor’s scroll position', author: '' },
  ]
  return new DrivenRelease({ subject: deployOf({ ...plainWords, earlier }, 5) })
}

function manyTargets(): DrivenRelease {
  const targets = ['blog-api', 'blog-worker', 'blog-mailer'].map((service) => ({ ...target, service }))
  return new DrivenRelease({ targets, waitMs: 300_000 }).approvedBy('U0BEN')
}

function sheet(releases: readonly DrivenRelease[]): string {
  const styles = ['frame.css', 'message.css', 'controls.css'].map((name) =>
    readFileSync(new URL(name, web), 'utf8'),
  )
  const drawn = h('main', null, html`${releases.map(message)}`)
  return `<!doctype html><html lang="en"><head><style>${styles.join('\n')}
    body { height: auto; overflow: visible; background: var(--page) }
    main { padding: 8px 0 }
    .message + .message { border-top: 1px solid var(--line) }
    .message { padding-block: 12px }
  </style></head><body>${renderToStaticMarkup(drawn)}</body></html>`
}

/** A message of the app, with the layout of message.ts. */
function message(driven: DrivenRelease): Shown {
  const reader: Reader = {
    me: 'U0BEN',
    users: Object.fromEntries(seed.people.map(({ id, name }) => [id, name])),
    groups: Object.fromEntries(seed.groups.map(({ id, handle, members }) => [id, { handle, members }])),
    channels: {},
    zone: 'UTC',
    locale: 'en-GB',
    now: driven.now,
  }
  const surface = { reader, press: async () => {}, choose: async () => {} }
  const icon = `data:image/svg+xml,${encodeURIComponent(readFileSync(new URL('icon.svg', web), 'utf8'))}`
  const shown = card(driven.release).blocks as unknown as readonly Part[]
  return html`<article class="message">
    <span class="avatar app"><img src=${icon} alt="" /></span>
    <div class="message-body">
      <header class="byline"><strong>twokey</strong><span class="badge">APP</span></header>
      ${blocks(shown, surface)}
    </div>
  </article>`
}

mkdirSync(folder, { recursive: true })
const browser = await openBrowser()
try {
  const shot = async (
    name: string,
    releases: readonly DrivenRelease[],
    colorScheme: 'light' | 'dark',
    width: number,
  ) => {
    const context = await browser.newContext({ viewport: { width, height: 200 }, colorScheme })
    const tab = await context.newPage()
    await tab.setContent(sheet(releases))
    writeFileSync(`${folder}${name}.png`, smallPng(await tab.screenshot({ fullPage: true })))
    await context.close()
  }
  for (const [name, releases] of Object.entries(sheets))
    for (const theme of ['light', 'dark'] as const) await shot(`${name}-${theme}`, releases, theme, 760)
  await shot('phone', phone, 'light', 390)
} finally {
  await browser.close()
}
writeTable()
