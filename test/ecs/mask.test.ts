import { describe, expect, it } from 'vitest'
import { maskLine, maskLines, maskTokens } from '../../src/text/mask.ts'
import { harmless, leaks, moreLeaks } from './mask-corpus.ts'

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'

/** The usable parts of a secret: the pieces between characters that end values elsewhere. */
function partsOf(secret: string): readonly string[] {
  return secret.split(/[;,&)\s'"]+/).filter((part) => part.length > 2)
}

describe('masked secrets', () => {
  it.each<[string, string, string]>([
    ['an AWS key', 'key AKIAIOSFODNN7EXAMPLE here', 'AKIAIOSFODNN7EXAMPLE'],
    ['a temporary AWS key', 'ASIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE'],
    ['an AWS secret key', 'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCY', 'wJalrXUtnFEMI'],
    ['a Slack bot token', 'using xoxb-123456789012-abcdefGHIJ', 'xoxb-1234'],
    ['a Slack app token', 'xapp-1-A0123-456-abcdef', 'xapp-1'],
    ['a GitHub token', 'ghp_0123456789abcdefghijABCDEFGHIJ012345', 'ghp_0123'],
    ['a GitHub app token', 'ghs_0123456789abcdefghijABCDEFGHIJ012345', 'ghs_0123'],
    ['a fine-grained GitHub token', 'github_pat_11ABCDEFG0123456789_abcdef', 'github_pat_11'],
    ['a bearer', 'Authorization: Bearer abc.DEF-123456', 'abc.DEF'],
    ['basic credentials', 'authorization: Basic dXNlcjpwYXNzd29yZDEyMw==', 'dXNlcjpw'],
    ['a JWT', `got ${jwt} back`, 'eyJzdWIi'],
    ['password=', 'password=hunter22 next', 'hunter22'],
    ['password: with a space', 'password: hunter22', 'hunter22'],
    ['a quoted password', 'PGPASSWORD="hunter 22"', 'hunter 22'],
    ['JSON', '{"db_password":"hunter22","port":5432}', 'hunter22'],
    ['JSON within JSON', '{\\"password\\":\\"hunter22\\"}', 'hunter22'],
    ['secret…=', 'client_secret_v2 = s3cr3tValue', 's3cr3tValue'],
    ['an API key', 'x-api-key: 0123456789', '0123456789'],
    ['an option', 'psql --password hunter22 blog', 'hunter22'],
    ['user and password in an address', 'postgres://blog:hunter22@db:5432/blog', 'hunter22'],
    ['a password with @ and / in an address', 'postgres://blog:hun@ter/22@db:5432/blog', 'ter/22'],
    ['base64 after a name of a key', 'private key MIIEvQIBADANBgkqhkiG9w0BAQEF', 'MIIEvQIB'],
    ['a key between colours', '\u001b[31mAKIAIOSFODNN7\u001b[0mEXAMPLE', 'EXAMPLE'],
    ['a tail that begins within a PEM block', `${'MIIEvQIB'.repeat(8)}`, 'MIIEvQIB'],
    ['a PEM block in one line', 'k=-----BEGIN PRIVATE KEY-----MIIEvQ-----END PRIVATE KEY-----', 'MIIEvQ'],
  ])('masks %s', (_, line, secret) => {
    const [shown] = maskLines([line])
    expect(shown).not.toContain(secret)
    expect(shown).toContain('***')
  })

  it.each([...leaks, ...moreLeaks])('masks %s in the corpus', (_, line, secret) => {
    const shown = maskLines([line]).join('\n')
    for (const part of partsOf(secret)) expect(shown).not.toContain(part)
    expect(shown).toContain('***')
  })

  it('masks a PEM block of several lines, and nothing after it', () => {
    const lines = [
      'reading',
      '-----BEGIN RSA PRIVATE KEY-----',
      'MIIEvQIBADANBgkq',
      'hkiG9w0BAQEF',
      '-----END RSA PRIVATE KEY-----',
      'read',
    ]
    expect(maskLines(lines)).toEqual(['reading', '***', 'read'])
  })

  it('masks a PEM block behind timestamps', () => {
    const body = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7'
    expect(
      maskLines(['10:00 -----BEGIN PRIVATE KEY-----', `10:00 ${body}`, '10:00 -----END PRIVATE KEY-----']),
    ).toEqual(['10:00 ***'])
  })

  it('a truncated PEM block hides no line of another kind', () => {
    expect(maskLines(['-----BEGIN RSA PRIVATE KEY-----', 'MIIEvQIB', 'Error: exited with 1'])).toEqual([
      '***',
      'Error: exited with 1',
    ])
  })
})

describe('text that is kept', () => {
  it.each([
    'ERROR 55P03: canceling statement due to lock timeout',
    'Listening on 0.0.0.0:8080',
    'password authentication failed for user "blog"',
    'SyntaxError: Unexpected token } in JSON at position 4',
    'arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:blog-db',
    'image 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/blog-api:8649bf9537d520624d1892f9402a9f25ab9ee7ee',
    '    at connect (file:///app/src/database.js:14:31)',
    'GET https://blog.example/posts?tag=a@b 200',
    ...harmless,
  ])('keeps %s', (line) => {
    expect(maskLine(line)).toBe(line)
  })

  it('keeps text without colors, control characters and direction marks', () => {
    expect(maskLine('\u001b[1;31mfailed\u001b[0m\u0007 \u202etxet\u200b\ttab')).toBe('failed txet\ttab')
  })

  it.each(['a', 'token', '-', 'x://', 'token=\\"'])('masks a slow line quickly: %s', (part) => {
    expect(maskLine(part.repeat(40_000)).length).toBeLessThanOrEqual(4_000)
  })

  it.each([...leaks, ...moreLeaks])('masks a line of 20 kB quickly that resembles %s', (_, line, secret) => {
    const before = line.slice(0, line.indexOf(secret))
    const half = secret.slice(0, Math.ceil(secret.length / 2))
    for (const part of [before, half, `${before}${half}-`, `${before}${' '.repeat(50)}`]) {
      const long = (part || '-').repeat(Math.ceil(20_000 / (part.length || 1)))
      expect(maskLine(long).length).toBeLessThan(long.length)
      expect(maskTokens(long).length).toBeGreaterThan(0)
    }
  })
})

it('returns the last of many lines, masked, with a key that began before them', () => {
  const lines = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEvQIB', 'MIIEvQIC', 'token=abc', 'done']
  expect(maskLines(lines, 2)).toEqual(['token=***', 'done'])
  expect(maskLines(lines, 3)).toEqual(['***', 'token=***', 'done'])
})

it('masks a password that contains the beginning of an address', () => {
  expect(maskLine('postgres://app:pa://ss@db:5432')).toBe('postgres://app:***@db:5432')
  expect(maskLine(`${'x://'.repeat(500)} postgres://app:secret@db`)).toContain('postgres://app:***@db')
})
