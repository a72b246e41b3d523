import { expect, test } from 'vitest'
import type { LookName } from '../../src/release/look.ts'
import { lookFacts, lookNames } from '../../src/release/look-facts.ts'

test.each(lookNames)('a failed look at %s has words that begin a sentence on a card', (name) => {
  expect(`${lookFacts[name].words} could not be read.`).toMatch(/^[A-Z][^.:`*]+ could not be read\.$/)
})

/** The names in `blind` of a release, a thread post and the audit log. */
const stored: readonly LookName[] = [
  'people',
  'requester',
  'channel',
  'tip',
  'order',
  'before',
  'tasksBefore',
  'rollbackTarget',
  'run',
  'headTree',
  'migration',
  'rollouts',
  'runLog',
  'beyond',
]

test('every look keeps the name under which releases store it', () => {
  expect(lookNames).toEqual(expect.arrayContaining([...stored]))
})

test('the services, then the people and the channel, are read last before a dispatch', () => {
  const fresh = (which: string) => lookNames.filter((name) => lookFacts[name].fresh === which)
  expect(fresh('services')).toEqual(['before'])
  expect(fresh('people')).toEqual(['people', 'requester', 'channel'])
})

test('a release waits for every look except those at earlier tasks, at CI and at other runs', () => {
  expect(lookNames.filter((name) => lookFacts[name].optional)).toEqual(['tasksBefore', 'checks', 'otherRuns'])
})
