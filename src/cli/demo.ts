import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startBotProcess } from '../demo/bot.ts'
import { openDemo } from '../demo/open.ts'
import { play } from '../demo/play.ts'
import { demoPace } from '../sandbox/pace.ts'
import { startSandbox } from '../sandbox/sandbox.ts'

const config = fileURLToPath(new URL('../sandbox/twokey.yml', import.meta.url))

/** `twokey demo`: the production bot against the outside world on this machine. */
export async function demo(how: 'play' | 'page'): Promise<0 | 1> {
  const folder = await mkdtemp(join(tmpdir(), 'twokey-demo-'))
  const ended = how === 'play' ? await played(folder) : await visited(folder)
  if (ended === 0) await rm(folder, { recursive: true })
  else console.error(`The bot's log is in ${join(folder, 'bot.log')}.`)
  return ended
}

async function played(folder: string): Promise<0 | 1> {
  const sandbox = await startSandbox({ pace: demoPace })
  const bot = await startBotProcess(botEnv(sandbox.env, folder), join(folder, 'bot.log'))
  try {
    return await play(sandbox, console.log)
  } finally {
    await bot.stop()
    await sandbox.close()
  }
}

/** Serves the page until the process is told to end. */
async function visited(folder: string): Promise<0> {
  const ended = toldToEnd()
  const opened = await openDemo({
    pace: demoPace,
    port: Number(process.env.DEMO_PORT ?? 0),
    botEnv: (env) => botEnv(env, folder),
    logFile: join(folder, 'bot.log'),
  })
  console.log(`The channel is at ${opened.url}/\n`)
  console.log('Type /deploy prod as Ana, then press Approve as Ben and as Chloe. Ctrl+C ends it.')
  await ended
  await opened.close()
  return 0
}

/** Resolves at SIGINT or SIGTERM, from now on: one that comes while the demo opens leaves nothing behind either. */
function toldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}

function botEnv(env: Readonly<Record<string, string>>, folder: string): Readonly<Record<string, string>> {
  return { ...env, TWOKEY_CONFIG: config, TWOKEY_DATA_DIR: join(folder, 'store'), PORT: '0' }
}
