import { expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { ended, requestedDeploy, save, start, worker } from '../store/fixtures.ts'
import { ownFolder } from '../store/folder.ts'
import { tamper } from '../store/tamper.ts'
import { runHere } from './run-here.ts'
import { twokey } from './twokey.ts'

const report = (folder: string, ...words: readonly string[]) => runHere(folder, ['audit', 'report', ...words])

const day = 86_400_000
const at = Date.parse('2026-11-24T10:00:00Z')
/** What people put into a commit, a name and a reason so that a spreadsheet runs it. */
const formula = '=HYPERLINK("http://evil.example","a, b")'

/** Two releases: one succeeded on a Tuesday; one has run since the Thursday after. */
async function storeWithReleases(): Promise<string> {
  const folder = ownFolder()
  const store = await openSqliteStore({ folder })
  const first = requestedDeploy('r1', { at })
  await start(
    store,
    first,
    requestedDeploy('r2', { at: at + 2 * day, service: 'blog-worker', targets: [worker] }),
  )
  const policy = { required: 1, people: [{ slack: ['U0BEN'], github: 'Ben' }] }
  const subject = {
    kind: 'deploy',
    commit: { sha: 'c0ffee'.padEnd(40, '0'), title: formula },
    authorship: { known: true, logins: ['ben'] },
  }
  await store.transact(async (tx) => {
    await tx.noteName('U0ANA', '@Ana\n-1', at)
    const rows = [
      { actor: 'U0ANA', what: 'requested', detail: { subject, policy } },
      { actor: 'U0CHLOE', what: 'approved', detail: { via: 'S0OPS' } },
      { actor: 'U0CHLOE', what: 'withdrew', detail: {} },
      { actor: 'U0BEN', what: 'approved', detail: { via: 'S0OPS' } },
      { actor: 'twokey', what: 'red commit', detail: { usual: 2, required: 3 } },
      { actor: 'twokey', what: 'lock passed', detail: { by: 'U0DAI', why: '+1' } },
      {
        actor: 'twokey',
        what: 'run found',
        detail: { id: 7, url: 'https://github.com/house/blog/actions/runs/7' },
      },
      { actor: 'twokey', what: 'ended succeeded', detail: {} },
    ]
    await tx.audit('r1', rows, at)
    await tx.audit('r2', [{ actor: 'U0ELI', what: 'requested', detail: {} }], at + 2 * day)
  })
  await save(store, ended(first, 'succeeded', at + 60_000))
  await store.close()
  return folder
}

test('writes CSV in which no text of other people is a formula', async () => {
  const folder = await storeWithReleases()
  const { status, out, err } = await twokey(folder, ['audit', 'report', '--format', 'csv'])
  expect({ status, err }).toEqual({ status: 0, err: '' })
  const [header, first, second, end] = out.split(/\r?\n/)
  expect(header).toMatch(/^"release","requested_at","ended_at","service",/)
  expect(first).toBe(
    [
      'r1',
      '2026-11-24T10:00:00.000Z',
      '2026-11-24T10:01:00.000Z',
      'blog-api',
      'prod',
      'deploy',
      'c0ffee'.padEnd(40, '0'),
      `'=HYPERLINK(""http://evil.example"",""a, b"")`,
      '',
      'U0ANA',
      "'@Ana -1",
      '',
      '1',
      'U0BEN at 2026-11-24T10:00:00Z via S0OPS',
      'succeeded',
      '',
      'https://github.com/house/blog/actions/runs/7',
      'approved by an author of the change, U0BEN; required checks had failed: 3 approvals required; lock by U0DAI bypassed: +1',
    ]
      .map((cell) => `"${cell}"`)
      .join(','),
  )
  expect(second).toContain('"r2","2026-11-26T10:00:00.000Z","","blog-worker"')
  expect(second).toContain('"in progress"')
  expect(end).toBe('')
})

test('a report lists a release in each period in which it was in progress', async () => {
  const folder = await storeWithReleases()
  const ids = async (...words: readonly string[]) => {
    const { out } = await report(folder, '--format', 'json', ...words)
    return JSON.parse(out).map(({ release }: { release: string }) => release)
  }
  expect(await ids('--since', '2026-11-24', '--until', '2026-11-25')).toEqual(['r1'])
  expect(await ids('--since', '2026-11-24T10:00:30Z', '--until', '2026-11-25')).toEqual(['r1'])
  expect(await ids('--since', '2026-11-27')).toEqual(['r2'])
  expect(await ids('--service', 'blog-worker')).toEqual(['r2'])
  expect(await ids('--person', 'U0BEN')).toEqual(['r1'])
})

test('reports in one sentence that a period is without releases', async () => {
  const folder = await storeWithReleases()
  const words = ['--since', '2026-01-01', '--until', '2026-02-01', '--environment', 'prod']
  const sentence =
    'No releases in prod from 2026-01-01 00:00 UTC until 2026-02-01 00:00 UTC, and no runs or rollouts outside twokey that twokey knows of.\n'
  expect(await report(folder, ...words)).toEqual({ status: 0, out: sentence, err: '' })
  const json = await report(folder, ...words, '--format', 'json')
  expect(json).toEqual({ status: 0, out: '[]\n', err: sentence })
})

test.each([
  ['--environment', 'production', 'The audit log has no environment "production". There are: prod.\n'],
  ['--service', 'blog', 'The audit log has no service "blog". There are: blog-api, blog-worker.\n'],
  [
    '--person',
    'U0ZOE',
    'The audit log has no person U0ZOE. There are: @Ana -1 (U0ANA), U0BEN, U0CHLOE, U0ELI.\n',
  ],
])('refuses %s %s, with the names that there are, as the export does', async (option, name, sentence) => {
  const folder = await storeWithReleases()
  expect(await report(folder, option, name)).toEqual({ status: 2, out: '', err: sentence })
  expect(await runHere(folder, ['audit', 'export', option, name])).toEqual({
    status: 2,
    out: '',
    err: sentence,
  })
})

test.each([
  ['a date that is none', ['--since', 'tuesday'], 'Cannot read the date "tuesday" of --since'],
  ['a format that is none', ['--format', 'xlsx'], 'Unknown format "xlsx": use table, csv or json.'],
  ['a period that ends before it begins', ['--since', '2026-12-01', '--until', '2026-11-01'], '--until'],
])('refuses %s', async (_, words, sentence) => {
  const { status, out, err } = await report(ownFolder(), ...words)
  expect({ status, out }).toEqual({ status: 2, out: '' })
  expect(err).toContain(sentence)
})

test('reports a release whose audit chain was changed as not intact', async () => {
  const folder = await storeWithReleases()
  tamper(folder, (database) =>
    database.exec("update audit set actor = 'U0EVE' where chain = 'r1' and seq = 4"),
  )
  const { out } = await report(folder)
  expect(out).toMatch(/^2026-11-24 10:00 {2}r1 .*its audit chain is not intact: run `twokey audit verify`/m)
  expect(out).not.toMatch(/^2026-11-26 .*not intact/m)
})
