import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startBotProcess } from '../demo/bot.ts'
import { play } from '../demo/play.ts'
import { demoPace } from '../sandbox/pace.ts'
import { startSandbox } from '../sandbox/sandbox.ts'

const config = fileURLToPath(new URL('../sandbox/twokey.yml', import.meta.url))

/** `twokey demo`: the production bot against the outside world on this machine. */
export async function demo(how: 'play' | 'page'): Promise<0 | 1 | 2> {
  if (how === 'page') {
    console.error(
      'The page is not supported yet. Type `npm run demo -- --play` to see four releases in the terminal.',
    )
    return 2
  }
  const folder = await mkdtemp(join(tmpdir(), 'twokey-demo-'))
  const logFile = join(folder, 'bot.log')
  const sandbox = await startSandbox({ pace: demoPace })
  const bot = await startBotProcess(
    { ...sandbox.env, TWOKEY_CONFIG: config, TWOKEY_DATA_DIR: join(folder, 'store'), PORT: '0' },
    logFile,
  )
  let ended: 0 | 1 = 1
  try {
    ended = await play(sandbox, console.log)
  } finally {
    await bot.stop()
    await sandbox.close()
    if (ended === 0) await rm(folder, { recursive: true })
    else console.error(`The bot's log is in ${logFile}.`)
  }
  return ended
}
