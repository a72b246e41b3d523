import { defineConfig } from 'vitest/config'

/** Long enough for a busy machine: a test goes on as soon as what it waits for is there. */
const patience = 120_000

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: patience,
    hookTimeout: patience,
    expect: { poll: { timeout: patience / 2 } },
    maxConcurrency: 8,
  },
})
