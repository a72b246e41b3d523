import { describe, expect, it } from 'vitest'
import { leftServing } from '../../src/release/left-serving.ts'
import { minute, underway } from './driver.ts'
import { target } from './world.ts'

function ended(verdict: 'succeeded' | 'rolled back') {
  const driver = underway({ migration: null })
  driver.world.rollout({ verdict })
  driver.world.runs({ verdict: verdict === 'succeeded' ? 'succeeded' : 'failed' })
  driver.watch(2 * minute)
  return driver
}

describe('what a release left serving', () => {
  it('names the revision that served at its end', () => {
    const { release } = ended('succeeded')
    const { stage, id } = release
    if (stage.at !== 'ended') throw new Error('it has ended')
    const serving = release.tracks.rollouts[0]!.serving!
    expect(leftServing(release, target)).toEqual({
      release: id,
      revision: { name: serving.name, arn: serving.arn, commit: serving.commit },
      at: stage.since,
    })
  })

  it('knows nothing while it is in progress, nor of another target', () => {
    expect(leftServing(underway().release, target)).toBeNull()
    expect(leftServing(ended('succeeded').release, { ...target, service: 'other' })).toBeNull()
  })
})
