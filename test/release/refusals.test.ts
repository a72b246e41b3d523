import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { upToDate } from '../../scripts/refusal-docs.ts'
import { areas } from '../../scripts/refusal-samples.ts'
import { refusalCodes } from '../../src/release/refusals/codes.ts'

const page = readFileSync(new URL('../../docs/refusals.md', import.meta.url), 'utf8')
const all = areas.flatMap(({ samples }) => Object.values(samples).flat())

test('docs/refusals.md says what the bot says (else: node scripts/refusal-docs.ts)', () => {
  expect(upToDate(page)).toBe(page)
})

test('every code has a row', () => {
  expect([...new Set(all.map(({ code }) => code))].sort()).toEqual([...refusalCodes].sort())
})

describe('what is said', () => {
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

  it.each(samples)('$name: names only commands there are', ({ sentence, next }) => {
    const commands = [...`${sentence} ${next}`.matchAll(/`(\/[^`]+)`/g)].map(([, command]) => command)
    for (const command of commands) expect(command).toMatch(known)
  })
})

const known =
  /^\/(?:deploy(?: (?:status|history|lock|unlock|cancel|prod|dev|staging)\b.*)?|rollback (?:blog-api|<service>).*|invite @twokey)$/

function longestSentence(text: string): number {
  return Math.max(...text.split(/[.;] /).map((sentence) => sentence.length))
}
