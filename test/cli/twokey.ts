import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import { patience } from '../../sandbox/pace.ts'
import { childEnv } from '../child-env.ts'

const ours = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export type Ran = { readonly status: number | null; readonly out: string; readonly err: string }

/**
 * Runs `twokey …` as a process, on the store of a folder.
 * @param piped its standard input
 * @param until once this is true the process is stopped
 * @param main the entry point of another installation
 */
export async function twokey(
  folder: string,
  words: readonly string[],
  {
    piped = '',
    env = {},
    until,
    main = ours,
  }: { piped?: string; env?: Readonly<Record<string, string>>; until?: () => boolean; main?: string } = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...words], {
    env: { PATH: process.env.PATH, ...childEnv, ...env, TWOKEY_DATA_DIR: folder },
    stdio: 'pipe',
  })
  child.stdin.end(piped)
  if (until) void vi.waitUntil(until, { timeout: patience }).finally(() => child.kill('SIGTERM'))
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { status, out, err }
}
