import { describe, expect, test } from 'vitest'
import { environmentsReached, ownerOf } from '../../src/engine/watched-workflows.ts'
import type { Start } from '../../src/ports/start.ts'
import type { Release } from '../../src/release/release.ts'
import type { ServiceEnvironment } from '../../src/settings/settings.ts'
import { minute, ReleaseDriver, sending, underway } from '../release/driver.ts'
import { start as at, commit } from '../release/world.ts'

function started(part: Partial<Start> = {}): Start {
  return {
    runId: 501,
    attempt: 1,
    event: 'workflow_dispatch',
    branch: 'main',
    headSha: commit,
    title: 'deploy',
    login: 'ben',
    url: 'https://github.example/runs/501',
    at,
    isOver: false,
    endedAt: null,
    ...part,
  }
}

const asked = new ReleaseDriver().release
const dispatching = sending().release
const followed = underway().release
const lost: Release = {
  ...dispatching,
  stage: { at: 'ended', since: at, outcome: 'unknown', reason: 'not found', settledBy: null },
}
const rejected: Release = {
  ...asked,
  stage: { at: 'ended', since: at, outcome: 'rejected', reason: 'no', settledBy: null },
}

describe('the origin of a run', () => {
  test.each<readonly [string, Start, readonly Release[], readonly Release[], 'ours' | 'theirs' | 'open']>([
    ['the run that a release follows', started(), [followed], [], 'ours'],
    ['the same run, started again by somebody', started({ attempt: 2 }), [followed], [], 'theirs'],
    ['a run of nobody’s', started(), [], [], 'theirs'],
    ['a push', started({ event: 'push' }), [], [], 'theirs'],
    ['a push while ours is on its way', started({ event: 'push' }), [], [dispatching], 'theirs'],
    ['a dispatch while ours is on its way', started(), [], [dispatching], 'open'],
    ['one from another branch', started({ branch: 'feature' }), [], [dispatching], 'theirs'],
    ['one from long before ours', started({ at: at - 5 * minute }), [], [dispatching], 'theirs'],
    ['started again while ours is on its way', started({ attempt: 2 }), [], [dispatching], 'theirs'],
    ['the title of a release that is on its way', started(), [dispatching], [], 'open'],
    ['the title of a release that follows another run', started({ runId: 9 }), [followed], [], 'theirs'],
    ['the title of a release that awaits its approvals', started(), [asked], [], 'theirs'],
    ['the title of a release that was rejected', started(), [rejected], [], 'theirs'],
    ['the title of a release whose run was never found', started(), [lost], [], 'ours'],
    ['that title on a push', started({ event: 'push' }), [lost], [], 'theirs'],
    ['that title long after its dispatch was sent', started({ at: at + 60 * minute }), [lost], [], 'theirs'],
    ['that title before its dispatch was sent', started({ at: at - 5 * minute }), [lost], [], 'theirs'],
    ['that title on another branch', started({ branch: 'feature' }), [lost], [], 'theirs'],
    ['that title at a time that GitHub does not tell', started({ at: null }), [lost], [], 'theirs'],
  ])('a run is attributed by its release and title: %s', (_, start, following, onTheirWay, owner) => {
    expect(ownerOf(start, following, onTheirWay)).toBe(owner)
  })
})

describe('the environments that a run may change', () => {
  const prod = { environment: 'prod', branch: 'main' } as ServiceEnvironment
  const staging = { environment: 'staging', branch: 'main' } as ServiceEnvironment
  const dev = { environment: 'dev', branch: 'develop' } as ServiceEnvironment
  test.each<readonly [string, Start, readonly ServiceEnvironment[]]>([
    ['a push', started({ event: 'push' }), [prod, staging]],
    ['a dispatch, which may name any environment', started(), [prod, staging, dev]],
    ['a dispatch of the branch of another environment', started({ branch: 'develop' }), [prod, staging, dev]],
    [
      'a dispatch by the API of repositories',
      started({ event: 'repository_dispatch' }),
      [prod, staging, dev],
    ],
    ['a push to a branch that ships nowhere', started({ event: 'push', branch: 'feature' }), []],
    ['a dispatch from there', started({ branch: 'feature' }), [prod, staging, dev]],
    ['a pull request', started({ event: 'pull_request', branch: 'feature' }), []],
    [
      'a release, which runs for its tag',
      started({ event: 'release', branch: 'v1.4.2' }),
      [prod, staging, dev],
    ],
    ['a schedule', started({ event: 'schedule' }), [prod, staging, dev]],
    ['a run without a branch', started({ event: 'push', branch: null }), [prod, staging, dev]],
  ])('a run may change the environments of its branch, or any: %s', (_, start, places) => {
    expect(environmentsReached(start, [prod, staging, dev])).toEqual(places)
  })
})
