import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { deployRoleCheck } from '../../src/doctor/checks/sign-in.ts'
import { checks } from '../../src/doctor/checks.ts'
import { diagnose } from '../../src/doctor/diagnosis.ts'
import { gitHubIssuer } from '../../src/iam/issuer.ts'
import { found, page, upToDate } from './faults-table.ts'
import { type Parts, seenOf, trustPolicy } from './parts.ts'
import { broken, faults, healthy } from './setups.ts'

const wholeRepository = {
  StringLike: {
    [`${gitHubIssuer}:aud`]: 'sts.amazonaws.com',
    [`${gitHubIssuer}:sub`]: 'repo:myorg/blog-api:*',
  },
}

describe('a broken setup', () => {
  test.each(broken.map(({ fault, title, ...rest }) => [`${fault} (${title})`, rest] as const))(
    'doctor finds that %s',
    (_, { parts, finds }) => {
      expect(found(parts)).toEqual([...finds].toSorted())
    },
  )

  test.each(faults)('the table has a setup in which %s', (fault) => {
    expect(broken.map((each) => each.fault)).toContain(fault)
  })

  test('doctor says for each problem what to do', () => {
    for (const { parts } of broken) {
      const problems = diagnose(checks, seenOf(parts)).filter(({ verdict }) => verdict !== 'ok')
      expect(problems.filter(({ next }) => next === null)).toEqual([])
    }
  })

  test('doctor never shows the value of a secret', () => {
    const all = JSON.stringify(broken.map(({ parts }) => diagnose(checks, seenOf(parts))))
    expect(all).toContain('DB_PASSWORD')
    expect(all).not.toMatch(/correct-horse|sk_live|hunter2|b7f3c1/)
  })
})

describe('a healthy setup', () => {
  test.each(Object.entries(healthy))('doctor finds no problem in %s', (_, parts) => {
    expect(diagnose(checks, seenOf(parts)).filter(({ verdict }) => verdict !== 'ok')).toEqual([])
  })
})

describe('the deploy role, as /deploy status shows it', () => {
  test.each<[string, Parts, string]>([
    ['a role for the environment alone', {}, 'guarded'],
    ['a role for the whole repository', { trust: trustPolicy(wholeRepository) }, 'open'],
    ['a role that IAM does not have', { trust: null }, 'not checked'],
    ['workflows that cannot be read', { workflows: null }, 'not checked'],
  ])('%s', (_, parts, is) => {
    const [deployed] = seenOf(parts).deployed
    expect(deployRoleCheck(deployed!, gitHubIssuer)).toBe(is)
  })
})

describe('what cannot be read', () => {
  test('an unreadable workflow is a warning that names the permission which would show it', () => {
    const problems = diagnose(checks, seenOf({ workflows: null })).filter(({ verdict }) => verdict !== 'ok')
    expect(new Set(problems.map(({ verdict }) => verdict))).toEqual(new Set(['not readable']))
    expect(problems.map(({ id }) => id)).toContain('workflow-file')
    expect(problems.every(({ next }) => next?.includes('Contents: read'))).toBe(true)
  })
})

test('docs/doctor.md has the tables of the checks and of what they find', () => {
  const markdown = readFileSync(page, 'utf8')
  expect(markdown).toBe(upToDate(markdown))
})
