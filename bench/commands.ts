import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prepareDemo } from '../sandbox/demo/prepare.ts'
import { testPace } from '../sandbox/pace.ts'
import { startSandbox } from '../sandbox/sandbox.ts'
import { slack as seed } from '../sandbox/seed.ts'
import { type SlackSandbox, startSlack } from '../sandbox/slack/slack.ts'
import { percentile, type Row, table } from './figures.ts'
import { startProgram } from './processes.ts'

const channel = seed.channel.id
const config = fileURLToPath(new URL('../sandbox/twokey.yml', import.meta.url))

const rounds = 3
const commandsARound = 1_000
const warmUps = 200
const goal = 1.5
/** Limit for twokey's answers of a round, ms. */
const longestAnswerMs = 120_000

type Case = { readonly line: string; readonly inFlight: number }

const cases: readonly Case[] = [
  { line: '/deploy help', inFlight: 1 },
  { line: '/deploy help', inFlight: 20 },
  { line: '/deploy prod', inFlight: 1 },
  { line: '/deploy prod', inFlight: 20 },
]

/** From a command sent on the socket to its acknowledgement there. */
export async function commands(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-bench-'))
  // A separate Slack for each: an envelope goes to one of all connections, so acknowledgements could not be attributed.
  const sandbox = await startSandbox({ pace: testPace, rates: 'off' })
  prepareDemo(sandbox)
  const [committing, acknowledging] = [await startSlack({ rates: 'off' }), await startSlack({ rates: 'off' })]
  sandbox.github.world.rate.limit = Number.POSITIVE_INFINITY
  const running = [
    await startProgram('twokey', {
      ...sandbox.env,
      TWOKEY_CONFIG: config,
      TWOKEY_DATA_DIR: join(folder, 'store'),
      PORT: '0',
    }),
    await startProgram('bare', { ...committing.env, STORE_FILE: join(folder, 'bare.db') }),
    await startProgram('bare', acknowledging.env),
  ]
  try {
    const rows: Row[] = []
    for (const each of cases)
      rows.push(...(await compared(each, { twokey: sandbox.slack, committing, acknowledging })))
    return rows
  } finally {
    await Promise.all(running.map((program) => program.stop()))
    await Promise.all([sandbox.close(), committing.close(), acknowledging.close()])
    rmSync(folder, { recursive: true })
  }
}

type Slacks = Readonly<Record<'twokey' | 'committing' | 'acknowledging', SlackSandbox>>

/** The three in turn, round after round. */
async function compared(each: Case, slacks: Slacks): Promise<readonly Row[]> {
  const times = { acknowledging: [] as number[], committing: [] as number[], twokey: [] as number[] }
  for (const slack of [slacks.acknowledging, slacks.committing]) await typed(slack, each, warmUps)
  await typedAndAnswered(slacks.twokey, each, warmUps)
  for (let round = 0; round < rounds; round += 1) {
    times.acknowledging.push(...(await typed(slacks.acknowledging, each, commandsARound)))
    times.committing.push(...(await typed(slacks.committing, each, commandsARound)))
    times.twokey.push(...(await typedAndAnswered(slacks.twokey, each, commandsARound)))
  }
  return ([0.5, 0.99] as const).map((share) => ({
    what: `\`${each.line}\`, ${each.inFlight} in progress, p${share * 100}`,
    unit: 'ms',
    twokey: percentile(times.twokey, share),
    baseline: percentile(times.committing, share),
    against: 'one row, one ack',
    floor: percentile(times.acknowledging, share),
    goal,
  }))
}

/** Types the command several times, and returns how long each waited for its acknowledgement, ms. */
async function typed(slack: SlackSandbox, { line, inFlight }: Case, count: number): Promise<number[]> {
  const ana = slack.as('U0ANA')
  const times: number[] = []
  let left = count
  const one = async () => {
    while (left > 0) {
      left -= 1
      const outcome = await ana.types(channel, line)
      if (outcome.outcome !== 'acknowledged') throw new Error(`${line}: ${outcome.outcome}`)
      times.push(outcome.afterMs)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, one))
  return times
}

/** Waits until twokey has answered all, by a card or a message: its work must not overlap with the others' rounds. */
async function typedAndAnswered(slack: SlackSandbox, each: Case, count: number): Promise<number[]> {
  const before = answers(slack)
  const times = await typed(slack, each, count)
  const until = performance.now() + longestAnswerMs
  while (answers(slack) < before + count) {
    if (performance.now() > until)
      throw new Error(`${answers(slack) - before} of ${count} commands were answered`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return times
}

function answers({ workspace }: SlackSandbox): number {
  return workspace.ephemerals().length + workspace.messages(channel).length
}

if (import.meta.main) console.log(table([await commands()]))
