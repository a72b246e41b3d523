import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig, parseConfig } from '../../src/config/load.ts'
import { formatProblems, type Problem } from '../../src/config/problems.ts'

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
])('YAML that cannot be read is told with its line: %s', (_name, text, line) => {
  expect(problemsOf(text)).toMatchObject([{ line, path: '', found: 'broken YAML' }])
})

test('aliases that multiply beyond measure are refused', () => {
  const tenfold = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(`*${of}`).join(', ')}]`
  const text = ['a: &a [1]', tenfold('b', 'a'), tenfold('c', 'b'), tenfold('d', 'c')].join('\n')
  expect(problemsOf(text)).toMatchObject([{ found: 'broken YAML' }])
})

test.each([
  ['an empty file', '', 'nothing'],
  ['a sentence', 'ship it', '"ship it"'],
  ['a list', '- slack', 'a list'],
])('what is no mapping is one problem of the whole file: %s', (_name, text, found) => {
  expect(problemsOf(text)).toMatchObject([{ line: 1, path: '', found }])
})

test('all that is missing from an empty mapping is told together', () => {
  expect(problemsOf('{}').map(({ path, found }) => [path, found])).toEqual([
    ['slack', 'nothing'],
    ['environments', 'nothing'],
    ['services', 'nothing'],
  ])
})

test('a mistake behind an alias is told where it stands', () => {
  const text = 'slack: { channel: C0DEPLOYS }\nenvironments:\n  dev: &dev\n    branch: 3\n  prod: *dev\n'
  const paths = problemsOf(text).map(({ line, path }) => `${line} ${path}`)
  expect(paths).toContain('4 environments.dev.branch')
  expect(paths).toContain('4 environments.prod.branch')
})

test('a file that is not there is a problem, not a crash', () => {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-'))
  expect(loadConfig(join(folder, 'twokey.yml'))).toMatchObject({
    problems: [{ line: 1, path: '', found: 'no readable file' }],
  })
  expect(loadConfig(folder)).toMatchObject({ problems: [{ found: 'no readable file' }] })
  rmSync(folder, { recursive: true })
})

// Written in two parts, so that no scanner takes these for real ones.
const secret = 'Zq7Wm2Rt9Kx4'
const tokens = ['xoxb-', 'xoxp-', 'xapp-', 'ghp_', 'ghs_', 'github_pat_'].map((kind) => `${kind}${secret}`)

test.each(tokens)('a token is refused wherever it stands, and never shown: %s', (token) => {
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

test('a token as a name is not shown in what is allowed elsewhere', () => {
  const text = `environments:\n  ${tokens[0]}: {}\ndefaults: { environment: prod }\n`
  const problems = problemsOf(text)
  expect(problems.map(({ path }) => path)).toContain('defaults.environment')
  expect(formatProblems('twokey.yml', problems)).not.toContain(secret)
})
