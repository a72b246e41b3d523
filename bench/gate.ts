import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { testPace } from '../sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { slack as seed } from '../sandbox/seed.ts'
import { percentile } from './figures.ts'
import { startProgram } from './processes.ts'

/**
 * From the webhook's arrival to the card's, and from the last approval's click to the review's arrival at GitHub, for
 * pushes that wait at a gate one after the other. `node bench/gate.ts 30`.
 */

const pushes = Number(process.argv[2] ?? 30)
const channel = seed.channel.id
const secret = 'a secret of the bench'
const reviewRoute = 'POST /repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule'

/** Polling would find a run after half a minute on average, so it is the webhook that brings it. */
const config = `
slack: { channel: ${channel} }
polling: { active: 500ms, idle: 1h, settle: 1s }
people:
  - { slack: [U0ANA], github: ana }
  - { slack: [U0BEN], github: ben }
  - { slack: [U0CHLOE], github: chloe }
environments:
  prod:
    branch: main
    githubEnvironment: production
    approvals: { required: 2, approvers: [S0DEPLOYERS, U0APPROVER] }
services:
  blog-api:
    repository: myorg/blog-api
    workflow: deploy.yml
    containers: [api]
    environments:
      prod: { cluster: blog-cluster-prod, service: blog-api }
`

type Measured = { readonly card: number; readonly opening: number }

const cards = ({ slack }: Sandbox) =>
  slack.workspace.messages(channel).filter(({ metadata }) => metadata?.event_type === 'twokey_release')

async function pushed(sandbox: Sandbox, index: number): Promise<Measured> {
  const { slack, github } = sandbox
  const from = github.world.hooks.deliveries.length
  const exchanges = slack.log.exchanges.length
  github.world.push('main', { message: `Change ${index}`, author: 'Ana' })
  await slack.until(() => cards(sandbox)[index], { ms: 60_000 })
  const hook = github.world.hooks.deliveries
    .slice(from)
    .find(({ event }) => event === 'deployment_protection_rule')
  const post = slack.log.exchanges.slice(exchanges).find(({ on }) => on === 'chat.postMessage')
  if (!hook || !post) throw new Error('no webhook or no card')
  const { ts } = cards(sandbox)[index]!
  const approves = (user: string) => slack.as(user).clicks({ channel, ts, actionId: 'twokey:approve' })
  await approves('U0BEN')
  // Its reads are over before the last approval.
  await pause(1_000)
  const reviews = github.log.exchanges.length
  const began = Date.now()
  await approves('U0CHLOE')
  const opening = await opened(sandbox, reviews)
  const run = github.world.repository().runs.at(-1)!
  github.world.cancelRun(run.id)
  await slack.until(
    () => /(cancelled|failed|succeeded|unchanged)/.test(cards(sandbox)[index]?.text ?? '') || undefined,
    {
      ms: 120_000,
    },
  )
  return { card: post.at - hook.at, opening: opening - began }
}

/** When the approval reached GitHub, ms since the epoch. */
async function opened({ github }: Sandbox, from: number): Promise<number> {
  for (;;) {
    const review = github.log.exchanges
      .slice(from)
      .find(({ on, body }) => on === reviewRoute && (body as { state?: string }).state === 'approved')
    if (review) return review.at
    await pause(1)
  }
}

async function gate(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-gate-'))
  const sandbox = await startSandbox({ pace: testPace, rates: 'off', gate: 'app' })
  const path = join(folder, 'twokey.yml')
  writeFileSync(path, config)
  const twokey = await startProgram('twokey', {
    ...sandbox.env,
    GITHUB_WEBHOOK_SECRET: secret,
    TWOKEY_CONFIG: path,
    TWOKEY_DATA_DIR: join(folder, 'store'),
    PORT: '0',
  })
  sandbox.github.world.hooks.setAppHook({ url: `${twokey.url}/github/webhooks`, secret })
  try {
    const measured: Measured[] = []
    for (let index = 0; index < pushes; index += 1) measured.push(await pushed(sandbox, index))
    const row = (what: string, of: (each: Measured) => number) => {
      const values = measured.map(of)
      return `| ${what} | ${percentile(values, 0.5)} ms | ${percentile(values, 0.99)} ms |`
    }
    return [
      '| measure | p50 | p99 |',
      '|---|---|---|',
      row('webhook received to card posted', ({ card }) => card),
      row('last approval to gate opened', ({ opening }) => opening),
    ].join('\n')
  } finally {
    await twokey.stop()
    await sandbox.close()
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) console.log(await gate())
