import { expect, test } from 'vitest'
import { type LookName, lookFacts, lookNames } from '../../src/release/look.ts'

test.each(lookNames)('a failed look at %s has words that begin a sentence on a card', (name) => {
  expect(`${lookFacts[name].words} could not be read.`).toMatch(/^[A-Z][^.:`*]+ could not be read\.$/)
})

/** As `blind` of a release, a post of its thread and the audit log have them. */
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

test('a look keeps the name that releases are stored with', () => {
  expect(lookNames).toEqual(expect.arrayContaining([...stored]))
})

test('what is read last before a release is sent are its services, then who requested and approved it, and where', () => {
  const fresh = (which: string) => lookNames.filter((name) => lookFacts[name].fresh === which)
  expect(fresh('services')).toEqual(['before'])
  expect(fresh('people')).toEqual(['people', 'requester', 'channel'])
})

test('a release waits for every look but those at earlier tasks and at other runs', () => {
  expect(lookNames.filter((name) => lookFacts[name].optional)).toEqual(['tasksBefore', 'otherRuns'])
})
