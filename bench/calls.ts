import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { prepareDemo } from '../sandbox/demo/prepare.ts'
import { demoPace } from '../sandbox/pace.ts'
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { slack as seed } from '../sandbox/seed.ts'
import { startProgram } from './processes.ts'

/** Calls to Slack per release, by method: counted where they arrive, at the pace of the demo. */

const config = fileURLToPath(new URL('../sandbox/twokey.yml', import.meta.url))
const channel = seed.channel.id
/** How long nothing must be sent after the end, ms. */
const quietMs = 4_000

type Scene = {
  readonly title: string
  readonly given: (sandbox: Sandbox) => void
  /** What Ana types; null: the release begins by what is given. */
  readonly typed: string | null
  readonly approvers: readonly string[]
  readonly ends: string
}

const commands: readonly Scene[] = [
  {
    title: 'a deploy, two approvals',
    given: () => {},
    typed: '/deploy prod',
    approvers: ['U0BEN', 'U0CHLOE'],
    ends: 'succeeded',
  },
  {
    title: 'a deploy whose migration fails',
    given: ({ aws, github }) => {
      github.world.push('main', { message: 'Make slugs unique (#124)' })
      aws.world.migrations.next({ kind: 'exits', code: 1, log: ['ERROR: could not create unique index'] })
    },
    typed: '/deploy prod',
    approvers: ['U0BEN', 'U0CHLOE'],
    ends: 'failed',
  },
  {
    title: 'a deploy that the circuit breaker rolls back',
    given: ({ aws, github }) => {
      github.world.push('main', { message: 'Rename the database settings (#125)' })
      aws.world.unhealthy('next')
    },
    typed: '/deploy prod',
    approvers: ['U0BEN', 'U0CHLOE'],
    ends: 'rolled back',
  },
  {
    title: 'a rollback, one approval',
    given: () => {},
    typed: '/rollback blog-api 42',
    approvers: ['U0BEN'],
    ends: 'succeeded',
  },
]

/** A push whose run waits at the gate of twokey's App. */
const push: Scene = {
  title: 'a push at a gate, two approvals',
  given: ({ github }) => {
    github.world.push('main', { message: 'Cache tags (#126)', author: 'Ana' })
  },
  typed: null,
  approvers: ['U0BEN', 'U0CHLOE'],
  ends: 'succeeded',
}

/** The methods called since, each with its count. */
type Calls = ReadonlyMap<string, number>

async function played(sandbox: Sandbox, scene: Scene): Promise<Calls> {
  const { slack } = sandbox
  const from = slack.log.exchanges.length
  const before = slack.workspace.messages(channel).length
  scene.given(sandbox)
  if (scene.typed !== null) await slack.as('U0ANA').types(channel, scene.typed)
  const shows = (state: string) =>
    slack.until(() => stateOf(slack.workspace.messages(channel)[before]?.text) === state, { ms: 120_000 })
  await shows('awaiting approval')
  const { ts } = slack.workspace.messages(channel)[before]!
  for (const approver of scene.approvers)
    await slack.as(approver).clicks({ channel, ts, actionId: 'twokey:approve' })
  await shows(scene.ends)
  await pause(quietMs)
  return counted(slack.log.exchanges.slice(from))
}

function stateOf(text = ''): string {
  return text.split('\n')[0]!.split(': ')[1] ?? ''
}

function counted(exchanges: readonly { readonly on: string }[]): Calls {
  const calls = new Map<string, number>()
  for (const { on } of exchanges) calls.set(on, (calls.get(on) ?? 0) + 1)
  return calls
}

function table(columns: ReadonlyMap<string, Calls>): string {
  const methods = [...new Set([...columns.values()].flatMap((calls) => [...calls.keys()]))].toSorted()
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  const sum = (calls: Calls) => [...calls.values()].reduce((all, each) => all + each, 0)
  return [
    row(['method', ...columns.keys()]),
    row(['---', ...[...columns].map(() => '---')]),
    ...methods.map((method) =>
      row([`\`${method}\``, ...[...columns.values()].map((calls) => calls.get(method) ?? 0)]),
    ),
    row(['all', ...[...columns.values()].map(sum)]),
  ].join('\n')
}

type World = { readonly gate?: 'app'; readonly scenes: readonly Scene[] }

/** Plays scenes one after the other. The first column is the start of the bot. */
async function playedIn({ gate, scenes }: World): Promise<ReadonlyMap<string, Calls>> {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-calls-'))
  const sandbox = await startSandbox({ pace: demoPace, ...(gate && { gate }) })
  prepareDemo(sandbox, { pushes: gate ? 'start runs' : 'start nothing' })
  const twokey = await startProgram('twokey', {
    ...sandbox.env,
    TWOKEY_CONFIG: config,
    TWOKEY_DATA_DIR: join(folder, 'store'),
    PORT: '0',
  })
  try {
    await pause(quietMs)
    const columns = new Map([['at the start', counted(sandbox.slack.log.exchanges)]])
    for (const scene of scenes) columns.set(scene.title, await played(sandbox, scene))
    return columns
  } finally {
    await twokey.stop()
    await sandbox.close()
    rmSync(folder, { recursive: true })
  }
}

async function calls(): Promise<string> {
  const typed = await playedIn({ scenes: commands })
  const pushed = await playedIn({ gate: 'app', scenes: [push] })
  return table(new Map([...pushed, ...typed]))
}

if (import.meta.main) console.log(await calls())
