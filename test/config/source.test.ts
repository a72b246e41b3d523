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
