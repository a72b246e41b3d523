import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * What each process of ours gets that a test starts. The environment of libfaketime, which gives a process another date
 * (CONTRIBUTING.md says how): two clocks that differ by a year tell nothing of how the bot behaves on that date. And Node's
 * compile cache, with which a start takes a third less.
 */
export const childEnv: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: join(tmpdir(), 'twokey-compile-cache'),
  ...Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value = '']) => (isOfFakeClock(name) ? [[name, value]] : [])),
  ),
}

/** The environment without it, for a browser: Chromium does not start under libfaketime. */
export const realClockEnv: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value = '']) => (isOfFakeClock(name) ? [] : [[name, value]])),
)

function isOfFakeClock(name: string): boolean {
  return name === 'LD_PRELOAD' || name.startsWith('FAKETIME')
}
