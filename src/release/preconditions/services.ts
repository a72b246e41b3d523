import { commitSourceOf } from '../commit-source.ts'
import type { Look } from '../look.ts'
import { targetName } from '../names.ts'
import type { Release } from '../release.ts'
import type { BeforeSighting } from '../sighting.ts'
import { sightingOf } from '../tracks/whose-rollout.ts'
import type { RolloutTrack } from '../tracks.ts'
import { always, end, type Facts, judgeLook, open, type Precondition, type Result } from './precondition.ts'

/** Each service exists. What it runs is stored before it is changed. */
export const services = { name: 'services', appliesTo: always, looks, judge } satisfies Precondition

function looks(release: Release): readonly Look[] {
  const { targets } = release
  return [{ look: 'before', targets, source: commitSourceOf(release), commits: 'shown' }]
}

function judge(facts: Facts): Result {
  return judgeLook(facts, 'before', (before) => judgeServices(facts.release, before))
}

function judgeServices({ tracks }: Release, { targets: sightings }: BeforeSighting): Result {
  const rollouts: RolloutTrack[] = []
  for (const track of tracks.rollouts) {
    const sighting = sightingOf(sightings, track.target)
    if (!sighting)
      return end('failed', `the service ${targetName(track.target)} was not found in ECS; nothing was sent`)
    const { primary, serving, deployments } = sighting
    // The list may be denied or late, so deployments that the service itself shows count as existing too.
    const known = [...deployments, ...sighting.rollouts.map(({ deploymentId }) => deploymentId)]
    const before = { primary: primary.id, revision: serving, known: [...new Set(known)] }
    rollouts.push({ ...track, before, serving })
  }
  const found = rollouts.map(({ target }) => targetName(target))
  return open({ found }, { tracks: { ...tracks, rollouts } })
}
