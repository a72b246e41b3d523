import type { BotPort } from '../page/server.ts'
import { type BotProcess, startBotProcess } from './bot.ts'

/** A bot process that the page can kill and start again, with the same store. */
export type RestartableBot = BotPort & { stop(): Promise<void> }

/** Starts the bot. @throws if it does not become ready */
export async function startRestartableBot(
  env: Readonly<Record<string, string>>,
  logFile: string,
): Promise<RestartableBot> {
  let state: ReturnType<BotPort['state']> = 'stopped'
  let current: BotProcess | undefined

  const startProcess = async () => {
    state = 'starting'
    try {
      const started = await startBotProcess(env, logFile)
      current = started
      state = 'running'
      void started.ended.then(() => {
        if (current === started) state = 'stopped'
      })
    } catch (error) {
      state = 'stopped'
      throw error
    }
  }

  let starting: Promise<void> | undefined
  const start = async () => {
    if (state === 'stopped') starting = startProcess()
    await starting
  }

  await start()
  return {
    state: () => state,
    start,
    kill: () => void current?.stop('SIGKILL'),
    stop: async () => {
      await Promise.allSettled([starting])
      if (state === 'running') await current?.stop()
    },
  }
}
