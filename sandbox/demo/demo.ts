import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { demoPace } from '../pace.ts'
import { startSandbox } from '../sandbox.ts'
import { BotEnded, startBotProcess } from './bot.ts'
import { openDemo } from './open.ts'
import { play } from './play.ts'
import { prepareDemo } from './prepare.ts'

const config = fileURLToPath(new URL('../twokey.yml', import.meta.url))

/** `twokey demo`: runs the production bot against the sandbox on this machine. */
export async function demo(how: 'play' | 'page'): Promise<0 | 1 | 2> {
  const port = portOf(process.env.DEMO_PORT)
  if (port === undefined) {
    console.error(
      `DEMO_PORT is ${JSON.stringify(process.env.DEMO_PORT)}. Set it to a port from 0 to 65535, or unset it.`,
    )
    return 2
  }
  const folder = await mkdtemp(join(tmpdir(), 'twokey-demo-'))
  const ended = await (how === 'play' ? playOnce(folder) : servePage(folder, port)).catch(reportFailure)
  if (ended === 1) console.error(`The bot's log is in ${join(folder, 'bot.log')}.`)
  else await rm(folder, { recursive: true })
  return ended
}

/** Not set: 0, any free port. */
function portOf(text = '0'): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

function reportFailure(error: unknown): 1 | 2 {
  if (error instanceof BotEnded) {
    console.error(`The demo could not start: ${error.message}.`)
    return 1
  }
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
  console.error(
    `The demo could not start: port ${process.env.DEMO_PORT} is already in use. Set DEMO_PORT to another port, or unset it.`,
  )
  return 2
}

async function playOnce(folder: string): Promise<0 | 1> {
  const sandbox = await startSandbox({ pace: demoPace, gate: 'app' })
  prepareDemo(sandbox)
  const bot = await startBotProcess(botEnv(sandbox.env, folder), join(folder, 'bot.log'))
  try {
    return await play(sandbox, console.log)
  } finally {
    await bot.stop()
    await sandbox.close()
  }
}

/** Serves the page until SIGINT or SIGTERM. */
async function servePage(folder: string, port: number): Promise<0> {
  const ended = stopSignal()
  const opened = await openDemo({
    pace: demoPace,
    port,
    botEnv: (env) => botEnv(env, folder),
    logFile: join(folder, 'bot.log'),
  })
  console.log(`Open ${opened.url}/ in a browser to see the channel.\n`)
  console.log(
    'Type /deploy prod as Ana, then click Approve as Ben and as Chloe. Press Ctrl+C to stop the demo.',
  )
  await ended
  await opened.close()
  return 0
}

/**
 * Resolves at SIGINT or SIGTERM. Call it before the demo opens, so that a signal in the meantime also closes
 * everything.
 */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}

function botEnv(env: Readonly<Record<string, string>>, folder: string): Readonly<Record<string, string>> {
  return {
    ...env,
    TWOKEY_CONFIG: config,
    TWOKEY_DATA_DIR: join(folder, 'store'),
    PORT: '0',
    HOST: '127.0.0.1',
  }
}
