import { describe, expect, test } from 'vitest'
import { logTail } from '../../src/github/log-text.ts'
import { refProblem, shownRef } from '../../src/github/ref-syntax.ts'
import { firstLine } from '../../src/github/text.ts'

describe('refs', () => {
  test.each([
    'main',
    'v1.4.2',
    'feature/tags-and-more',
    '3f2c1ab',
    'a'.repeat(40),
    'heads/main',
    'größe',
    'fix#12',
    "it's",
    'x@y',
    '<!here>',
  ])('accepts %s as a ref', (ref) => {
    expect(refProblem(ref)).toBeNull()
  })

  test.each([
    ['nothing', ''],
    ['a space', 'main dev'],
    ['a line break', 'main\n'],
    ['a control character', 'main\u0000'],
    ['text that turns around', 'main\u202Egnp'],
    ['a joiner that is not seen', 'ma\u200Din'],
    ['an ideographic space', 'main\u3000x'],
    ['half a pair', 'main\uD83D'],
    ['an option', '--upload-pack=x'],
    ['a range', 'main..develop'],
    ['a range of three', 'a...b'],
    ['a past state', 'main@{1}'],
    ['an ancestor', 'main~1'],
    ['a parent', 'main^'],
    ['a path', 'main:README.md'],
    ['a pattern', 'feature/*'],
    ['a backslash', 'a\\b'],
    ['a slash before', '/main'],
    ['a slash behind', 'main/'],
    ['two slashes', 'a//b'],
    ['a dot before', 'a/.b'],
    ['a dot behind', 'main.'],
    ['a lock', 'main.lock'],
    ['the short HEAD', '@'],
    ['41 digits', 'a'.repeat(41)],
    ['20 kB', 'x'.repeat(20_000)],
  ])('rejects a ref with %s', (_, ref) => {
    expect(refProblem(ref)).not.toBeNull()
  })

  test('shows a ref shortened, without unprintable characters', () => {
    expect(shownRef('x'.repeat(20_000))).toHaveLength(60)
    expect(shownRef('main\u202Egnp\n')).toBe('main\uFFFDgnp\uFFFD')
  })
})

describe('the first line of a text', () => {
  test.each([
    ['Fix it (#12)', 'Fix it (#12)'],
    ['Fix it\n\nand more', 'Fix it'],
    ['Fix it\r\nand more', 'Fix it'],
    ['Fix it\u2028and more', 'Fix it'],
    ['', ''],
    ['<!channel> *look*', '<!channel> *look*'],
    ['x'.repeat(200), 'x'.repeat(200)],
    ['x'.repeat(201), `${'x'.repeat(199)}…`],
    [`${'x'.repeat(198)}🚀🚀`, `${'x'.repeat(198)}…`],
  ])('returns the first line of %j', (text, line) => {
    expect(firstLine(text)).toBe(line)
  })
})

describe('the tail of a job’s log', () => {
  const log = (...lines: string[]) => lines.map((line) => `2026-11-23T01:02:03.1234567Z ${line}`).join('\r\n')

  test('removes times, colors and markers from a log', () => {
    const text = `\uFEFF${log(
      '##[group]Run npm test',
      '\u001B[36;1mnpm test\u001B[0m',
      'shell: /usr/bin/bash -e {0}',
      '##[endgroup]',
      '',
      '\u001B]8;;https://example.com\u0007link\u001B]8;;\u0007',
      '##[warning]slow',
      ' 10%\r 50%\r100% done',
      'kept  ##[group] inside',
    )}`
    expect(logTail(text, 20)).toEqual([
      'Run npm test',
      'npm test',
      'shell: /usr/bin/bash -e {0}',
      'link',
      'Warning: slow',
      '100% done',
      'kept  ##[group] inside',
    ])
  })

  test('ends the log at its last error, because only cleanup follows', () => {
    const text = log('one', '##[error]Process completed with exit code 1.', 'Post job cleanup.', 'git config')
    expect(logTail(text, 20)).toEqual(['one', 'Error: Process completed with exit code 1.'])
    expect(logTail(text, 1)).toEqual(['Error: Process completed with exit code 1.'])
  })

  test('masks a log even if colors are within the secret or it began before the shown lines', () => {
    expect(logTail(log('key AKIA\u001B[1mABCDEFGHIJKLMNOP'), 5).join()).not.toContain('ABCDEFGHIJKLMNOP')
    const pem = [
      '-----BEGIN PRIVATE KEY-----',
      'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC',
      'AoIBAQC7',
      '-----END PRIVATE KEY-----',
    ]
    expect(logTail(log(...pem, 'after'), 3).join()).not.toMatch(/MIIE|AoIB/)
  })

  test('returns as many lines as requested, none too long', () => {
    const text = log(...Array.from({ length: 500 }, (_, at) => `line ${at}`), 'x'.repeat(100_000))
    const lines = logTail(text, 3)
    expect(lines.slice(0, 2)).toEqual(['line 498', 'line 499'])
    expect(lines[2]!.length).toBeLessThanOrEqual(1_000)
    expect(logTail(text, 0)).toEqual([])
    expect(logTail('', 5)).toEqual([])
  })
})
