import { expect, test } from 'vitest'
import type { Release, Time } from '../../src/release/release.ts'
import { lookBeyond } from '../../src/shepherd/beyond.ts'
import type { LookOf } from '../../src/shepherd/ports.ts'
import { underway } from '../release/tale.ts'
import { commit, rolloutSighting, start, target } from '../release/world.ts'

const minute = 60_000
const look: LookOf<'beyond'> = {
  look: 'beyond',
  repository: 'myorg/blog-api',
  commit,
  releaseId: 'r-dev',
  own: [{ cluster: 'blog-cluster-dev', service: 'blog-api' }],
  runId: 7,
  jobs: [],
  since: start + 10 * minute,
  until: start + 20 * minute,
}

/** What is blamed on the run of dev while this release of prod is the only other at work. */
async function blamed(other: Release): Promise<number> {
  const prod = {
    service: 'blog-api',
    environment: 'prod',
    repository: 'myorg/blog-api',
    workflow: 'deploy.yml',
    targets: [target],
    containers: ['api'],
  }
  const rollout = rolloutSighting({ createdAt: start + 15 * minute })
  const needs = {
    settings: { serviceEnvironments: [prod] },
    store: { history: async () => [other] },
    outside: {
      github: { startsIn: async () => [], wordsInLogs: async () => new Set() },
      ecs: { changedSince: async () => [target], rollouts: async () => [{ target, rollouts: [rollout] }] },
    },
  } as unknown as Parameters<typeof lookBeyond>[1]
  return (await lookBeyond(look, needs)).length
}

/** A release of prod that ended before the run of dev began, and its own run then or later. */
function endedEarly(runEndedAt: Time | null): Release {
  const { release } = underway()
  const { tracks } = release
  return {
    ...release,
    stage: { at: 'ended', since: start + minute, outcome: 'superseded', reason: 'so', settledBy: null },
    tracks: { ...tracks, run: tracks.run && { ...tracks.run, endedAt: runEndedAt } },
  }
}

test.each([
  ['is still in progress', null, 0],
  ['ended during the other run', start + 12 * minute, 0],
  ['ended before the other run', start + 2 * minute, 1],
])(
  'a rollout in prod is blamed on the run of dev only if prod had nothing at work: its run %s',
  async (_, at, count) => {
    expect(await blamed(endedEarly(at))).toBe(count)
  },
)
