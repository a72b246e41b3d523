import type { Pace } from '../pace.ts'
import { type Page, startPage } from '../page/server.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { type KeptBot, keepBot } from './kept-bot.ts'
import { dispatchedAlone } from './repository.ts'

/** The outside world, the bot in it, and the page that shows them. */
export type Demo = {
  readonly url: string
  readonly sandbox: Sandbox
  readonly bot: KeptBot
  close(): Promise<void>
}

export type DemoSettings = {
  readonly pace: Pace
  /** Of the page; 0 takes 4400, or any free one where that is taken. */
  readonly port: number
  /** The bot's environment, by that of the outside world. */
  readonly botEnv: (env: Readonly<Record<string, string>>) => Readonly<Record<string, string>>
  readonly logFile: string
}

const usualPort = 4400

/** Opens the demo. @throws where the bot does not come up, or the named port is taken; nothing is left open then */
export async function openDemo({ pace, port, botEnv, logFile }: DemoSettings): Promise<Demo> {
  const opened = new AsyncDisposableStack()
  try {
    const sandbox = await startSandbox({ pace })
    opened.defer(() => sandbox.close())
    dispatchedAlone(sandbox)
    const bot = await keepBot(botEnv(sandbox.env), logFile)
    opened.defer(() => bot.stop())
    const page = await pageOn(port, sandbox, bot)
    opened.defer(() => page.close())
    return { url: page.url, sandbox, bot, close: () => opened.disposeAsync() }
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}

async function pageOn(port: number, sandbox: Sandbox, bot: KeptBot): Promise<Page> {
  if (port !== 0) return startPage({ sandbox, bot, port })
  try {
    return await startPage({ sandbox, bot, port: usualPort })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return startPage({ sandbox, bot })
  }
}
