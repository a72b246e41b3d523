import { describe, expect, test } from 'vitest'
import type { KnownGate } from '../../src/ports/gates.ts'
import { enforcementLegend, enforcementLines, policyText } from '../../src/slack/cards/enforcement.ts'

const at = { repository: 'myorg/blog-api', githubEnvironment: 'production' }

type Row = {
  readonly gate: KnownGate
  readonly isEnforced: boolean
  readonly warns: boolean
  /** What status says to do; null: nothing. */
  readonly next: RegExp | null
}

const setups: readonly [string, Row][] = [
  [
    'only twokey lets runs through',
    { gate: { gate: 'twokey', bypass: 'nobody' }, isEnforced: true, warns: false, next: null },
  ],
  [
    'administrators can bypass twokey',
    {
      gate: { gate: 'twokey', bypass: 'administrators' },
      isEnforced: true,
      warns: true,
      next: /clear .*administrators to bypass.* production of myorg\/blog-api/,
    },
  ],
  [
    'one reviewer, who is not twokey',
    {
      gate: { gate: 'reviewers', reviewers: 1 },
      isEnforced: false,
      warns: true,
      next: /enable twokey’s GitHub App/,
    },
  ],
  [
    'several reviewers',
    {
      gate: { gate: 'reviewers', reviewers: 3 },
      isEnforced: false,
      warns: true,
      next: /its account the only required reviewer/,
    },
  ],
  [
    'a public repository without a gate',
    { gate: { gate: 'open' }, isEnforced: false, warns: true, next: /enable twokey’s GitHub App/ },
  ],
  [
    'a private repository without a gate, whose plan may have none',
    {
      gate: { gate: 'open', repository: 'private' },
      isEnforced: false,
      warns: true,
      next: /on GitHub Enterprise, .* pushes are not blocked/,
    },
  ],
  [
    'a gate that cannot be read',
    { gate: { gate: 'unseen', why: 'GitHub answered 403' }, isEnforced: false, warns: true, next: null },
  ],
]

describe('how far status says that approvals are enforced', () => {
  test.each([
    ['guarded', false],
    ['not checked', false],
    ['open', true],
  ] as const)('a deploy role that is %s', (role, warns) => {
    const policy = { held: 'detected', gate: { gate: 'twokey', bypass: 'nobody' }, at, role } as const
    expect(policyText(policy).startsWith(':warning:')).toBe(warns)
    expect(enforcementLines(policy).some((line) => line.includes('/deploy doctor'))).toBe(warns)
  })

  test.each(setups)('%s', (_, { gate, isEnforced, warns, next }) => {
    const policy = { held: 'detected', gate, at, startsOn: ['push to main'] } as const
    const text = policyText(policy)
    expect(/^(:warning: )?Approvals are enforced on GitHub/.test(text)).toBe(isEnforced)
    expect(text.startsWith(':warning:')).toBe(warns)
    expect(text.includes('deploy role in AWS was not checked')).toBe(isEnforced)
    const lines = enforcementLines(policy)
    const closing = lines.find((line) => line.startsWith('*To enforce them:*'))
    if (next === null) expect(closing).toBeUndefined()
    else expect(closing).toMatch(next)
    expect(lines.some((line) => line.includes('push to main'))).toBe(!isEnforced)
    expect(JSON.stringify(enforcementLegend([policy])).includes('lets through')).toBe(isEnforced)
  })

  test('a service environment without approvals has nothing to enforce', () => {
    expect(enforcementLines({ held: 'none' })).toEqual([])
    expect(enforcementLegend([{ held: 'none' }])).toEqual([])
  })
})
