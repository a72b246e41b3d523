import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { childEnv } from '../child-env.ts'

/** A boundary to die at, with the number of the pass. */
export type Death = { readonly at: string; readonly nth: number }

/** A bot that is restarted after every kill, as operators run it. */
export type Supervised = {
  /** The boundaries that were passed, in order, by all its processes. */
  readonly passed: readonly string[]
  /** The last boundary that each killed process had passed. */
  readonly deaths: readonly string[]
  /** `kill -9`. */
  kill(): void
  /** Resolves once this many boundaries were passed and this many processes killed; rejects after two minutes. */
  until(so: { readonly passed?: number; readonly deaths?: number }): Promise<void>
  /** Stops it by SIGTERM. */
  stop(): Promise<void>
  /** Starts it again after `stop`. */
  resume(): void
}

const entry = fileURLToPath(new URL('bot.ts', import.meta.url))

export type SuperviseDeps = {
  /** The environment of each process, besides PATH and the clock. */
  readonly env: () => Readonly<Record<string, string>>
  /** The file for its log. */
  readonly logFile: string
  /** One for each process in turn; further ones do not die by themselves. */
  readonly deaths: readonly Death[]
}

/** Starts the bot. */
export function supervise({ env, logFile, deaths: planned }: SuperviseDeps): Supervised {
  const passed: string[] = []
  const deaths: string[] = []
  let isStopping = false
  let child = start()

  function start(): ChildProcess {
    const next = planned[deaths.length]
    const log = openSync(logFile, 'a')
    const started = spawn(process.execPath, [entry, ...(next ? [next.at, String(next.nth)] : [])], {
      env: { PATH: process.env.PATH, ...childEnv, ...env() },
      stdio: ['ignore', 'pipe', log],
    })
    closeSync(log)
    if (started.stdout) createInterface({ input: started.stdout }).on('line', (line) => passed.push(line))
    // `close` comes after the last line.
    started.once('close', (code, signal) => {
      if (signal === 'SIGKILL') deaths.push(passed.at(-1) ?? 'its start')
      if (isStopping) return
      if (signal !== 'SIGKILL') throw new Error(`the bot ended by itself: ${code ?? signal}; see ${logFile}`)
      child = start()
    })
    return started
  }

  return {
    passed,
    deaths,
    kill: () => void child.kill('SIGKILL'),
    async until(so) {
      const end = Date.now() + 120_000
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
      child = start()
    },
  }
}
