import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { ownFolder } from '../store/folder.ts'
import { twokey } from './twokey.ts'

const entry = fileURLToPath(new URL('../../bin/twokey.js', import.meta.url))
const { version, scripts } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string; scripts: Record<string, string> }

test.each(['18.20.8', '20.19.5', '22.21.0'])(
  'the entry point says in one line that Node %s is too old',
  async (old) => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${old}' } })`
    const started = promisify(execFile)(process.execPath, [
      '--import',
      `data:text/javascript,${encodeURIComponent(pretend)}`,
      entry,
      'start',
    ])
    await expect(started).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        new RegExp(`^twokey needs Node 24 or newer; this is Node ${old}\\.[^\n]+\n$`),
      ),
    })
  },
)

test('npm scripts start the entry point, never the TypeScript behind it', () => {
  expect(Object.values(scripts).filter((script) => /\bnode\b.*src\/main\.ts/.test(script))).toEqual([])
})

test.each(['--version', '-V'])(
  'the entry point runs the command line: %s prints the version',
  async (option) => {
    expect(await twokey(ownFolder(), [option], { main: entry })).toEqual({
      status: 0,
      out: `${version}\n`,
      err: '',
    })
  },
)
