import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { upToDate } from '../../scripts/refusal-docs.ts'
import { areas } from '../../scripts/refusal-samples.ts'
import { policyUnsatisfiable } from '../../src/release/refusals/approvers.ts'
import { refusalCodes } from '../../src/release/refusals/codes.ts'
import { parse } from '../../src/slack/parse.ts'

const page = readFileSync(new URL('../../docs/refusals.md', import.meta.url), 'utf8')
const all = areas.flatMap(({ samples }) => Object.values(samples).flat())

test('docs/refusals.md is up to date (else: node scripts/refusal-docs.ts)', () => {
  expect(upToDate(page)).toBe(page)
})

test('every refusal code has a row', () => {
  expect([...new Set(all.map(({ code }) => code))].sort()).toEqual([...refusalCodes].sort())
})

describe('sentences of refusals', () => {
  const samples = areas.flatMap(({ samples }) =>
    Object.entries(samples).flatMap(([name, said]) => said.map((refusal) => ({ name, ...refusal }))),
  )

  it.each(samples)('$name: is short, whole and has a next step', ({ sentence, next }) => {
    for (const said of [sentence, next]) {
      expect(said).toMatch(/[.]$/)
      expect(said.split('`').length % 2).toBe(1)
      expect(longestSentence(said)).toBeLessThanOrEqual(220)
    }
  })

  it.each(samples)('$name: speaks of what people see, not of our code', ({ sentence, next }) => {
    expect(`${sentence} ${next}`).not.toMatch(
      /\b(?:lane|round|observation|please|key|keys|undefined|null)\b/i,
    )
  })

  it.each(samples)('$name: names commands that are understood as they stand', ({ sentence, next }) => {
    const vocabulary = { services: ['blog-api', 'shop'], environments: ['dev', 'prod', 'staging'] }
    for (const [, command, text] of `${sentence} ${next}`.matchAll(/`(\/deploy|\/rollback) ?([^`]*)`/g)) {
      const filled = text!.replaceAll(/<reason>/g, 'why').replaceAll(/<[^>]+>/g, 'v1.4.2')
      const asked = parse(command as '/deploy' | '/rollback', filled, vocabulary)
      expect(asked.ask, `${command} ${filled}`).not.toBe('unclear')
    }
  })

  it.each(samples)('$name: names only commands there are', ({ sentence, next }) => {
    const commands = [...`${sentence} ${next}`.matchAll(/`(\/[^`]+)`/g)].map(([, command]) => command)
    for (const command of commands) expect(command).toMatch(known)
  })
})

test('a refusal names only a few of forty user groups, so that its next step is not cut off', () => {
  const groups = Array.from({ length: 40 }, (_, at) => `S0GROUP${at}`)
  const leavesOut = { requesterMayApprove: false, authorsMayApprove: false }
  const found = { persons: 0, groups, leavesOut }
  const { sentence } = policyUnsatisfiable({ environment: 'prod', required: 2 }, found)
  expect(sentence).toContain('and 35 more')
  expect(sentence.length).toBeLessThan(600)
})

const known =
  /^\/(?:deploy(?: (?:help|status|history|lock|unlock|cancel|prod|dev|staging|doctor|stats)\b.*)?|rollback (?:blog-api|<service>).*|invite @twokey)$/

function longestSentence(text: string): number {
  return Math.max(...text.split(/[.;] /).map((sentence) => sentence.length))
}
