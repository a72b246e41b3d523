import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prepareDemo } from '../sandbox/demo/prepare.ts'
import { testPace } from '../sandbox/pace.ts'
import { startSandbox } from '../sandbox/sandbox.ts'
import { median, type Row, table } from './figures.ts'
import { openFleet } from './fleet.ts'
import { type Program, startProgram } from './processes.ts'

const starts = 9
const underWay = 100
/** Pause before the memory of a program is read, ms. */
const settleMs = 5_000

const config = fileURLToPath(new URL('../sandbox/twokey.yml', import.meta.url))

/** From the start of the process to its connection to Slack, and its memory then. */
export async function start(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-bench-'))
  const sandbox = await startSandbox({ pace: testPace, rates: 'off' })
  prepareDemo(sandbox)
  const env = (store: string) => ({
    ...sandbox.env,
    TWOKEY_CONFIG: config,
    TWOKEY_DATA_DIR: join(folder, store),
    PORT: '0',
  })
  try {
    const times = { twokey: [] as number[], bare: [] as number[] }
    for (let count = 0; count < starts; count += 1) {
      times.twokey.push(await started(await startProgram('twokey', env(`store-${count}`))))
      times.bare.push(await started(await startProgram('bare', sandbox.env)))
    }
    const bare = await idle(await startProgram('bare', sandbox.env))
    const twokey = await idle(await startProgram('twokey', env('idle')))
    const against = 'a bare Bolt app'
    return [
      {
        what: 'start to ready, median',
        unit: 'ms',
        twokey: median(times.twokey),
        baseline: median(times.bare),
        against,
      },
      { what: 'memory, idle', unit: 'MB', twokey, baseline: bare, against },
      {
        what: `memory, ${underWay} releases under way`,
        unit: 'MB',
        twokey: await atWork(),
        baseline: bare,
        against: `${against}, idle`,
      },
    ]
  } finally {
    await sandbox.close()
    rmSync(folder, { recursive: true })
  }
}

async function started(program: Program): Promise<number> {
  await program.stop()
  return program.startedMs
}

async function idle(program: Program): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  const resident = program.residentMb()
  await program.stop()
  return resident
}

/** Each run is kept waiting for a runner, so that all releases are under way at the same time. */
async function atWork(): Promise<number> {
  const fleet = await openFleet({ count: underWay, required: 0 })
  const { slack, github } = fleet.sandbox
  const program = await startProgram('twokey', fleet.env)
  try {
    for (const { service, channel } of fleet.ships) {
      github.world.next = { stuck: 'queued' }
      const dispatched = fleet.dispatched()
      await slack.as('U0ANA').types(channel, `/deploy prod-${service} ${service}`)
      await dispatched
    }
    return await idle(program)
  } finally {
    await fleet.close()
  }
}

if (import.meta.main) console.log(table([await start()]))
