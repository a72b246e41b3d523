import { describe, expect, it } from 'vitest'
import type { Checks, RequiredChecks } from '../../src/release/checks.ts'
import type { Facts, Setback } from '../../src/release/facts.ts'
import type { ChangeSize, Changes } from '../../src/release/subject.ts'
import { card } from '../../src/slack/cards/card.ts'
import { threadPost } from '../../src/slack/cards/thread-post.ts'
import { click } from '../release/click.ts'
import { approver, DrivenRelease, deployOf, plainWords, rollback } from './releases.ts'

type Known = Extract<Changes, { known: true }>

const size: ChangeSize = {
  files: 14,
  isCut: false,
  additions: 210,
  deletions: 35,
  migrations: 0,
  workflows: 0,
}

/** A deploy whose changes differ in this from two commits forward. */
function deploy(differs: Partial<Known>, facts: Facts = {}): DrivenRelease {
  const subject = deployOf(plainWords)
  if (!subject.changes.known) throw new Error('its changes are known')
  const { size: _, ...changes } = subject.changes
  return new DrivenRelease({ subject: { ...subject, changes: { ...changes, ...differs } }, facts })
}

const green: Checks = { source: 'checks', passed: 14, pending: 0, failed: 0, failing: [] }

const { changes: two } = deployOf(plainWords, 3)
const removedTwo = two.known ? two.commits.slice(0, 2) : []

/** The text of every line of the card, from top to bottom. */
function linesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(linesOf)
  if (typeof value !== 'object' || value === null) return []
  const { type, text, elements } = value as { type?: string; text?: unknown; elements?: unknown[] }
  if (type === 'rich_text_section')
    return [(elements ?? []).map((each) => (each as { text?: string }).text ?? '').join('')]
  if (typeof text === 'string') return text.split('\n')
  return [...linesOf(text), ...linesOf(elements)]
}

type Element = { readonly text?: string; readonly style?: { readonly strike?: boolean } }

/** The elements of every line of rich text. */
function sectionsOf(value: unknown): readonly (readonly Element[])[] {
  if (Array.isArray(value)) return value.flatMap(sectionsOf)
  const { type, elements = [] } = value as { type?: string; elements?: readonly Element[] }
  return type === 'rich_text_section' ? [elements] : elements.flatMap(sectionsOf)
}

const workspace = 'https://blog.slack.com/'
const shown = ({ release }: DrivenRelease) => linesOf(card(release, workspace).blocks)
const asked = (driven: DrivenRelease) => {
  const told = driven.told.find(({ story: { tell } }) => tell === 'asked')
  return threadPost(driven.release, told!, null)
}

describe('a deploy that removes commits', () => {
  const back = deploy({ direction: 'back', commits: removedTwo, total: 2, size })

  it('a card warns of removed commits in normal size above the list, and says what will serve', () => {
    const lines = shown(back)
    const warning = lines.indexOf(':warning: *Goes back to an older commit. Removes 2 commits.*')
    const serves = lines.findIndex((line) =>
      line.startsWith('Will serve: 3f2c1ab Show drafts to their authors #108'),
    )
    const removed = lines.flatMap((line, at) => (line.startsWith('Removes ') ? [at] : []))
    expect(warning).toBeGreaterThan(0)
    expect(serves).toBeGreaterThan(warning)
    expect(removed).toHaveLength(2)
    expect(removed[0]).toBeGreaterThan(serves)
  })

  it('a card strikes through the removed commits, each beside the word Removes, and nothing else', () => {
    const rows = sectionsOf(card(back.release).blocks)
    const removed = rows.filter(([first]) => first?.text === 'Removes ')
    const isStruck = ({ style }: Element) => style?.strike === true
    expect(removed).toHaveLength(2)
    for (const [, ...commit] of removed) expect(commit.every(isStruck)).toBe(true)
    expect(rows.filter((row) => row.some(isStruck))).toEqual(removed)
  })

  it('the first line says how many commits a deploy goes back, or removes', () => {
    expect(shown(back)[0]).toBe(':key: *Deploy blog-api to prod: goes back 2 commits* – awaiting approval')
    expect(shown(deploy({ direction: 'aside', removed: { commits: [], total: 3 } }))[0]).toContain(
      'Deploy blog-api to prod: removes 3 commits',
    )
  })

  it('the notification warns of removed commits near its beginning, and so does the thread', () => {
    const { text } = card(back.release)
    expect(text.split('\n').findIndex((line) => line.includes('Removes 2 commits'))).toBe(2)
    expect(asked(back).text).toContain('Goes back to an older commit. Removes 2 commits.')
  })

  it('a card counts 200 removed commits and lists five', () => {
    const many = deployOf(plainWords, 200)
    if (!many.changes.known) throw new Error('its changes are known')
    const lines = shown(deploy({ direction: 'back', commits: many.changes.commits, total: 200 }))
    expect(lines).toContain(':warning: *Goes back to an older commit. Removes 200 commits.*')
    expect(lines.filter((line) => line.startsWith('Removes '))).toHaveLength(5)
    expect(lines.some((line) => line.includes('removes 195 more'))).toBe(true)
  })

  it('a card counts removed commits if GitHub does not list them', () => {
    const lines = shown(deploy({ direction: 'back', commits: [], total: 7 }))
    expect(lines).toContain(':warning: *Goes back to an older commit. Removes 7 commits.*')
    expect(lines.filter((line) => line.startsWith('Removes '))).toEqual([])
  })

  it('counts added and removed lines as this deploy changes them', () => {
    expect(shown(back)).toContain('changes 14 files, +35 −210')
  })

  it('marks what is added and what is removed if the branches diverged', () => {
    const removed = { commits: removedTwo, total: 2, migrations: 0 }
    const lines = shown(deploy({ direction: 'aside', removed, size }))
    expect(lines).toContain(
      ':warning: *A different line of history than what is serving: removes 2 commits, adds 2 commits.*',
    )
    expect(lines).toContain('added commits: 14 files, +210 −35')
    expect(lines.filter((line) => line.startsWith('Adds '))).toHaveLength(2)
    expect(lines.filter((line) => line.startsWith('Removes '))).toHaveLength(2)
  })

  it('a card says that other commits are removed if an older twokey did not count them', () => {
    expect(shown(deploy({ direction: 'aside' })).join('\n')).toContain('removes others, adds 2 commits.')
  })
})

describe('the size of a deploy', () => {
  it.each<[string, Partial<ChangeSize>, string]>([
    ['several files', {}, '14 files, +210 −35'],
    ['one file', { files: 1 }, '1 file, +210 −35'],
    ['workflow files', { workflows: 2 }, '14 files, +210 −35 · changes `.github`'],
    ['more files than GitHub lists', { files: 300, isCut: true }, '300 or more files, +210 −35'],
  ])('the size of a deploy is one line: %s', (_, differs, line) => {
    expect(shown(deploy({ size: { ...size, ...differs } }))).toContain(line)
  })

  it('the size of a deploy is not shown after the decision', () => {
    const driven = deploy({ size })
    expect(shown(driven)).toContain('14 files, +210 −35')
    driven.on(click('cancel', approver('U0ANA')))
    expect(shown(driven)).not.toContain('14 files, +210 −35')
  })
})

describe('the database', () => {
  const unread = { known: false, why: 'GitHub answered 500' } as const
  const cut = { ...size, files: 300, isCut: true }
  const aside = (removed: NonNullable<Known['removed']>) => ({ direction: 'aside', size, removed }) as const
  const stays = 'if it was applied, the older code runs on the newer schema.'

  it.each<[string, Partial<Known>, readonly string[]]>([
    ['none', { size }, ['No migration files changed']],
    ['one', { size: { ...size, migrations: 1 } }, ['*Changes the database:* 1 migration file']],
    ['several', { size: { ...size, migrations: 3 } }, ['*Changes the database:* 3 migration files']],
    [
      'some among the files that GitHub listed',
      { size: { ...cut, migrations: 2 } },
      ['*Changes the database:* at least 2 migration files'],
    ],
    [
      'none among the files that GitHub listed',
      { size: cut },
      [
        ':grey_question: *Migration files not checked completely:* GitHub listed 300 files, none of them a migration',
      ],
    ],
    [
      'files that GitHub did not list',
      {},
      [':grey_question: *Migration files not checked:* GitHub did not list the files'],
    ],
    ['none, as the commit serves already', { total: 0, commits: [] }, ['No migration files changed']],
    [
      'one that is removed',
      { direction: 'back', size: { ...size, migrations: 1 } },
      [
        `:warning: *The database is not changed back.* The removed commits contain 1 migration file: ${stays}`,
      ],
    ],
    ['none that is removed', { direction: 'back', size }, ['No migration files in the removed commits']],
    [
      'removed files that GitHub did not list',
      { direction: 'back' },
      [':grey_question: *Migration files of the removed commits not checked:* GitHub did not list all files'],
    ],
    [
      'diverged branches',
      aside({ commits: [], total: 1, migrations: 1 }),
      [
        'No migration files changed',
        `:warning: *The database is not changed back.* The removed commits contain 1 migration file: ${stays}`,
      ],
    ],
    [
      'diverged branches, whose removed files GitHub did not list',
      aside({ commits: [], total: 1 }),
      [
        'No migration files changed',
        ':grey_question: *Migration files of the removed commits not checked:* GitHub did not list all files',
      ],
    ],
  ])(
    'lines of their own above the needed approvals say which migrations a deploy has: %s',
    (_, differs, words) => {
      const lines = shown(deploy(differs))
      const needed = lines.findIndex((line) => line.startsWith('*Needs 2 approvals*'))
      expect(lines.slice(needed - words.length, needed)).toEqual(words)
      expect(asked(deploy(differs)).text).toContain(words.join('\n'))
    },
  )

  it('a card says above the needed approvals that nothing is known of the changes, and why', () => {
    const subject = { ...deployOf(plainWords), changes: unread }
    const lines = shown(new DrivenRelease({ subject }))
    const needed = lines.findIndex((line) => line.startsWith('*Needs 2 approvals*'))
    expect(lines[needed - 1]).toBe(
      ':grey_question: *Commits and migration files not checked:* GitHub answered 500',
    )
  })
})

describe('the checks of a commit', () => {
  it.each<[string, Partial<Checks>, string]>([
    ['passed', {}, ':white_check_mark: CI passed (14 checks)'],
    [
      'passed, by runs',
      { source: 'workflow runs', passed: 3 },
      ':white_check_mark: CI passed (3 workflow runs)',
    ],
    ['none', { passed: 0 }, 'no CI checks'],
    ['not readable', { passed: 0, unread: 'GitHub answered 403' }, ':grey_question: CI could not be read'],
    [
      'partly readable',
      { unread: 'only 100 of 120 checks were read' },
      ':grey_question: CI could not be read completely: 14 checks passed',
    ],
  ])('the line of facts begins with the checks: %s', (_, differs, words) => {
    expect(shown(deploy({ size }, { checks: { ...green, ...differs } }))).toContain(
      `${words} · 14 files, +210 −35`,
    )
  })

  it('pending checks show the time of the look, because they may have ended by now', () => {
    const lines = shown(deploy({}, { checks: { ...green, pending: 2 } }))
    expect(lines.join('\n')).toMatch(/CI was pending <!date\^\d+\^[^>]+>: 2 of \d+ checks not finished/)
  })

  it('a warning about failed checks stands above the line of facts', () => {
    const checks = { ...green, failed: 7, failing: ['lint', 'e2e <!channel>'] }
    const lines = shown(deploy({ size }, { checks }))
    const warning = lines.indexOf(':x: *CI failed:* lint, e2e &lt;!channel&gt; and 5 more')
    expect(warning).toBeGreaterThan(0)
    expect(lines.indexOf('14 files, +210 −35')).toBe(warning + 1)
  })
})

describe('the required checks of a commit', () => {
  const none = { count: 0, names: [] }
  const url = 'https://github.com/myorg/blog-api/commit/3f2c1ab/checks'
  const page = `(<${url}|checks>)`
  const card = (part: Partial<RequiredChecks>, redCommit: number | null = null) => {
    const required: RequiredChecks = { by: 'branch', passed: 0, pending: none, failed: none, url, ...part }
    const facts = { checks: { ...green, required } }
    return shown(new DrivenRelease({ facts, checksRule: { redCommit }, eligible: 9 })).join('\n')
  }
  const foul = { count: 3, names: ['e2e <!channel>'] }
  const names = 'e2e &lt;!channel&gt; and 2 more'

  it.each<[string, Partial<RequiredChecks>, string]>([
    [
      'pending',
      { pending: foul },
      `Required checks are pending: ${names} ${page}. twokey does not deploy until`,
    ],
    ['none', {}, `No checks were reported for this commit ${page}. twokey does not deploy until`],
    [
      'not readable',
      { unread: { kind: 'passing', reason: 'GitHub answered 502' } },
      'Required checks could not be read (GitHub answered 502). twokey does not deploy until they pass.',
    ],
  ])('the card says what has to happen before the dispatch: %s', (_, part, words) => {
    expect(card(part)).toContain(words)
  })

  it('the card says nothing more about required checks that passed', () => {
    expect(card({ passed: 2 })).not.toMatch(/equired checks/)
  })

  it('the card of a red commit warns, and says how many approvals it needs', () => {
    expect(card({ failed: foul }, 3)).toContain(
      `:warning: *Required checks failed:* ${names} ${page}. Needs 3 approvals instead of 2.`,
    )
    expect(card({ failed: foul }, 1)).toContain('Needs 2 approvals.')
  })
})

describe('a deploy whose facts could not be read', () => {
  it('a card says in one sentence that neither checks nor changes could be read', () => {
    const subject = {
      ...deployOf(plainWords),
      changes: { known: false, why: 'GitHub answered 500' },
    } as const
    const checks: Checks = { ...green, passed: 0, unread: 'GitHub answered 403' }
    const lines = shown(new DrivenRelease({ subject, facts: { checks } }))
    expect(lines).toContain(
      ':warning: twokey could read neither the checks nor the changes of 3f2c1ab. Look at the commit on GitHub before you approve. (GitHub answered 403)',
    )
    expect(lines.join()).not.toContain('CI could not be read')
  })
})

const at = Date.UTC(2026, 10, 23, 8)
const link = { channel: 'C0DEPLOYS', ts: '1795411450.885000' }
const linked = '<https://blog.slack.com/archives/C0DEPLOYS/p1795411450885000|card>'

describe('what became of the same commit here before', () => {
  const last = { release: 'r-1', card: link, outcome: 'taken back', by: 'U0ANA', at } as const
  const warning = (facts: Facts) => shown(deploy({}, facts)).find((line) => line.startsWith(':warning:'))

  it('one warning says how often the commit failed here, since when, how it ended last, with a link to that card', () => {
    const words = warning({ setbacks: { failures: 5, since: at - 3_600_000, last } })
    expect(words).toMatch(
      /^:warning: \*3f2c1ab failed here 5 times\* since <!date[^>]+>, last: rolled back by <@U0ANA> <!date[^>]+> \(<http/,
    )
    expect(words).toContain(linked)
  })

  it.each<[Partial<Setback>, string]>([
    [{ outcome: 'failed', by: null }, 'failed here before*: failed'],
    [{ outcome: 'rolled back', by: null }, 'did not succeed here before*: rolled back automatically'],
    [{ outcome: 'rejected', by: 'U0BEN' }, 'was rejected here before*: rejected by <@U0BEN>'],
    [
      { outcome: 'superseded', by: 'U0BEN' },
      'did not succeed here before*: replaced by a rollback by <@U0BEN>',
    ],
  ])('a warning says how a single earlier attempt ended: %o', (differs, words) => {
    const setbacks = { failures: 1, since: at, last: { ...last, ...differs } }
    expect(warning({ setbacks })).toContain(`*3f2c1ab ${words} <!date`)
  })

  it('a commit that was rolled back after a success is said to have been live, once', () => {
    const setbacks = { failures: 1, since: at, last: { ...last, servedSince: at - 120_000 } }
    const succeededIn = [{ environment: 'prod', at: at - 120_000 }]
    const lines = shown(deploy({}, { setbacks, succeededIn }))
    expect(lines.find((line) => line.startsWith(':warning:'))).toMatch(
      /^:warning: \*3f2c1ab was live here\* from <!date[^>]+> until <@U0ANA> rolled it back <!date[^>]+> \(<http/,
    )
    expect(lines.join()).not.toMatch(/succeeded here|here before/)
  })

  it('a commit that succeeded here once is not said to have had no success', () => {
    const setbacks = { failures: 1, since: at, last: { ...last, outcome: 'failed', by: null } } as const
    const succeededIn = [{ environment: 'prod', at: at - 120_000 }]
    expect(warning({ setbacks, succeededIn })).toMatch(
      /^:warning: \*The last release of 3f2c1ab here did not succeed\*: failed <!date/,
    )
  })

  it('a warning names an earlier release if its card cannot be linked', () => {
    const { card: _, ...unlinked } = last
    expect(warning({ setbacks: { failures: 1, since: at, last: unlinked } })).toMatch(/\(r-1\)$/)
  })

  it('a card names the release that it retries', () => {
    const retryOf = { release: 'r-1', card: link }
    for (const driven of [
      deploy({}, { retryOf }),
      new DrivenRelease({ subject: rollback, facts: { retryOf } }),
    ])
      expect(shown(driven)).toContain(`Retry of r-1 (${linked})`)
    expect(warning({ retryOf, setbacks: { failures: 1, since: at, last } })).toContain(
      ':warning: Retry of r-1. *3f2c1ab did not succeed here before',
    )
  })
})

describe('what became here of the commits that a deploy contains', () => {
  const commit = '1e677e4'.padEnd(40, '0')
  const each = { commit, release: 'r-1', card: link, at } as const
  const lines = (part: Partial<Setback> & { readonly reason?: string }, more = 0) =>
    shown(
      deploy({}, { contains: { last: [{ ...each, outcome: 'failed', by: null, ...part }], more } }),
    ).filter((line) => line.startsWith(':warning: '))

  it.each<[Partial<Setback> & { readonly reason?: string }, RegExp]>([
    [{ reason: 'the <!channel> failed' }, /^which failed here <!date[^>]+>: the &lt;!channel&gt; failed \(/],
    [{ outcome: 'taken back', by: 'U0ANA' }, /^which <@U0ANA> rolled back here <!date[^>]+> \(/],
    [{ outcome: 'superseded', by: 'U0ANA' }, /^which <@U0ANA> replaced by a rollback here <!date[^>]+> \(/],
    [{ outcome: 'rolled back' }, /^which was rolled back automatically here <!date[^>]+> \(/],
    [{ outcome: 'rollback failed' }, /^whose automatic rollback failed here <!date/],
    [{ outcome: 'unchanged' }, /^whose deploy rolled out nothing here <!date/],
    [{ outcome: 'stopped' }, /^whose deploy was stopped by hand here <!date/],
    [{ outcome: 'unknown' }, /^whose deploy ended here <!date[^>]+> with an unknown outcome \(/],
  ])('a warning says how it ended, with a link to that card: %o', (part, words) => {
    const [line, ...others] = lines(part)
    expect(others).toEqual([])
    expect(line).toContain(linked)
    expect(line?.replace(':warning: *Contains 1e677e4*, ', '')).toMatch(words)
  })

  it('a warning counts the commits that are not named', () => {
    expect(lines({}, 3).at(-1)).toBe(':warning: Contains 3 more commits that went badly here')
  })
})

describe('environments in which the commit ran before', () => {
  it('the line of facts lists where the commit ran before', () => {
    const succeededIn = [
      { environment: 'dev', at },
      { environment: 'prod', at },
      { environment: 'staging', at: null },
    ]
    const line = shown(deploy({ size }, { checks: green, succeededIn })).find((each) =>
      each.includes('CI passed'),
    )
    expect(line).toMatch(
      /14 files, \+210 −35 · succeeded in dev <!date[^>]+> · succeeded here <!date[^>]+> · not in staging yet$/,
    )
  })
})

describe('the workflow that will run', () => {
  const lines = (isChanged: boolean, since: string) =>
    shown(deploy({}, { workflow: { isChanged, since } })).join('\n')

  it('small print says that the workflow is unchanged', () => {
    expect(lines(false, 'a'.repeat(40))).toContain(
      ' · The workflow that runs is unchanged since the last deploy · workflow deploy.yml',
    )
  })

  it('a changed workflow is a warning with a link to the difference', () => {
    const since = 'a'.repeat(40)
    expect(lines(true, since)).toContain(
      `:warning: *The workflow changed since the last deploy*: deploy.yml, or a file that it uses (<https://github.com/myorg/blog-api/compare/${since}...`,
    )
    expect(lines(true, since)).not.toContain('is unchanged')
  })
})
