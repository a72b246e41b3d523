import { existsSync, statfsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

/** Long enough for a busy machine: a test goes on as soon as what it waits for is there. */
const patience = 120_000

/**
 * A folder in memory for the stores of tests, where the machine has one with room: SQLite waits for the disk at each commit,
 * and all workers share the disk.
 */
const memory = '/dev/shm'
const folders = existsSync(memory) && freeBytes(memory) > 2 ** 29 ? { TMPDIR: memory } : {}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** Bots that are killed, each a process of its own. */
const crash = ['test/crash/**/*.test.ts', 'test/store/kill.test.ts']
/** Long walks through the demo's page in Chromium. */
const walks = ['test/demo/stories.test.ts', 'test/demo/forms.test.ts', 'test/demo/focus-and-scroll.test.ts']
/** The rest of what is tested of the page. */
const browser = ['test/demo/**/*.test.ts']
/** The bot, or a client of ours, against the sandbox over the wire: these mostly wait. */
const wire = ['test/scenarios/**/*.test.ts', 'test/sandbox/**/*.test.ts', 'test/workflows/ships.test.ts']
const all = ['test/**/*.test.ts']

/**
 * Groups run one after the other, each with as many workers as suits what it does. Those of the first wait as much as they
 * compute, so they are more than there are cores.
 */
const project = (
  name: string,
  groupOrder: number,
  maxWorkers: number,
  include: string[],
  exclude: string[] = [],
) => ({
  extends: true as const,
  // No file leaves anything behind in a module, so the files of a worker share their modules: to load the SDKs and the
  // sandbox again for each file takes two seconds of CPU.
  test: { name, include, exclude, maxWorkers, isolate: false, sequence: { groupOrder } },
})

export default defineConfig({
  test: {
    env: folders,
    testTimeout: patience,
    hookTimeout: patience,
    expect: { poll: { timeout: patience / 2 } },
    maxConcurrency: 8,
    projects: [
      project('unit', 0, 5, all, [...crash, ...browser, ...wire]),
      project('wire', 0, 5, wire),
      project('browser', 1, 2, browser, walks),
      project('walks', 2, 2, walks),
      project('crash', 3, 3, crash),
    ],
  },
})
