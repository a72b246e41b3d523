import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { startBotProcess } from '../../sandbox/demo/bot.ts'
import { play } from '../../sandbox/demo/play.ts'
import { prepareDemo } from '../../sandbox/demo/prepare.ts'
import { testPace } from '../../sandbox/pace.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { childEnv } from '../child-env.ts'

const config = fileURLToPath(new URL('../../sandbox/twokey.yml', import.meta.url))

it('plays five releases, each to the end that it should have', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-play-'))
  const sandbox = await startSandbox({ pace: testPace, gate: 'app' })
  prepareDemo(sandbox)
  const env = {
    ...sandbox.env,
    ...childEnv,
    TWOKEY_CONFIG: config,
    TWOKEY_DATA_DIR: join(folder, 'store'),
    PORT: '0',
  }
  const bot = await startBotProcess(env, join(folder, 'bot.log'))
  onTestFinished(async () => {
    await bot.stop()
    await sandbox.close()
    rmSync(folder, { recursive: true })
  })
  const printed: string[] = []
  const status = await play(sandbox, (line) => printed.push(line))
  expect(printed.slice(0, 5).every((line) => line.startsWith('✓ '))).toBe(true)
  expect(printed[4]).toContain('at the gate')
  expect(status).toBe(0)
})
