import { type Bot, startBot } from '../compose.ts'
import { configPath, formatVariableProblems, readEnvironment } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblems } from '../config/problems.ts'
import type { Variables } from '../config/variables.ts'
import { defaultRegion } from '../ecs/region.ts'
import { openLog } from '../log.ts'

/** `twokey start`: runs until it is stopped. */
export async function start(variables: Variables): Promise<0 | 1 | 2> {
  const read = readEnvironment(variables)
  const file = configPath(variables)
  const aws = await defaultRegion()
  const loaded = loadConfig(file, aws)
  if ('problems' in read) console.error(formatVariableProblems(read.problems))
  if ('problems' in loaded) console.error(formatProblems(file, loaded.problems))
  if ('problems' in read || 'problems' in loaded) return 2
  const lost = 'why' in aws && loaded.config.serviceEnvironments.find(({ region }) => region === undefined)
  if (lost) {
    console.error(
      `The AWS region of ${lost.service} in ${lost.environment} is not known: ${aws.why}. Set AWS_REGION, or write \`aws: { region: … }\` for the environment in ${file}.`,
    )
    return 2
  }

  // Files created from now on are readable by this user alone: the store contains response_urls and lines of logs.
  process.umask(0o077)
  const log = openLog(read.environment.logLevel)
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
      environment: read.environment,
      config: loaded.config,
      aws: aws.region === undefined ? {} : { region: aws.region },
      log,
      onFatal: die('twokey stops: Slack rejects its tokens'),
    })
    bot = await Promise.race([starting, stopSignal])
  } catch (error) {
    log.fatal({ err: error }, 'twokey could not start')
    return 1
  }
  if (typeof bot === 'string') {
    log.info(
      { signal: bot },
      'stopping before Slack was connected: work in progress continues at the next start',
    )
    process.exit(0)
  }
  const signal = await stopSignal
  log.info({ signal }, 'stopping: saving work in progress')
  await bot.stop()
  return 0
}
