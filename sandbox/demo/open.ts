import type { Pace } from '../pace.ts'
import { type Page, startPage } from '../page/server.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { firstSteps } from './first-steps.ts'
import { prepareDemo } from './prepare.ts'
import { type RestartableBot, startRestartableBot } from './restartable-bot.ts'

/** The sandbox, the bot that uses it, and the page that shows them. */
export type Demo = {
  readonly url: string
  readonly sandbox: Sandbox
  readonly bot: RestartableBot
  close(): Promise<void>
}

export type DemoSettings = {
  readonly pace: Pace
  /** The page's port; 0: 4400, or any free port if 4400 is taken. */
  readonly port: number
  /** The bot's environment, given the sandbox's. */
  readonly botEnv: (env: Readonly<Record<string, string>>) => Readonly<Record<string, string>>
  readonly logFile: string
}

const usualPort = 4400

/**
 * Opens the demo. @throws if the bot does not become ready, or the given port is taken; everything is closed again
 * then
 */
export async function openDemo({ pace, port, botEnv, logFile }: DemoSettings): Promise<Demo> {
  const opened = new AsyncDisposableStack()
  try {
    const sandbox = await startSandbox({ pace, gate: 'app' })
    opened.defer(() => sandbox.close())
    prepareDemo(sandbox, { pushes: 'start runs' })
    const bot = await startRestartableBot(botEnv(sandbox.env), logFile)
    opened.defer(() => bot.stop())
    const page = await pageOn(port, sandbox, bot)
    opened.defer(() => page.close())
    return { url: page.url, sandbox, bot, close: () => opened.disposeAsync() }
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}

async function pageOn(port: number, sandbox: Sandbox, bot: RestartableBot): Promise<Page> {
  const settings = { sandbox, bot, steps: firstSteps }
  if (port !== 0) return startPage({ ...settings, port })
  try {
    return await startPage({ ...settings, port: usualPort })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return startPage(settings)
  }
}
