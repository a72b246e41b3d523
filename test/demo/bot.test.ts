import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'
import { patience, testPace } from '../../sandbox/pace.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { childEnv } from '../child-env.ts'

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

it('the bot ends with the demo, even if the demo is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-bot-'))
  const sandbox = await startSandbox({ pace: testPace })
  const env = {
    ...sandbox.env,
    ...childEnv,
    TWOKEY_CONFIG: file('sandbox/twokey.yml'),
    TWOKEY_DATA_DIR: join(folder, 'store'),
    PORT: '0',
  }
  const script = `
    import { startBotProcess } from ${JSON.stringify(file('sandbox/demo/bot.ts'))}
    const bot = await startBotProcess(${JSON.stringify(env)}, ${JSON.stringify(join(folder, 'bot.log'))})
    console.log(bot.url)`
  const demo = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [chunk] = (await once(demo.stdout, 'data')) as [Buffer]
  const url = chunk.toString().trim()
  const isThere = () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )
  expect(await isThere()).toBe(true)

  demo.kill('SIGKILL')
  await vi.waitFor(async () => expect(await isThere()).toBe(false), { timeout: patience })
  await sandbox.close()
  rmSync(folder, { recursive: true })
})
