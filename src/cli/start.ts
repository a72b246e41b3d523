import type { Logger } from 'pino'
import { type Bot, startBot } from '../compose.ts'
import type { Variables } from '../config/variables.ts'
import { openLog } from '../log.ts'
import { Trouble } from '../ports/ports.ts'
import { readSettings } from './settings.ts'

/** `twokey start`: runs until it is stopped. */
export async function start(variables: Variables): Promise<0 | 1 | 2> {
  const read = await readSettings(variables)
  if (read === null) return 2
  const { environment, config, aws, proxy } = read

  // Files created from now on are readable by this user alone: the store contains response_urls and lines of logs.
  process.umask(0o077)
  const log = openLog(environment.logLevel)
  const die = (message: string) => (error: unknown) => {
    log.fatal({ err: error }, message)
    process.exit(1)
  }
  process.on('uncaughtException', die('twokey stops: unexpected error'))
  process.on('unhandledRejection', die('twokey stops: unexpected error'))
  const stopSignal = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
  })

  let bot: Bot | NodeJS.Signals
  try {
    const starting = startBot({
      environment,
      config,
      aws,
      proxy,
      log,
      onFatal: (error) => process.exit(stopped(log, error)),
    })
    bot = await Promise.race([starting, stopSignal])
  } catch (error) {
    return stopped(log, error)
  }
  if (typeof bot === 'string') {
    log.info(
      { signal: bot },
      'stopping before Slack was connected: work in progress continues at the next start',
    )
    process.exit(0)
  }
  bot.checkSetup()
  const signal = await stopSignal
  log.info({ signal }, 'stopping: saving work in progress')
  await bot.stop()
  // Everything is saved. A setup check may still wait for answers, which would keep the process alive.
  process.exit(0)
}

/** Logs why twokey ends; an error that is expected has no stack. On a terminal the reason is printed as well. */
function stopped(log: Logger, error: unknown): 1 {
  if (!(error instanceof Trouble)) {
    log.fatal({ err: error }, 'twokey could not start')
    return 1
  }
  log.fatal({ reason: error.message }, `twokey stops: ${error.message}`)
  if (process.stderr.isTTY) console.error(`twokey stops: ${error.message}.`)
  return 1
}
