import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { chained } from '../../src/store/audit.ts'
import { openSqliteStore, storeFile } from '../../src/store/sqlite.ts'
import { startChild } from '../store/child.ts'
import { ownFolder } from '../store/folder.ts'
import { forge, insert, prod, storeWithChains, tamper } from '../store/tamper.ts'
import { runHere } from './run-here.ts'
import { twokey } from './twokey.ts'

const verify = (folder: string, ...words: readonly string[]) => runHere(folder, ['audit', 'verify', ...words])
const fingerprint = (folder: string) =>
  readdirSync(folder).map((name) => [
    name,
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex'),
  ])

test('reports that an intact store proves less without heads from Slack', async () => {
  const folder = ownFolder()
  const heads = await storeWithChains(folder)
  const alone = await verify(folder)
  expect(alone).toMatchObject({ status: 0, err: '' })
  expect(alone.out).toMatch(
    /^Intact: .* 0 heads from Slack\.\nWithout heads from Slack this shows only that the file is consistent/,
  )
  const compared = await verify(folder, '--head', `r1:4:${heads.r1?.hash}`)
  expect(compared.out).not.toContain('Without heads')
})

test('reports an unchanged store as intact, checks the heads of Slack, and changes nothing', async () => {
  const folder = ownFolder()
  const temporary = ownFolder()
  const heads = await storeWithChains(folder)
  const before = fingerprint(folder)
  const shown = Object.entries(heads).map(([chain, { seq, hash }]) => `${chain}:${seq}:${hash.slice(0, 12)}`)
  const words = ['audit', 'verify', ...shown.flatMap((head) => ['--head', head])]
  const { status, out } = await twokey(folder, words, { env: { TMPDIR: temporary } })
  expect(out).toMatch(/^Intact: 3 chains, 9 rows; compared with 1 head in the store and 3 heads from Slack/)
  expect(status).toBe(0)
  expect(fingerprint(folder)).toEqual(before)
  expect(readdirSync(temporary)).toEqual([])
})

describe('detects changes by somebody with access to the disk, with chain and row', () => {
  const set = (sql: string) => (database: DatabaseSync) => database.exec(`update audit set ${sql}`)
  const cut = (where: string) => (database: DatabaseSync) => database.exec(`delete from audit where ${where}`)

  test.each<[string, (database: DatabaseSync) => void, RegExp]>([
    ['another actor', set("actor = 'U0EVE' where chain = 'r1' and seq = 2"), /^r1: row 2 was changed/m],
    ['another time', set("at = 7 where chain = 'r2' and seq = 1"), /^r2: row 1 was changed/m],
    [
      'another detail',
      set(`detail = '{}' where chain = '${prod}' and seq = 2`),
      /^environment:prod: row 2 /m,
    ],
    [
      'a detail that is no JSON',
      set("detail = '{' where chain = 'r1' and seq = 4"),
      /^r1: row 4 was changed/m,
    ],
    ['another hash', set("hash = prev where chain = 'r1' and seq = 3"), /^r1: row 3 was changed/m],
    ['the first row gone', cut("chain = 'r1' and seq = 1"), /^r1: row 1 is missing/m],
    ['rows in the middle gone', cut("chain = 'r1' and seq in (2, 3)"), /^r1: rows 2 to 3 are missing/m],
    ['the end of a chain that was told gone', cut("chain = 'r1' and seq > 2"), /^r1: row 4 is missing/m],
    ['a whole chain gone', cut("chain = 'r2'"), /^r2: .*its chain has no rows/m],
    [
      'two rows swapped',
      (database) => {
        database.exec("update audit set seq = -1 where chain = 'r1' and seq = 2")
        database.exec("update audit set seq = 2 where chain = 'r1' and seq = 3")
        database.exec("update audit set seq = 3 where chain = 'r1' and seq = -1")
      },
      /^r1: row 2 .*swapped/m,
    ],
    [
      'a row put in between',
      (database) => {
        database.exec("update audit set seq = -seq - 1 where chain = 'r1' and seq > 2")
        database.exec("update audit set seq = -seq where chain = 'r1' and seq < 0")
        const hash = String(
          database.prepare("select hash from audit where chain = 'r1' and seq = 2").get()?.hash,
        )
        const entries = [{ actor: 'U0EVE', what: 'approved', detail: {} }]
        const [row] = chained({ seq: 2, hash }, { chain: 'r1', at: 1_000, entries })
        if (row) insert(database, { ...row, detail: '{}' })
      },
      /^r1: row 4 does not follow/m,
    ],
    [
      'a row put before the first',
      (database) =>
        insert(database, {
          chain: 'r1',
          seq: 0,
          at: 1,
          actor: 'x',
          what: 'y',
          detail: '{}',
          prev: '',
          hash: '',
        }),
      /^r1: row 0 does not follow/m,
    ],
    [
      'a chain written anew, and the post left',
      (database) => void forge(database, 'r1'),
      /^r1: row 4 does not match the post/m,
    ],
    [
      'a release removed',
      (database) => {
        for (const table of ['card', 'lane']) database.exec(`delete from ${table} where release_id = 'r2'`)
        database.exec("delete from release where id = 'r2'")
      },
      /^r2: .*its release does not/m,
    ],
  ])('detects %s', async (_, work, found) => {
    const folder = ownFolder()
    await storeWithChains(folder)
    tamper(folder, work)
    const { status, out } = await verify(folder)
    expect(out).toMatch(found)
    expect(status).toBe(1)
  })

  const whole = "begin select raise(abort, 'audit is append-only'); end"

  test.each([
    ['gone', ''],
    ['doing nothing', 'create trigger audit_no_update before update on audit begin select 1; end'],
    [
      'refusing only what never is',
      `create trigger audit_no_update before update on audit when new.seq = -9 ${whole}`,
    ],
    [
      'refusing the change of one column',
      `create trigger audit_no_update before update of prev on audit ${whole}`,
    ],
    [
      'joined by one that drops new rows',
      `create trigger audit_no_update before update on audit ${whole};
       create trigger audit_new before insert on audit begin select raise(ignore); end`,
    ],
  ])('detects a trigger %s', async (_, instead) => {
    const folder = ownFolder()
    await storeWithChains(folder)
    const database = new DatabaseSync(join(folder, storeFile))
    expect(() => database.exec("update audit set actor = 'U0EVE'")).toThrow('append-only')
    database.exec(`drop trigger audit_no_update; ${instead}`)
    database.close()
    const { status, out } = await verify(folder)
    expect(out).toContain('triggers')
    expect(status).toBe(1)
  })

  test('reports several findings at once', async () => {
    const folder = ownFolder()
    await storeWithChains(folder)
    tamper(folder, (database) => {
      database.exec("update audit set what = 'approved' where chain = 'r2' and seq = 3")
      database.exec(`delete from audit where chain = '${prod}' and seq = 1`)
    })
    const { out } = await verify(folder)
    expect(out).toMatch(/^r2: row 3 was changed/m)
    expect(out).toMatch(/^environment:prod: row 1 is missing/m)
    expect(out).toMatch(/Not intact, 2 problems: 3 chains, 8 rows/)
  })
})

describe('heads from Slack', () => {
  test('detects a chain rewritten with every hash and every post, by the heads from Slack', async () => {
    const folder = ownFolder()
    const { r1 } = await storeWithChains(folder)
    tamper(folder, (database) => {
      const head = forge(database, 'r1')
      const post = database.prepare("select body from post where release_id = 'r1'").get()
      const body = { ...JSON.parse(String(post?.body)), head }
      database.prepare("update post set body = ? where release_id = 'r1'").run(JSON.stringify(body))
    })
    expect((await verify(folder)).status).toBe(0)
    const { status, out } = await verify(folder, '--head', `r1:4:${r1?.hash.slice(0, 12)}`)
    expect(out).toMatch(
      /^r1: row 4 does not match the head from Slack.* copied wrongly, or the chain was rewritten/m,
    )
    expect(status).toBe(1)
  })

  test('detects the removed end of a chain that no post shows, by heads from standard input and a file', async () => {
    const folder = ownFolder()
    const heads = await storeWithChains(folder)
    tamper(folder, (database) => database.exec("delete from audit where chain = 'r2' and seq = 3"))
    expect((await verify(folder)).status).toBe(0)
    const copied = `\nAudit: \`r2:3:${heads.r2?.hash}\`\r\n  ${prod}:2:${heads[prod]?.hash.slice(0, 12)}\n`
    const piped = await twokey(folder, ['audit', 'verify', '--heads', '-'], { piped: copied })
    const file = join(folder, 'heads.txt')
    writeFileSync(file, copied)
    const filed = await verify(folder, '--heads', file)
    expect(piped).toEqual(filed)
    expect(filed.out).toMatch(/^r2: row 3 is missing/m)
    expect(filed.out).toMatch(/^Not intact, 1 problem: .* 2 heads from Slack/m)
    expect(filed.status).toBe(1)
  })

  test('reports a head with one wrong character as probably mistyped, and accuses nobody', async () => {
    const folder = ownFolder()
    const { r1, r2 } = await storeWithChains(folder)
    const mistyped = (hash = '') => `${hash.slice(0, 11)}${hash[11] === '0' ? '1' : '0'}${hash.slice(12, 20)}`
    const one = await verify(folder, '--head', `r1:4:${mistyped(r1?.hash)}`)
    expect(one.status).toBe(1)
    expect(one.out).toMatch(/^r1: row 4 .* probably copied wrongly: .* in 1 character\.$/m)
    expect(one.out).toContain('Compare the head with its post in Slack first')
    expect(one.out).not.toContain('Something other than twokey modified the file')
    const other = `r2:3:${'0'.repeat(20)}`
    const two = await verify(folder, '--head', `r1:4:${'0'.repeat(20)}`, '--head', other)
    expect(two.out).toContain('Something other than twokey modified the file')
    expect(r2?.hash).not.toMatch(/^0{20}/)
  })

  test('reports a head of a chain that does not exist', async () => {
    const folder = ownFolder()
    await storeWithChains(folder)
    const { status, out } = await verify(folder, '--head', 'r9:1:0123456789ab')
    expect(out).toMatch(/^r9: row 1 is missing/m)
    expect(status).toBe(1)
  })
})

describe('usage errors, which report nothing as intact', () => {
  test.each([
    ['a head without its hash', ['--head', 'r1:4'], ''],
    ['a head whose hash is too short', ['--head', 'r1:4:0123'], ''],
    ['a head with words behind it', ['--head', 'r1:4:0123456789ab and more'], ''],
    ['a line that is no head', ['--heads', '-'], 'r1:4:0123456789ab\nr1:four:0123456789ab\n'],
    ['no head at all', ['--heads', '-'], '\n'],
    ['a file that is not there', ['--heads', '/nowhere/heads.txt'], ''],
    ['an option that is none', ['--haeds', '-'], ''],
  ])('rejects %s as a usage error', async (_, words, piped) => {
    const folder = ownFolder()
    await storeWithChains(folder)
    const { status, out, err } = await runHere(folder, ['audit', 'verify', ...words], { piped })
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).not.toBe('')
  })

  test('rejects a database instead of a folder', async () => {
    const folder = ownFolder()
    await storeWithChains(folder)
    const env = { DATABASE_URL: 'postgres://somewhere/twokey' }
    const { status, out, err } = await runHere(folder, ['audit', 'verify'], { env })
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain('DATABASE_URL')
  })

  test('reports a folder without a store', async () => {
    const folder = ownFolder()
    const { status, out, err } = await verify(folder)
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain('TWOKEY_DATA_DIR')
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('audit verify of stores in any state', () => {
  test('reads a store while a process writes constantly, with more rows each time', async () => {
    const folder = ownFolder()
    const child = await startChild(folder, 100)
    const rows: number[] = []
    for (let round = 0; round < 3; round++) {
      const { status, out, err } = await twokey(folder, ['audit', 'verify'])
      expect({ status, err }).toEqual({ status: 0, err: '' })
      rows.push(Number(/, (\d+) rows/.exec(out)?.[1]))
    }
    expect(rows).toEqual([...new Set(rows)].sort((one, other) => one - other))
    const said = child.said.length
    await child.kill()
    expect(said).toBeGreaterThan(100)
  })

  test('reads what a killed process left, including its log, and leaves it for the next start', async () => {
    const folder = ownFolder()
    const child = await startChild(folder, 60)
    await child.kill()
    const before = fingerprint(folder)
    const { status, out } = await verify(folder)
    expect(status).toBe(0)
    const written = child.said.filter((line) => line.startsWith('release ')).length
    expect(Number(/Intact: (\d+) chain/.exec(out)?.[1])).toBeGreaterThanOrEqual(written)
    expect(fingerprint(folder)).toEqual(before)
    await (await openSqliteStore({ folder })).close()
  })

  test('reads a store of an older version without migrating it', async () => {
    const folder = ownFolder()
    const database = new DatabaseSync(join(folder, storeFile), { enableForeignKeyConstraints: false })
    database.exec(readFileSync(join(import.meta.dirname, '../store/first-store.sql'), 'utf8'))
    database.close()
    const before = fingerprint(folder)
    expect(await verify(folder)).toMatchObject({
      status: 0,
      out: expect.stringContaining('2 chains, 3 rows'),
    })
    expect(fingerprint(folder)).toEqual(before)
  })

  test.each<[string, string, (folder: string) => void]>([
    [
      'of a newer twokey',
      'schema 99',
      (folder) => tamper(folder, (database) => database.exec('update schema_version set version = 99')),
    ],
    ['that is none', storeFile, (folder) => writeFileSync(join(folder, storeFile), 'notes\n'.repeat(1_000))],
  ])('reports a store %s as unreadable, with the reason', async (_, reason, spoil) => {
    const folder = ownFolder()
    await storeWithChains(folder)
    spoil(folder)
    const { status, out, err } = await verify(folder)
    expect({ status, out }).toEqual({ status: 1, out: '' })
    expect(err).toContain(reason)
  })
})
