import type { Release } from '../release.ts'
import { looksAtGate } from '../tracks/gate.ts'
import { type Facts, judgeLook, open, type Precondition, type Result, waitFor } from './precondition.ts'

/** The run still waits at the gate, and twokey may open it. */
export const gate = { name: 'gate', appliesTo, looks: looksAtGate, judge } satisfies Precondition

function appliesTo({ subject }: Release): boolean {
  return subject.kind === 'gate'
}

function judge(facts: Facts): Result {
  return judgeLook(facts, 'gate', (sighting) => {
    if (sighting.gate !== 'waiting') return waitFor('GitHub to report how the run passed the gate')
    const { may } = sighting
    if (may === 'review') return open({})
    return waitFor(may === 'unlisted' ? 'GitHub to list the gate' : `the right to open the gate: ${may.not}`)
  })
}
