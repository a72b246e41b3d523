import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The production bot in its own process, which knows the sandbox only by addresses. */
export type BotProcess = {
  readonly url: string
  /** Resolves when the process ends, with how it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** The bot ended before it was ready; the message has the path of its log. */
export class BotEnded extends Error {}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const exitWithParent = new URL('./exit-with-parent.ts', import.meta.url).href

/**
 * Starts `twokey start` and waits until it is connected to Slack. The bot ends with the process that started it.
 * @param env all its environment variables except PATH
 * @param logFile the file that its log is appended to
 */
export async function startBotProcess(
  env: Readonly<Record<string, string>>,
  logFile: string,
): Promise<BotProcess> {
  const child = spawn(process.execPath, ['--import', exitWithParent, main, 'start'], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 })
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const ended = new Promise<Awaited<BotProcess['ended']>>((resolve) => {
    child.once('exit', (code, signal) => {
      log.end()
      resolve({ code, signal })
    })
  })
  const url = await listeningUrl(child, logFile)
  await untilReady(url, ended, logFile)
  return {
    url,
    ended,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      await ended
    },
  }
}

/** Resolves with the address that the bot logs once it listens. */
function listeningUrl(child: ChildProcess, logFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', function look(chunk: Buffer) {
      text += chunk.toString()
      const url = /"url":"(http:[^"]+)"/.exec(text)?.[1]
      if (url) {
        child.stdout?.off('data', look)
        resolve(url)
      }
    })
    child.once('exit', (code) =>
      reject(new BotEnded(`the bot ended with status ${code} before it was listening; see ${logFile}`)),
    )
  })
}

async function untilReady(url: string, ended: BotProcess['ended'], logFile: string): Promise<void> {
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  for (;;) {
    if (isOver) throw new BotEnded(`the bot ended before it was connected to Slack; see ${logFile}`)
    const response = await fetch(`${url}/readyz`).catch(() => null)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
