import { describe, expect, test } from 'vitest'
import { account } from '../../sandbox/github/people.ts'
import { deployPath, deployWorkflow } from '../../sandbox/github/workflow-file.ts'
import { mainCommits } from '../../sandbox/seed.ts'
import { type Inspected, Trouble } from '../../src/ports/ports.ts'
import type { BoundInput } from '../../src/release/inputs.ts'
import { bindingRules, boundTo, devSibling } from '../release/bound.ts'
import { gitHubForEach, repository, routes, workflow } from './harness.ts'

const harness = gitHubForEach()

/** What a dispatch of a commit means if one workflow serves prod and dev. */
function rulesFor(sha: string) {
  const { values } = bindingRules()
  return bindingRules({ values: { ...values, sha }, siblings: [devSibling] })
}

const names = ({ inputs }: { readonly inputs: readonly BoundInput[] }) => inputs.map(({ name }) => name)

/** What targets run. */
const runs = (...commits: readonly (string | null)[]) => commits.map((commit) => ({ commit }))

const ask = {
  repository,
  workflow,
  branch: 'main',
  ref: null,
  running: runs(null),
  rules: rulesFor,
}
type Changed = Partial<Parameters<ReturnType<typeof harness.connect>['inspect']>[0]>

const inspect = (changed: Changed = {}) => harness.connect().inspect({ ...ask, ...changed })

function good(inspected: Inspected): Extract<Inspected, { commit: unknown }> {
  if ('refused' in inspected) throw new Error(`${inspected.refused.code}: ${inspected.refused.sentence}`)
  return inspected
}

async function refusal(changed: Changed = {}) {
  const inspected = await inspect(changed)
  return 'refused' in inspected ? inspected.refused : { code: null, sentence: '', next: '' }
}

describe('the requested commit', () => {
  test('takes the tip if no commit is named, with the details for people', async () => {
    const { commit, tip } = good(await inspect())
    expect(commit).toEqual({
      sha: harness.tip(),
      title: 'Fix the time zone of scheduled posts (#121)',
      author: 'Ana',
      login: 'ana',
    })
    expect(tip).toEqual({
      sha: harness.tip(),
      githubTree: expect.stringMatching(/^[0-9a-f]{40}$/),
      commitOnBranch: true,
      inputs: boundTo(['environment', 'sha', 'release_id'], {
        environment: 'production',
        sha: harness.tip(),
        release_id: 'r-1',
      }),
      paths: [],
      notes: [{ note: 'starts-on', events: ['push to main'] }],
    })
  })

  test('what else starts the workflow is no note where twokey holds the gate', async () => {
    const { world } = harness.sandbox
    const production = world.repository().environment('production')!
    production.reviewers = [account('twokey-bot')]
    expect(good(await inspect()).tip.notes).toEqual([])
    production.reviewers = [account('twokey-bot'), account('ben')]
    expect(good(await inspect()).tip.notes).toEqual([{ note: 'starts-on', events: ['push to main'] }])
  })

  test('what else starts the workflow stays a note if the gate cannot be read', async () => {
    harness.sandbox.world.repository().environment('production')!.reviewers = [account('twokey-bot')]
    const route = 'GET /repos/{owner}/{repo}/environments/{environment_name}'
    const body = { message: 'Resource not accessible by personal access token' }
    harness.sandbox.faults.queue(route, { kind: 'answer', status: 403, body }, { times: 20 })
    expect(good(await inspect()).tip.notes).toEqual([{ note: 'starts-on', events: ['push to main'] }])
  })

  test('resolves a commit by every kind of ref in git', async () => {
    const [, second, third] = harness.shas() as [string, string, string]
    const { world } = harness.sandbox
    world.tag('v1.4.2', second)
    world.tag('v1.4.1', third, { message: 'Release 1.4.1' })
    world.repository().git.refs.set('heads/release/1.4', { type: 'commit', sha: second })
    const github = harness.connect()
    const named = async (ref: string) => good(await github.inspect({ ...ask, ref })).commit.sha
    expect(await named('v1.4.2')).toBe(second)
    expect(await named('v1.4.1')).toBe(third)
    expect(await named('tags/v1.4.1')).toBe(third)
    expect(await named('release/1.4')).toBe(second)
    expect(await named('heads/release/1.4')).toBe(second)
    expect(await named(third)).toBe(third)
    expect(await named(third.slice(0, 7))).toBe(third)
    expect(await named('main')).toBe(harness.tip())
  })

  test.each([['no-such-branch'], ['0000000'], ['f'.repeat(40)]])(
    'refuses %s as an unknown ref',
    async (ref) => {
      expect(await refusal({ ref })).toMatchObject({
        code: 'ref_unknown',
        sentence: expect.stringContaining(ref),
      })
    },
  )

  test.each([
    ['20 kB', 'x'.repeat(20_000)],
    ['an option', '--exec=rm'],
    ['a range', 'main...develop'],
    ['text that turns around', 'main\u202Egnp'],
    ['nothing', ''],
  ])('refuses a ref of %s without a request to GitHub', async (_, ref) => {
    const { code, sentence } = await refusal({ ref })
    expect(code).toBe('ref_unknown')
    expect(sentence.length).toBeLessThan(300)
    expect(sentence).not.toContain('\u202E')
    expect(harness.sandbox.log.exchanges).toEqual([])
  })

  test('refuses a sha of fewer than 7 digits, even if GitHub knows it', async () => {
    expect(await refusal({ ref: harness.tip().slice(0, 6) })).toMatchObject({ code: 'ref_unknown' })
  })

  test('refuses a name of both a branch and a tag as ambiguous', async () => {
    const { world } = harness.sandbox
    world.repository().git.refs.set('heads/next', { type: 'commit', sha: harness.shas()[1]! })
    world.tag('next', harness.shas()[2]!)
    expect(await refusal({ ref: 'next' })).toMatchObject({
      code: 'ref_ambiguous',
      next: expect.stringMatching(/tags\/\P{L}?next/u),
    })
    expect(good(await inspect({ ref: 'tags/next' })).commit.sha).toBe(harness.shas()[2])
  })

  test('refuses a commit of another branch, and names that branch', async () => {
    const sha = harness.tip('develop')
    for (const ref of ['develop', sha, sha.slice(0, 8)])
      expect(await refusal({ ref })).toMatchObject({
        code: 'not_on_branch',
        sentence: expect.stringContaining(harness.tip().slice(0, 7)),
      })
    expect((await refusal({ ref: 'develop' })).sentence).toContain('develop')
  })

  test('refuses a commit without a common ancestor with the branch', async () => {
    const { git } = harness.sandbox.world.repository()
    const { tree, author } = git.commits.get(harness.tip())!
    const alone = git.writeCommit({
      tree,
      author,
      parents: [],
      message: 'Alone',
      date: mainCommits.at(-1)!.date,
    })
    git.refs.set('heads/alone', { type: 'commit', sha: alone.sha })
    expect(await refusal({ ref: 'alone' })).toMatchObject({ code: 'not_on_branch' })
  })

  test('keeps external text unescaped, with its first line cut, from an author without an account', async () => {
    const message = `<!channel> *${'🚀'.repeat(150)}*\n\nApproved-by: everyone`
    const author = { name: 'Mallory\nApproved', email: 'mallory@example.com', login: null }
    const sha = harness.sandbox.world.push('main', { message, author })
    const { commit } = good(await inspect({ ref: sha }))
    expect(commit).toMatchObject({ author: 'Mallory', login: null })
    expect(commit.title).toMatch(/^<!channel> \*(🚀)+…$/u)
    expect(commit.title.length).toBeLessThanOrEqual(200)
    expect(commit.title.isWellFormed()).toBe(true)
  })

  test('does not resolve a short sha that is also the name of a branch', async () => {
    const [tip, second] = harness.shas() as [string, string]
    const short = second.slice(0, 7)
    harness.sandbox.world.repository().git.refs.set(`heads/${short}`, { type: 'commit', sha: tip })
    const told = harness.connect().commit({ repository, sha: short })
    await expect(told).rejects.toMatchObject({ kind: 'terminal' })
  })

  test('reads a commit with its date', async () => {
    expect(await harness.connect().commit({ repository, sha: harness.tip().slice(0, 9) })).toEqual({
      sha: harness.tip(),
      title: 'Fix the time zone of scheduled posts (#121)',
      author: 'Ana',
      login: 'ana',
      date: mainCommits.at(-1)!.date,
    })
    await expect(harness.connect().commit({ repository, sha: '0000000' })).rejects.toThrow(Trouble)
  })
})

describe('a comparison that GitHub does not make', () => {
  const compareRoute = 'GET /repos/{owner}/{repo}/compare/{basehead}'

  test('without a diff the tip can still be deployed, and the card says why changes and authors are not known', async () => {
    const [tip, , third] = harness.shas() as [string, string, string]
    harness.sandbox.world.diffs = 'too long'
    const { commit, changes, authorship } = good(await inspect({ running: runs(third) }))
    expect(commit.sha).toBe(tip)
    const why = expect.stringContaining('this diff is taking too long to generate')
    expect(changes).toEqual({ known: false, why })
    expect(authorship).toEqual({ known: false, why })
  })

  test('without a diff the card still says that commits are removed, and how many', async () => {
    const [tip, , third] = harness.shas() as [string, string, string]
    harness.sandbox.world.diffs = 'too long'
    const { changes, authorship } = good(await inspect({ running: runs(tip), ref: third }))
    expect(changes).toMatchObject({ known: true, direction: 'back', total: 2, commits: [] })
    expect(authorship.known).toBe(false)
  })

  test('without a diff another commit is still proven to be on the branch, because no diff is requested', async () => {
    const [, , third] = harness.shas() as [string, string, string]
    harness.sandbox.world.diffs = 'too long'
    expect(good(await inspect({ ref: third })).commit.sha).toBe(third)
    harness.sandbox.world.push('develop', { message: 'Apart' })
    expect(await refusal({ ref: 'develop' })).toMatchObject({ code: 'not_on_branch' })
  })

  test.each([422, 500])('reads the commit from the list if its diff cannot be made (%d)', async (status) => {
    const commitRoute = 'GET /repos/{owner}/{repo}/commits/{ref}'
    const message = 'Server Error: Sorry, this diff is taking too long to generate.'
    const fault = { kind: 'answer', status, body: { message } } as const
    harness.sandbox.faults.queue(commitRoute, fault, { times: 9 })
    expect(good(await inspect()).commit).toMatchObject({ sha: harness.tip(), author: 'Ana', login: 'ana' })
    const [, second] = harness.shas() as [string, string]
    expect(good(await inspect({ ref: second })).commit.sha).toBe(second)
  })

  test.each([422, 500, 502, 503])(
    'a comparison answered with %d does not block a deploy of the tip',
    async (status) => {
      const [, , third] = harness.shas() as [string, string, string]
      const fault = { kind: 'answer', status, body: { message: 'not_available' } } as const
      harness.sandbox.faults.queue(compareRoute, fault, { times: 9 })
      expect(good(await inspect({ running: runs(third) })).changes.known).toBe(false)
    },
  )

  test('without any comparison refuses another commit than the tip, and says what could not be checked', async () => {
    const [, , third] = harness.shas() as [string, string, string]
    const fault = { kind: 'answer', status: 503, body: { message: 'Unavailable' } } as const
    harness.sandbox.faults.queue(compareRoute, fault, { times: 9 })
    const refused = inspect({ ref: third })
    await expect(refused).rejects.toMatchObject({
      kind: 'passing',
      message: expect.stringContaining(`whether ${third.slice(0, 7)} lies on the branch`),
    })
  })

  test.each([401, 403, 429])(
    'reports missing permissions or a rate limit (%d) instead of ignoring them',
    async (status) => {
      const [, , third] = harness.shas() as [string, string, string]
      const fault = { kind: 'answer', status, body: { message: 'no' } } as const
      harness.sandbox.faults.queue(compareRoute, fault, { times: 9 })
      await expect(inspect({ running: runs(third) })).rejects.toThrow(Trouble)
    },
  )
})

describe('the list of changes', () => {
  test('lists changes forward', async () => {
    const [tip, second, third] = harness.shas() as [string, string, string]
    const { changes } = good(await inspect({ running: runs(third) }))
    expect(changes).toMatchObject({ known: true, direction: 'forward', total: 2 })
    expect(changes.known && changes.commits.map(({ sha }) => sha)).toEqual([second, tip])
    expect(changes.known && changes.url).toBe(`https://github.com/${repository}/compare/${third}...${tip}`)
  })

  test('lists changes back with the commits that are removed', async () => {
    const [tip, second, third] = harness.shas() as [string, string, string]
    const { changes } = good(await inspect({ running: runs(tip), ref: third }))
    expect(changes).toMatchObject({ known: true, direction: 'back', total: 2 })
    expect(changes.known && changes.commits.map(({ sha }) => sha)).toEqual([second, tip])
  })

  test('lists changes aside if the branches diverged', async () => {
    harness.sandbox.world.push('main', { message: 'Meanwhile' })
    const { changes } = good(await inspect({ running: runs(harness.tip('develop')) }))
    expect(changes).toMatchObject({ known: true, direction: 'aside', total: 1 })
    expect(changes.known && changes.removed).toMatchObject({
      total: 1,
      commits: [{ title: 'Try the new editor' }],
    })
  })

  test('claims nothing about migrations of removed commits whose files GitHub does not list', async () => {
    harness.sandbox.world.push('main', { message: 'Meanwhile' })
    const running = runs(harness.tip('develop'))
    const listed = good(await inspect({ running })).changes
    expect(listed.known && listed.removed?.migrations).toBe(0)
    harness.sandbox.world.diffs = 'too long'
    const { changes } = good(await inspect({ running }))
    expect(changes).toMatchObject({ direction: 'aside', removed: { total: 1 } })
    expect(changes.known && changes.removed).not.toHaveProperty('migrations')
  })

  test('lists no changes if the commit is already running', async () => {
    const { changes } = good(await inspect({ running: runs(harness.tip()) }))
    expect(changes).toMatchObject({ known: true, direction: 'forward', total: 0, commits: [] })
  })

  test('lists changes relative to the first target, with the authors of the commits of any target', async () => {
    const { world } = harness.sandbox
    const [tip, , third] = harness.shas() as [string, string, string]
    const trailer = 'Co-authored-by: Chloe <7+chloe@users.noreply.github.com>'
    const pushed = world.push('main', { message: `Cache the feed\n\n${trailer}`, author: 'Ben' })
    const { changes, authorship } = good(await inspect({ running: runs(tip, third, tip) }))
    expect(changes).toMatchObject({ known: true, total: 1, commits: [{ sha: pushed, login: 'ben' }] })
    expect(authorship).toMatchObject({ known: true, since: [tip, third] })
    expect(authorship.known && authorship.logins.toSorted()).toEqual(['ana', 'ben', 'chloe'])
    const hidden = good(await inspect({ running: runs(tip, null) }))
    expect(hidden.changes.known).toBe(true)
    expect(hidden.authorship).toMatchObject({ known: false, why: expect.stringMatching(/./) })
  })

  test('takes the reason of the first target if no commit of several targets is known', async () => {
    const unknown = { because: 'unread', reason: 'GitHub answered 502' } as const
    const running = [{ commit: null, unknown }, { commit: null }]
    expect(good(await inspect({ running })).changes).toMatchObject({
      why: expect.stringContaining(unknown.reason),
    })
  })

  test('counts the files, lines and migrations of the changes, and the files of workflows', async () => {
    const from = harness.tip()
    const files = {
      'db/migrate/20261101_add_slug.sql': 'a\nb\n',
      'src/migrations/README.md': 'How to migrate\n',
      '.github/new.md': 'New\n',
      'src/new-slug.ts': 'export {}\n',
    }
    const to = harness.sandbox.world.push('main', { message: 'Add slugs', files })
    const size = { files: 4, isCut: false, additions: 5, deletions: 0, migrations: 1, workflows: 1 }
    expect(good(await inspect({ running: runs(from) })).changes).toMatchObject({ size })
    const back = good(await inspect({ running: runs(to), ref: from }))
    expect(back.changes).toMatchObject({ direction: 'back', size })
  })

  test('counts the files at the paths of twokey.yml as migrations, of removed commits too', async () => {
    const from = harness.tip()
    const files = { 'schema/7.sql': 'a\n', 'schema/8.sql': 'b\n', 'db/migrate/9_add_slug.sql': 'c\n' }
    const to = harness.sandbox.world.push('main', { message: 'Add slugs', files })
    const migrationPaths = ['schema']
    for (const asked of [{ running: runs(from) }, { running: runs(to), ref: from }])
      expect(good(await inspect({ ...asked, migrationPaths })).changes).toMatchObject({
        size: { files: 3, migrations: 2 },
      })
  })

  test('lists a hundred changes and counts the rest', async () => {
    const from = harness.tip()
    for (let at = 0; at < 120; at += 1)
      harness.sandbox.world.repository().commit('main', {
        message: `Change ${at}`,
        author: { name: 'Ana', email: 'ana@example.com', login: 'ana' },
        date: mainCommits.at(-1)!.date,
        files: { 'CHANGES.md': `${at}` },
      })
    const { changes, authorship } = good(await inspect({ running: runs(from) }))
    expect(changes).toMatchObject({ known: true, total: 120 })
    expect(changes.known && changes.commits).toHaveLength(100)
    expect(authorship.known).toBe(false)
  })

  test.each([
    ['a revision that carries no commit', { commit: null }, /is not known$/],
    [
      'a revision whose commit could not be looked up',
      { commit: null, unknown: { because: 'unread', reason: 'GitHub answered 502' } },
      /GitHub answered 502/,
    ],
    [
      'a revision that names two commits',
      { commit: null, unknown: { because: 'several', commits: ['3f2c1ab8649b', '8649bf9537d5'] } },
      /3f2c1ab and 8649bf9/,
    ],
    ['a commit that GitHub does not know', { commit: 'f'.repeat(40) }, /./],
  ] as const)('does not know the changes if %s is running', async (_, running, why) => {
    const { changes, authorship } = good(await inspect({ running: [running] }))
    const unknown = { known: false, why: expect.stringMatching(why) }
    expect([changes, authorship]).toEqual([unknown, unknown])
  })
})

describe('the workflow', () => {
  const put = (text: string | null, branch = 'main') =>
    harness.sandbox.world.push(branch, { message: 'Change the workflow', files: { [deployPath]: text } })

  test('refuses a disabled workflow', async () => {
    harness.sandbox.world.disableWorkflow(workflow)
    expect(await refusal()).toMatchObject({
      code: 'workflow_disabled',
      next: expect.stringContaining(`gh workflow enable ${workflow} --repo ${repository}`),
    })
  })

  test.each([
    ['without a trigger', deployWorkflow({ on: ['push'] }), 'workflow_without_trigger'],
    ['without the environment', deployWorkflow({ inputs: ['sha'] }), 'input_missing'],
    ['that cannot be read', 'on: [push', 'workflow_unreadable'],
    ['that starts on nothing', 'jobs: {}', 'workflow_unreadable'],
  ])('refuses a workflow %s', async (_, text, code) => {
    const repo = harness.sandbox.world.repository()
    const { author, date } = repo.git.commits.get(harness.tip())!
    repo.commit('develop', { message: 'Change it', author, date, files: { [deployPath]: text } })
    expect(await refusal({ branch: 'develop' })).toMatchObject({ code })
  })

  test('refuses a workflow with an unknown required input by its name', async () => {
    put('on:\n  workflow_dispatch:\n    inputs:\n      version: { required: true }\njobs: {}\n')
    expect((await refusal()).sentence).toContain('version')
  })

  test('reads the workflow at the tip of the environment’s branch', async () => {
    put(deployWorkflow({ inputs: ['environment'] }), 'develop')
    const { tip } = good(await inspect({ branch: 'develop' }))
    expect(names(tip)).toEqual(['environment'])
    expect(names(good(await inspect()).tip)).toEqual(['environment', 'sha', 'release_id'])
  })

  test('follows a workflow that calls itself only to the limit', async () => {
    const call = Array.from({ length: 40 }, (_, at) => `  j${at}: { uses: ./.github/workflows/deploy.yml }`)
    const repo = harness.sandbox.world.repository()
    const { author, date } = repo.git.commits.get(harness.tip())!
    const text = `on: { workflow_dispatch: , workflow_call: }\njobs:\n${call.join('\n')}\n`
    repo.commit('main', { message: 'Call', author, date, files: { [deployPath]: text } })
    const rules = (sha: string) => ({ ...rulesFor(sha), siblings: [], environmentFrom: 'branch' as const })
    const { notes } = good(await inspect({ rules })).tip
    expect(notes.length).toBeLessThanOrEqual(500)
    expect(notes).toContainEqual({
      note: 'not-read',
      what: '40 jobs',
      why: expect.stringContaining('could not follow'),
    })
  })

  test('refuses a workflow that is not on the branch', async () => {
    put(null, 'develop')
    expect(await refusal({ branch: 'develop' })).toMatchObject({ code: 'workflow_unreadable' })
  })

  test('refuses a workflow that is not on the default branch, and says so', async () => {
    expect(await refusal({ workflow: 'ship.yml' })).toMatchObject({
      code: 'workflow_unreadable',
      sentence: expect.stringContaining('default branch'),
    })
  })
})

describe('the branch and the repository', () => {
  test('refuses a branch that does not exist', async () => {
    expect(await refusal({ branch: 'production' })).toMatchObject({ code: 'branch_unknown' })
  })

  test('a repository that cannot be read is terminal trouble', async () => {
    const trouble = await inspect({ repository: 'myorg/secret' }).catch((error: unknown) => error)
    expect(trouble).toBeInstanceOf(Trouble)
    expect(trouble).toMatchObject({
      kind: 'terminal',
      message: expect.stringContaining('/repos/myorg/secret'),
    })
  })
})

describe('the look at the tip', () => {
  const look = (commit: string) =>
    ({ repository, branch: 'main', commit, workflow, rules: rulesFor(commit) }) as const

  test('reports that the tip moved, and whether the workflow changed', async () => {
    const commit = harness.tip()
    const github = harness.connect()
    const before = await github.tip(look(commit))
    const moved = harness.sandbox.world.push('main', { message: 'More' })
    const after = await github.tip(look(commit))
    expect(before).toMatchObject({ sha: commit, commitOnBranch: true })
    expect(after).toEqual({ ...before, sha: moved })

    harness.sandbox.world.push('main', { message: 'CI', files: { '.github/CODEOWNERS': '* @myorg/all\n' } })
    const changed = await github.tip(look(commit))
    expect(changed.githubTree).not.toBe(before.githubTree)
    expect(await github.headTree(harness.head({ sha: moved, tip: commit }))).toMatchObject({
      githubTree: before.githubTree,
    })
    expect(await github.headTree(harness.head({ tip: commit }))).toMatchObject({
      githubTree: changed.githubTree,
    })
  })

  test('reports that the commit is no longer on the branch', async () => {
    const commit = harness.tip()
    const { git } = harness.sandbox.world.repository()
    git.refs.set('heads/main', { type: 'commit', sha: harness.shas()[1]! })
    expect(await harness.connect().tip(look(commit))).toMatchObject({ commitOnBranch: false })
  })

  test('reports that .github no longer exists', async () => {
    harness.sandbox.world.push('main', {
      message: 'Drop CI',
      files: { [deployPath]: null, '.github/CODEOWNERS': null },
    })
    expect(await harness.connect().tip(look(harness.tip()))).toMatchObject({ githubTree: null, inputs: [] })
  })

  test('a workflow that can no longer be dispatched, or a missing branch, is terminal trouble', async () => {
    const commit = harness.tip()
    harness.sandbox.world.disableWorkflow(workflow)
    await expect(harness.connect().tip(look(commit))).rejects.toMatchObject({ kind: 'terminal' })
    harness.sandbox.world.repository().git.refs.delete('heads/develop')
    const gone = harness.connect().tip({ ...look(commit), branch: 'develop' })
    await expect(gone).rejects.toMatchObject({
      kind: 'terminal',
      message: expect.stringContaining('develop'),
    })
  })

  test('uses no rate limit if nothing changed', async () => {
    const github = harness.connect()
    await github.tip(look(harness.shas()[1]!))
    const { used } = harness.sandbox.world.rate
    const asked = harness.sandbox.log.exchanges.length
    await github.tip(look(harness.shas()[1]!))
    expect(harness.sandbox.world.rate.used).toBe(used)
    const again = harness.sandbox.log.exchanges.slice(asked)
    expect(again.map(({ status }) => status)).toEqual(again.map(() => 304))
    expect(harness.statuses(routes.tree)).toEqual([200, 304])
  })
})
