import { describe, expect, test } from 'vitest'
import { looks } from '../../src/release/next-look.ts'
import { holdsLane, type Release } from '../../src/release/release.ts'
import { followedAfterEnd } from '../../src/release/stages/ended.ts'
import { releaseColumns, releaseOf, releasePostOf } from '../../src/store/body.ts'
import { rolloutSighting } from '../release/world.ts'
import { ended, moved, requestedDeploy, requestedRollback, settled, withRun } from './fixtures.ts'

const one = { sha: 'c0ffee', title: 'Say hello', author: 'Ana', login: 'Ana' }

test('a rollback of body version 1 has no images, and says why its difference is not known', () => {
  const first = JSON.parse(releaseColumns(requestedRollback('r1')).body)
  for (const later of ['discounted', 'emergency', 'freeze', 'lock', 'voided', 'behind']) delete first[later]
  const { repository, revision } = first.subject
  const body = JSON.stringify({ ...first, subject: { kind: 'rollback', repository, revision } })
  expect(releaseOf({ body, body_version: 1 })).toEqual({
    ...requestedRollback('r1'),
    subject: {
      kind: 'rollback',
      repository,
      revision,
      images: [],
      difference: { known: false, why: expect.stringMatching(/./) },
    },
  })
})

test('a release of body version 2 replaces no release', () => {
  const { behind: _, ...second } = JSON.parse(releaseColumns(requestedRollback('r1')).body)
  expect(releaseOf({ body: JSON.stringify(second), body_version: 2 })).toEqual(requestedRollback('r1'))
})

test.each([
  [
    'each login of what the first target got',
    [{ ...one, login: 'Ben' }],
    'c1',
    { known: true, logins: ['ana', 'ben'], since: ['c1'] },
  ],
  [
    'nobody, where one is nameless',
    [{ ...one, login: null }],
    'c1',
    { known: false, why: expect.any(String) },
  ],
  ['nobody, where it was not known what ran', [one], null, { known: false, why: expect.any(String) }],
])('a deploy of body version 3 was written by %s', (_, commits, commit, authorship) => {
  const changes = { known: true, commits, total: commits.length, direction: 'forward', url: '' }
  const { subject, ...rest } = JSON.parse(releaseColumns(requestedDeploy('r1')).body)
  const { authorship: _now, ...third } = { ...subject, commit: one, changes }
  const servingBefore = { name: 'blog-api:42', arn: 'arn:42', commit }
  const body = JSON.stringify({ ...rest, servingBefore, subject: third })
  expect(releaseOf({ body, body_version: 3 }).subject).toMatchObject({ changes, authorship })
})

test('a release of body version 5 was approved at its last approval', () => {
  const {
    approvedAt: _,
    mayNotStop: _none,
    ...fifth
  } = JSON.parse(releaseColumns(requestedDeploy('r1')).body)
  const approvals = [5, 9, 7].map((at) => ({ by: `U${at}`, at, via: 'S0DEPLOYERS' }))
  const read = (stage: object) =>
    releaseOf({ body: JSON.stringify({ ...fifth, approvals, stage }), body_version: 5 })
  expect(read({ at: 'wait', until: 20 })).toMatchObject({ approvedAt: 9, mayNotStop: [] })
  expect(read({ at: 'approval', since: 1 })).toMatchObject({ approvedAt: null, mayNotStop: [] })
})

test('a deploy of body version 4 gets the names and values of its inputs, and no notes', () => {
  const { subject, ...rest } = JSON.parse(releaseColumns(requestedDeploy('r1')).body)
  const { notes: _, ...fourth } = { ...subject, inputs: ['environment', 'sha', 'release_id'] }
  const body = JSON.stringify({ ...rest, subject: fourth })
  expect(releaseOf({ body, body_version: 4 }).subject).toEqual({
    ...subject,
    inputs: [
      { name: 'environment', from: 'environment', value: 'prod' },
      { name: 'sha', from: 'sha', value: 'c0ffee' },
      { name: 'release_id', from: 'release_id', value: 'r1' },
    ],
    notes: [],
  })
  const told = { key: 'asked', where: 'thread', story: { tell: 'asked', by: 'U0ANA', subject: fourth } }
  expect(releasePostOf('r1', JSON.stringify(told)).story).toMatchObject({
    subject: { inputs: [{ value: 'prod' }, { value: 'c0ffee' }, { value: 'r1' }], notes: [] },
  })
})

describe('a release that ended in body version 5', () => {
  const fifth = (release: Release): Release =>
    releaseOf({ body: JSON.stringify(withRun(release, null)), body_version: 5 })

  test('holds no lane and is not followed if its run was in progress', () => {
    const release = fifth(ended(requestedDeploy('r1'), 'superseded', 9_000))
    expect(release.tracks.run?.endedAt).toBe(9_000)
    expect(release.tracks.beyond).toEqual({ checked: 'unavailable', why: expect.stringMatching(/./) })
    expect([holdsLane(release), followedAfterEnd(release)]).toEqual([false, []])
  })

  test.each(['moving', 'succeeded'])('holds no lane if its migration was %s', (verdict) => {
    const release = withRun(ended(requestedDeploy('r1'), 'rolled back', 9_000), 8_000)
    const seen = { taskArn: 'arn:task/1', startedBy: 'deploy-c0ffee', createdAt: 1, verdict }
    const tracks = { ...release.tracks, migration: { binding: 'found', seen } }
    const migration = { family: 'blog-api-migrate', cluster: 'blog-cluster-prod' }
    const read = releaseOf({ body: JSON.stringify({ ...release, migration, tracks }), body_version: 5 })
    expect([holdsLane(read), looks(read, null).filter(({ look }) => look === 'migration')]).toEqual([
      false,
      [],
    ])
  })

  test('an unknown release is followed after Look again, unless somebody settled it', () => {
    const unknown = ended(requestedDeploy('r1'), 'unknown', 9_000)
    expect(fifth(unknown)).toEqual(withRun(unknown, null))
    expect(fifth(settled(unknown, 'U0BEN')).tracks.run?.endedAt).toBe(9_000)
  })

  test('an unfinished release of body version 5 is unchanged', () => {
    const moving = moved(requestedDeploy('r1'), 5_000)
    expect(fifth(moving)).toEqual(withRun(moving, null))
  })
})

test('a release of body version 5 follows one rollout without data per container', () => {
  const { tracks, ...rest } = JSON.parse(releaseColumns(requestedRollback('r1')).body)
  const { carried: _, images: __, ...seen } = rolloutSighting()
  const { candidates: ___, ...track } = tracks.rollouts[0]
  const body = (fifth: object) => JSON.stringify({ ...rest, tracks: { ...tracks, rollouts: [fifth] } })
  const read = (fifth: object) => releaseOf({ body: body(fifth), body_version: 5 }).tracks.rollouts[0]
  const now = { ...seen, carried: [], images: null }
  expect(read({ ...track, seen, binding: 'commit' })).toEqual({
    ...track,
    binding: 'commit',
    seen: now,
    candidates: [now],
  })
  expect(read(track)).toEqual({ ...track, candidates: [] })
})

test('a release of body version 5 was dated by our clock only', () => {
  const { sentAtAws: _, ...fifth } = JSON.parse(releaseColumns(requestedDeploy('r1')).body)
  const read = (sentAt: number | null) =>
    releaseOf({ body: JSON.stringify({ ...fifth, sentAt }), body_version: 5 }).sentAtAws
  expect(read(5_000)).toBe(5_000)
  expect(read(null)).toBeNull()
})

test('a release of body version 5 does not know the target of the rollback that replaced it', () => {
  const supersededBy = { release: 'r2', at: 5_000 }
  const read = (fifth: object) =>
    releaseOf({ body: JSON.stringify({ ...requestedDeploy('r1'), ...fifth }), body_version: 5 }).supersededBy
  expect(read({ supersededBy })).toEqual({ ...supersededBy, revisions: [] })
  expect(read({})).toBeNull()
})

test('a release of body version 5 does not know when its run was last seen in progress', () => {
  const { tracks, ...rest } = withRun(requestedDeploy('r1'), null)
  const { inProgressAt: _, ...run } = tracks.run!
  const body = JSON.stringify({ ...rest, tracks: { ...tracks, run } })
  expect(releaseOf({ body, body_version: 5 }).tracks.run).toEqual(tracks.run)
})

test('a deploy of body version 5 binds no paths outside .github', () => {
  const { subject, ...rest } = JSON.parse(releaseColumns(requestedDeploy('r1')).body)
  const { paths: _, ...fifth } = subject
  const body = JSON.stringify({ ...rest, subject: fifth })
  expect(releaseOf({ body, body_version: 5 }).subject).toEqual({ ...subject, paths: [] })
  const told = { key: 'asked', where: 'thread', story: { tell: 'asked', by: 'U0ANA', subject: fifth } }
  expect(releasePostOf('r1', JSON.stringify(told)).story).toMatchObject({ subject: { paths: [] } })
})

test('a release of body version 5 follows its migration, and knows no tasks from before the dispatch', () => {
  const { tracks, ...rest } = JSON.parse(releaseColumns(requestedDeploy('r1')).body)
  const seen = { taskArn: 'arn:task/1', startedBy: 'deploy-c0ffee', createdAt: 1, verdict: 'moving' }
  const fifth = (migration: object) =>
    releaseOf({ body: JSON.stringify({ ...rest, tracks: { ...tracks, migration } }), body_version: 5 }).tracks
  expect(fifth({ binding: 'found', seen }).migration).toEqual({
    before: null,
    binding: 'found',
    tasks: [seen],
    isComplete: false,
  })
  expect(fifth({ binding: 'awaited', seen: null })).toEqual(tracks)
})

test('reads the current body version unchanged', () => {
  expect(releaseOf(releaseColumns(requestedRollback('r1')))).toEqual(requestedRollback('r1'))
})
