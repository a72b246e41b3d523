import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** A process that writes into a store without a pause. */
export type Child = {
  /** What it reported as written, in order. */
  readonly said: readonly string[]
  /** Kills it like `kill -9`, and waits for its end. */
  kill(): Promise<void>
}

/** Starts one, and waits until it has reported this many writes. */
export async function startChild(folder: string, things: number): Promise<Child> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('writer.ts', import.meta.url)), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: string[] = []
  const ended = once(child, 'close')
  const enough = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line)
      if (said.length === things) resolve()
    })
    child.on('exit', () => reject(new Error(`the child ended after ${said.length} of ${things} things`)))
  })
  await enough
  return {
    said,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
