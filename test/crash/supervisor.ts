import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A boundary to die at, the how-manieth time it is passed. */
export type Death = { readonly at: string; readonly nth: number }

/** A bot that is started again whenever it was killed, as operators have it. */
export type Supervised = {
  /** The boundaries that were passed, in order, by all its processes. */
  readonly passed: readonly string[]
  /** Where each process that was killed had passed last. */
  readonly deaths: readonly string[]
  /** `kill -9`. */
  kill(): void
  /** Resolves once so many boundaries were passed and so many processes killed; rejects after a minute. */
  until(so: { readonly passed?: number; readonly deaths?: number }): Promise<void>
  /** Ends it, by SIGTERM. */
  stop(): Promise<void>
  /** Starts it again after `stop`. */
  resume(): void
}

const entry = fileURLToPath(new URL('bot.ts', import.meta.url))

/**
 * Starts it; only its first process dies by itself.
 * @param env all that it is told, beside PATH
 * @param logFile where its log goes
 */
export function supervise(
  env: Readonly<Record<string, string>>,
  logFile: string,
  death: Death | null,
): Supervised {
  const passed: string[] = []
  const deaths: string[] = []
  let isStopping = false
  let child = start(death)

  function start(first: Death | null): ChildProcess {
    const log = openSync(logFile, 'a')
    const started = spawn(process.execPath, [entry, ...(first ? [first.at, String(first.nth)] : [])], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', log],
    })
    closeSync(log)
    if (started.stdout) createInterface({ input: started.stdout }).on('line', (line) => passed.push(line))
    // `close` comes after the last line.
    started.once('close', (code, signal) => {
      if (isStopping) return
      if (signal !== 'SIGKILL') throw new Error(`the bot ended by itself: ${code ?? signal}; see ${logFile}`)
      deaths.push(passed.at(-1) ?? 'its start')
      child = start(null)
    })
    return started
  }

  return {
    passed,
    deaths,
    kill: () => void child.kill('SIGKILL'),
    async until(so) {
      const end = Date.now() + 60_000
      while (passed.length < (so.passed ?? 0) || deaths.length < (so.deaths ?? 0)) {
        if (Date.now() > end)
          throw new Error(`not so: it was killed at ${deaths.join(', ')}, and passed ${passed.join(', ')}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    async stop() {
      isStopping = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const closed = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGTERM')
      await closed
    },
    resume() {
      isStopping = false
      child = start(null)
    },
  }
}
