import { writeSync } from 'node:fs'
import { pino } from 'pino'
import { startBot } from '../../src/compose.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import { loadConfig } from '../../src/config/load.ts'
import { configPath } from '../../src/config/paths.ts'

/**
 * The production bot, which prints every boundary that it passes, and dies at one of them: `bot.ts [<boundary> <number
 * of the pass>]`. CLOCK_AHEAD_MS may set its clock ahead.
 */
const [deadly, nth = '1'] = process.argv.slice(2)
let times = 0

function checkpoint(name: string): Promise<void> | void {
  writeSync(1, `${name}\n`)
  if (name !== deadly) return
  times += 1
  if (times < Number(nth)) return
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}

const { now } = Date
const aheadMs = Number(process.env.CLOCK_AHEAD_MS)
Date.now = () => now() + aheadMs

const read = readEnvironment(process.env)
if ('problems' in read) throw new Error(JSON.stringify(read.problems))
const loaded = loadConfig(configPath(process.env))
if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
const bot = await startBot({
  environment: read.environment,
  config: loaded.config,
  log: pino({ level: read.environment.logLevel }, pino.destination({ fd: 2, sync: true })),
  onFatal: (error) => {
    throw error
  },
  checkpoint,
})
process.once('SIGTERM', () => void bot.stop())
