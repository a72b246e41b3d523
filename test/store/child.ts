import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** A process that writes into a store without a pause. */
export type Child = {
  /** What it says was written, in order. */
  readonly said: readonly string[]
  /** Kills it as `kill -9` does, and waits for its death. */
  kill(): Promise<void>
}

/** Starts one, and waits until it said so many things. */
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
