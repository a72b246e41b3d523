import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

/** From `npm ci` in a fresh clone to a page that accepts input: with npm's cache empty, and filled. */

const checkout = fileURLToPath(new URL('..', import.meta.url))
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

type Passed = { readonly install: number; readonly address: number; readonly page: number }

async function newcomer(folder: string, cache: string): Promise<Passed> {
  execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${checkout}`, folder])
  const env = { ...process.env, npm_config_cache: cache, DEMO_PORT: '0' }
  const from = performance.now()
  execFileSync('npm', ['ci'], { cwd: folder, env, stdio: 'ignore' })
  const install = performance.now() - from
  const demo = spawn('npm', ['run', '--silent', 'demo'], { cwd: folder, env, detached: true })
  try {
    const url = await printed(demo, /http:\/\/127\.0\.0\.1:\d+\//)
    const address = performance.now() - from
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    try {
      const page = await browser.newPage()
      await page.goto(url)
      await page.getByRole('combobox', { name: /^Message #/ }).waitFor()
      return { install, address, page: performance.now() - from }
    } finally {
      await browser.close()
    }
  } finally {
    await ended(demo)
  }
}

function printed(demo: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    demo.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const [found] = pattern.exec(text) ?? []
      if (found) resolve(found)
    })
    demo.once('exit', (code) => reject(new Error(`the demo ended with status ${code}: ${text}`)))
  })
}

/** Ends npm and the processes that it started. */
function ended(demo: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    demo.once('exit', () => resolve())
    if (demo.pid === undefined || demo.exitCode !== null) resolve()
    else process.kill(-demo.pid, 'SIGINT')
  })
}

const folder = mkdtempSync(join(tmpdir(), 'twokey-bench-'))
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
try {
  for (const cache of ['empty', 'filled']) {
    const { install, address, page } = await newcomer(join(folder, cache), join(folder, 'npm'))
    console.log(
      `npm's cache ${cache}: npm ci ${seconds(install)}, address ${seconds(address)}, page ${seconds(page)}`,
    )
  }
} finally {
  rmSync(folder, { recursive: true })
}
