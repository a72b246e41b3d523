/**
 * The environment of libfaketime, which gives a process another date (CONTRIBUTING.md says how). A process that a test
 * starts needs it too: two clocks that differ by a year tell nothing of how the bot behaves on that date.
 */
export const fakeClockEnv: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value = '']) => (isOfFakeClock(name) ? [[name, value]] : [])),
)

/** The environment without it, for a browser: Chromium does not start under libfaketime. */
export const realClockEnv: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value = '']) => (isOfFakeClock(name) ? [] : [[name, value]])),
)

function isOfFakeClock(name: string): boolean {
  return name === 'LD_PRELOAD' || name.startsWith('FAKETIME')
}
