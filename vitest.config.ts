import { defineConfig } from 'vitest/config'

/** Long enough for a busy machine: a test goes on as soon as what it waits for is there. */
const patience = 120_000

/** Bots that are killed, each a process of its own. */
const crash = ['test/crash/**/*.test.ts', 'test/store/kill.test.ts']
/** Long walks through the demo's page in Chromium. */
const walks = ['test/demo/stories.test.ts', 'test/demo/forms.test.ts', 'test/demo/focus-and-scroll.test.ts']
/** The rest of what is tested of the page. */
const browser = ['test/demo/**/*.test.ts']
/** The bot, or a client of ours, against the sandbox over the wire: these mostly wait. */
const wire = ['test/scenarios/**/*.test.ts', 'test/sandbox/**/*.test.ts', 'test/workflows/ships.test.ts']
const all = ['test/**/*.test.ts']

/** Groups run one after the other, each with as many workers as suits what it does. */
const project = (name: string, groupOrder: number, include: string[], rest: object = {}) => ({
  extends: true as const,
  test: { name, include, sequence: { groupOrder }, ...rest },
})

export default defineConfig({
  test: {
    testTimeout: patience,
    hookTimeout: patience,
    expect: { poll: { timeout: patience / 2 } },
    maxConcurrency: 8,
    projects: [
      project('unit', 0, all, { exclude: [...crash, ...browser, ...wire], maxWorkers: 2 }),
      project('wire', 1, wire, { maxWorkers: 5 }),
      project('browser', 2, browser, { exclude: walks, maxWorkers: 2 }),
      project('walks', 3, walks, { maxWorkers: 2 }),
      project('crash', 4, crash, { maxWorkers: 3 }),
    ],
  },
})
