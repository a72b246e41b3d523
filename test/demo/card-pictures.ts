import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { h } from 'preact'
import { renderToStaticMarkup } from 'preact-render-to-string'
import { blocks } from '../../sandbox/page/web/blocks.ts'
import { html, type Shown } from '../../sandbox/page/web/html.ts'
import type { Part } from '../../sandbox/page/web/part.ts'
import type { Reader } from '../../sandbox/page/web/reader.ts'
import { slack as seed } from '../../sandbox/seed.ts'
import type { Facts } from '../../src/release/facts.ts'
import type { Changes } from '../../src/release/subject.ts'
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

const hour = 3_600_000
const { requestedAt } = new DrivenRelease().release

const deploys = (...states: readonly string[]) => states.map((state) => found(`deploy, ${state}`))
const rollbacks = (...states: readonly string[]) => states.map((state) => found(`rollback, ${state}`))

/** The cards of one picture. */
const sheets: Readonly<Record<string, readonly DrivenRelease[]>> = {
  asking: [approvable(), olderCommit(), ...deploys('waiting', 'dispatching')],
  underway: deploys('running', 'migrating', 'rolling out', 'baking', 'paused', 'rolling back'),
  ended: deploys('succeeded', 'unchanged', 'rejected', 'cancelled', 'expired', 'superseded'),
  trouble: deploys('failed', 'rolled back', 'rollback failed', 'stopped', 'unknown'),
  rollback: rollbacks('awaiting approval', 'rolling out', 'succeeded', 'failed', 'rolled back'),
  odd: [manyCommits(), strangeWords(), manyTargets()],
}

const phone = [
  approvable(),
  olderCommit(),
  ...deploys('rolling out', 'failed'),
  ...rollbacks('awaiting approval'),
]

function found(name: string): DrivenRelease {
  const driven = every.get(name)
  if (!driven) throw new Error(`There is no card of ${name}.`)
  return driven
}

/** What an approver usually sees: the checks, the size of the changes, and where the commit succeeded before. */
function approvable(): DrivenRelease {
  const size = { files: 14, isCut: false, additions: 210, deletions: 35, migrations: 1, workflows: 0 }
  return asked({ size }, { succeededIn: [{ environment: 'staging', at: requestedAt - hour }] })
}

/** A commit that is older than what serves, and that failed here before. */
function olderCommit(): DrivenRelease {
  const size = { files: 4, isCut: false, additions: 61, deletions: 12, migrations: 1, workflows: 0 }
  const { changes } = deployOf(plainWords, 3)
  const commits = changes.known ? changes.commits.slice(0, 2) : []
  const last = { release: 'r-k3v9', outcome: 'failed', by: null, at: requestedAt - hour } as const
  return asked(
    { direction: 'back', commits, total: 2, size },
    { setbacks: { failures: 2, since: requestedAt - 3 * hour, last } },
  )
}

/** @param differs from a deploy of seven commits whose checks passed */
function asked(differs: Partial<Extract<Changes, { known: true }>>, facts: Facts): DrivenRelease {
  const subject = deployOf(plainWords, 7)
  const checks = { source: 'checks', passed: 14, pending: 0, failed: 0, failing: [] } as const
  const changes = { ...subject.changes, ...differs } as Changes
  return new DrivenRelease({ subject: { ...subject, changes }, facts: { checks, ...facts } })
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
