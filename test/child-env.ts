import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * What each child process of a test gets: the environment of libfaketime, which gives a process another date
 * (see CONTRIBUTING.md), because with dates a year apart a test would prove nothing; and Node's
 * compile cache, which makes a start a third faster.
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
