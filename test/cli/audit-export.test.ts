import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { requestedDeploy, start, worker } from '../store/fixtures.ts'
import { ownFolder } from '../store/folder.ts'
import { tamper } from '../store/tamper.ts'
import { runHere } from './run-here.ts'
import { twokey } from './twokey.ts'

const rowsWritten = 1_300

/** Two releases with interleaved rows, several at the same time. */
async function longStore(): Promise<string> {
  const folder = ownFolder()
  const store = await openSqliteStore({ folder })
  await start(
    store,
    requestedDeploy('r1'),
    requestedDeploy('r2', { service: 'blog-worker', environment: 'dev', targets: [worker] }),
  )
  await store.transact(async (tx) => {
    for (let index = 0; index < rowsWritten; index++) {
      const entry = { actor: `U0P${index % 3}`, what: 'looked', detail: { index, padding: 'x'.repeat(200) } }
      await tx.audit(index % 2 === 0 ? 'r1' : 'r2', [entry], 1_000 + Math.floor(index / 7))
    }
  })
  await store.close()
  return folder
}

test('exports one row per line, oldest first, each exactly once, with and without filters', async () => {
  const folder = await longStore()
  const exported = async (...words: readonly string[]) => {
    const { status, out, err } = await twokey(folder, ['audit', 'export', ...words])
    expect({ status, err }).toEqual({ status: 0, err: '' })
    return out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  }
  const all = await exported()
  expect(all).toHaveLength(rowsWritten)
  expect(new Set(all.map(({ chain, seq }) => `${chain} ${seq}`)).size).toBe(rowsWritten)
  expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).sort((one, other) => one - other))
  expect(all[0]).toMatchObject({ time: '1970-01-01T00:00:01.000Z', service: 'blog-api', environment: 'prod' })
  const some = await exported('--service', 'blog-worker', '--environment', 'dev', '--person', 'U0P1')
  expect(some).toEqual(all.filter(({ chain, actor }) => chain === 'r2' && actor === 'U0P1'))
  const between = await exported(
    '--since',
    '1970-01-01T00:00:01.010Z',
    '--until',
    '1970-01-01T01:00:01.020+01:00',
  )
  expect(between).toEqual(all.filter(({ at }) => at >= 1_010 && at < 1_020))
})

test('the reader may close the pipe early', async () => {
  const folder = await longStore()
  const temporary = ownFolder()
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, 'audit', 'export'], {
    env: { PATH: process.env.PATH, TWOKEY_DATA_DIR: folder, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [status] = await once(child, 'close')
  expect({ status, said }).toEqual({ status: 0, said: '' })
  expect(readdirSync(temporary)).toEqual([])
})

test.each([
  ['a time without its zone', ['--since', '2026-11-23T14:00']],
  ['a day that is none', ['--until', '2026-13-40']],
  ['a number', ['--since', '1']],
  ['a name for a person', ['--person', '@ana']],
  ['a time that ends before it begins', ['--since', '2026-12-01', '--until', '2026-11-01']],
  ['an option that is none', ['--sinse', '2026-11-23']],
])('exports nothing if called with %s', async (_, words) => {
  const { status, out, err } = await runHere(ownFolder(), ['audit', 'export', ...words])
  expect({ status, out }).toEqual({ status: 2, out: '' })
  expect(err).toContain(words[0])
})

test('exports damaged rows as they are', async () => {
  const folder = await longStore()
  tamper(folder, (database) => {
    database.exec("update audit set detail = '{' where chain = 'r1' and seq = 1")
    database.exec("update audit set at = 9000000000000000 where chain = 'r1' and seq = 2")
  })
  const { status, out } = await runHere(folder, ['audit', 'export', '--service', 'blog-api'])
  const rows = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(rows[0]).toMatchObject({ chain: 'r1', seq: 1, detail: { unreadable: '{' } })
  expect(rows.at(-1)).toMatchObject({ chain: 'r1', seq: 2, time: null, at: 9_000_000_000_000_000 })
  expect(status).toBe(0)
})
