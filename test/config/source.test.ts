import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig, parseConfig } from '../../src/config/load.ts'
import { placeholdersIn, placeholderWarning } from '../../src/config/placeholders.ts'
import { formatProblems, type Problem, problemCount } from '../../src/config/problems.ts'

function problemsOf(text: string): readonly Problem[] {
  const loaded = parseConfig(text)
  return 'problems' in loaded ? loaded.problems : []
}

test.each([
  ['a list without its end', 'slack:\n  channel: [C0DEPLOYS\npolling: {}\n', 3],
  ['a tab', 'slack:\n\tchannel: C0DEPLOYS\n', 2],
  ['two documents', 'slack: { channel: C0DEPLOYS }\n---\nslack: {}\n', 2],
  ['a tag that means nothing here', 'slack:\n  channel: !secret C0DEPLOYS\n', 2],
  ['an alias without its anchor', 'slack:\n  channel: *deploys\n', 2],
])('reports YAML that cannot be read with its line: %s', (_name, text, line) => {
  expect(problemsOf(text)).toMatchObject([{ line, path: '', found: 'broken YAML' }])
})

test('rejects aliases that multiply excessively', () => {
  const tenfold = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(`*${of}`).join(', ')}]`
  const text = ['a: &a [1]', tenfold('b', 'a'), tenfold('c', 'b'), tenfold('d', 'c')].join('\n')
  expect(problemsOf(text)).toMatchObject([{ found: 'broken YAML' }])
})

test.each([
  ['an empty file', '', 'nothing'],
  ['a sentence', 'ship it', '"ship it"'],
  ['a list', '- slack', 'a list'],
])('reports one problem of the whole file for %s', (_name, text, found) => {
  expect(problemsOf(text)).toMatchObject([{ line: 1, path: '', found }])
})

test('reports everything missing from an empty mapping together', () => {
  expect(problemsOf('{}').map(({ path, found }) => [path, found])).toEqual([
    ['slack', 'nothing'],
    ['environments', 'nothing'],
    ['services', 'nothing'],
  ])
})

test('reports a mistake behind an alias at its own line', () => {
  const text = 'slack: { channel: C0DEPLOYS }\nenvironments:\n  dev: &dev\n    branch: 3\n  prod: *dev\n'
  const paths = problemsOf(text).map(({ line, path }) => `${line} ${path}`)
  expect(paths).toContain('4 environments.dev.branch')
  expect(paths).toContain('4 environments.prod.branch')
})

test('reports a missing file as a problem', () => {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-'))
  expect(loadConfig(join(folder, 'twokey.yml'))).toMatchObject({
    problems: [{ line: 1, path: '', found: 'no readable file' }],
  })
  expect(loadConfig(folder)).toMatchObject({ problems: [{ found: 'no readable file' }] })
  rmSync(folder, { recursive: true })
})

// Written in two parts, so that no secret scanner reports them.
const secret = 'Zq7Wm2Rt9Kx4'
const tokens = ['xoxb-', 'xoxp-', 'xapp-', 'ghp_', 'ghs_', 'github_pat_'].map((kind) => `${kind}${secret}`)

test.each(tokens)('rejects a token anywhere in the file, and never shows it: %s', (token) => {
  const places: readonly (readonly [text: string, line: number, path: string])[] = [
    [`slack:\n  channel: ${token}\n`, 2, 'slack.channel'],
    [`slack: {}\ngithub:\n  token: ${token}\n`, 3, 'github.token'],
    [`people:\n  - slack:\n    - U0ANA\n    - ${token}\n`, 4, 'people[0].slack[1]'],
    [`slack:\n  channel: Bearer ${token}\nbroken: [\n`, 2, 'slack.channel'],
  ]
  for (const [text, line, path] of places) {
    const problems = problemsOf(text)
    expect(problems).toContainEqual(expect.objectContaining({ line, path, allowed: 'no token' }))
    expect(formatProblems('twokey.yml', problems)).not.toContain(secret.slice(1))
  }
})

test('does not show a token used as a name among allowed values', () => {
  const text = `environments:\n  ${tokens[0]}: {}\ndefaults: { environment: prod }\n`
  const problems = problemsOf(text)
  expect(problems.map(({ path }) => path)).toContain('defaults.environment')
  expect(formatProblems('twokey.yml', problems)).not.toContain(secret)
})

test('explains that # begins a comment if a channel is not quoted, and where to find the channel’s ID', () => {
  const channelOf = (text: string) => problemsOf(text).find(({ path }) => path === 'slack.channel')
  expect(channelOf('slack:\n  channel: #deploys\n')).toMatchObject({
    line: 2,
    found: 'nothing',
    message: expect.stringMatching(/`#` begins a comment.* In Slack: channel name → About/),
  })
  expect(channelOf('slack: # the release channel\n  readers: everyone\n')?.message).not.toContain('comment')
  expect(channelOf('slack:\n  channel:\n')?.message).not.toContain('comment')
})

test.each([
  ['githubEnvironment', `githubEnvironment: \${{ inputs.environment }}`],
  ['branch', 'branch: $BRANCH'],
  ['channel', `channel: "\${CHANNEL}"`],
  ['wait', 'wait: $WAIT'],
])('refuses an expression or a variable in %s: twokey.yml has none', (field, line) => {
  const text = `environments:\n  prod:\n    ${line}\n`
  expect(problemsOf(text)).toContainEqual(
    expect.objectContaining({
      line: 3,
      path: `environments.prod.${field}`,
      message: 'twokey.yml has no expressions or variables: write the value itself.',
    }),
  )
})

test('prints broken YAML and missing values in plain words, and counts all problems', () => {
  const printed = (text: string) => formatProblems('twokey.yml', problemsOf(text))
  expect(printed('slack:\n\tchannel: C0DEPLOYS\n')).toBe(
    'twokey.yml:2  Invalid YAML: Tabs are not allowed as indentation.',
  )
  expect(printed('environments: { dev: { branch: main } }')).toContain(
    'twokey.yml:1  environments.dev.approvals  is missing or empty; allowed: a mapping with required',
  )
  expect(problemCount([1], [])).toBe('\n1 problem. Nothing was started.')
  expect(problemCount(Array(30), Array(6))).toBe('\n36 problems. Nothing was started.')
})

test.each([
  ['xoxb-', 'Slack'],
  ['xapp-', 'Slack'],
  ['ghp_', 'GitHub'],
  ['github_pat_', 'GitHub'],
])('names the owner of the token %s, and advises to revoke it', (kind, issuer) => {
  const problem = problemsOf(`slack:\n  channel: ${kind}${secret}\n`).find(
    ({ allowed }) => allowed === 'no token',
  )
  expect(problem?.message).toMatch(new RegExp(`^This is a ${issuer} token\\..*Revoke it`))
})

test('explains how to begin if there is no twokey.yml', () => {
  const loaded = loadConfig('./there-is-no-such-file.yml')
  expect(loaded).toMatchObject({
    problems: [{ message: expect.stringMatching(/^There is no file .*Copy twokey\.example\.yml/) }],
  })
  const printed = 'problems' in loaded ? formatProblems('./there-is-no-such-file.yml', loaded.problems) : ''
  expect(printed).toMatch(/^\.\/there-is-no-such-file\.yml {2}There is no file/)
})

const example = readFileSync(new URL('../../twokey.example.yml', import.meta.url), 'utf8')

test('finds the values of the example that were not replaced, each with its line', () => {
  const found = placeholdersIn(example)
  expect(found.map(({ path }) => path)).toEqual([
    'slack.channel',
    'people[0].slack[0]',
    'people[0].github',
    'environments.prod.approvals.approvers[0]',
    'environments.prod.approvals.approvers[1]',
    'environments.prod.notify[0]',
    'environments.prod.emergency.approvals.approvers[0]',
    'services.blog-api.repository',
  ])
  const warning = placeholderWarning('twokey.yml', found)
  expect(warning).toMatch(
    /values of twokey\.example\.yml in 8 places.*\ntwokey\.yml:\d+ {2}slack\.channel: C0DEPLOYS/,
  )
  expect(placeholdersIn(example.replaceAll(/\b([CSU]0|myorg\/|approver-)/g, 'X'))).toEqual([])
})

test('refuses {{ repo }}, which YAML reads as a mapping, without a warning of Node', async () => {
  const warnings: Error[] = []
  const heard = (warning: Error) => warnings.push(warning)
  process.on('warning', heard)
  const problems = problemsOf('services:\n  blog-api:\n    repository: {{ repo }}\n')
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', heard)
  expect(problems).toContainEqual(expect.objectContaining({ line: 3, found: 'a mapping' }))
  expect(warnings).toEqual([])
})
