import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** One of the compared programs, as its own process. */
export type Program = {
  readonly url: string
  /** From its start until it was ready, ms. */
  readonly startedMs: number
  /** Resident memory now, MB. */
  residentMb(): number
  stop(): Promise<void>
}

const programs = {
  twokey: [fileURLToPath(new URL('../src/main.ts', import.meta.url)), 'start'],
  bare: [fileURLToPath(new URL('./bare-app.ts', import.meta.url))],
} as const

/**
 * Starts a program and waits until it accepts commands.
 * @param env its whole environment, besides PATH
 */
export async function startProgram(
  program: keyof typeof programs,
  env: Readonly<Record<string, string>>,
): Promise<Program> {
  const began = performance.now()
  const child = spawn(process.execPath, [...programs[program]], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await printedUrl(child)
  while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 1))
  return {
    url,
    startedMs: performance.now() - began,
    residentMb: () => residentMb(child),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function printedUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    let isFound = false
    child.stdout?.on('data', (chunk: Buffer) => {
      if (isFound) return
      text += chunk
      const url = /"url":"(http:[^"]+)"/.exec(text)?.[1]
      if (!url) return
      isFound = true
      resolve(url)
    })
    child.once('exit', (code) => reject(new Error(`a program ended with status ${code} before it was ready`)))
  })
}

function residentMb({ pid }: ChildProcess): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}
