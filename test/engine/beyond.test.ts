import { expect, test } from 'vitest'
import { lookBeyond } from '../../src/engine/beyond.ts'
import type { RepositoryStart } from '../../src/ports/start.ts'
import type { AskOf } from '../../src/release/look.ts'
import type { Time } from '../../src/release/names.ts'
import type { Release } from '../../src/release/release.ts'
import type { Evidence } from '../../src/release/sighting.ts'
import { underway } from '../release/driver.ts'
import { commit, oldCommit, rolloutSighting, runSighting, start, target } from '../release/world.ts'

const minute = 60_000
const look: AskOf<'beyond'> = {
  repository: 'myorg/blog-api',
  commit,
  releaseId: 'r-dev',
  carriedId: 'r-dev',
  own: [{ cluster: 'blog-cluster-dev', service: 'blog-api' }],
  runId: 7,
  attempt: 1,
  jobs: [],
  since: start + 10 * minute,
  until: start + 20 * minute,
}

/** What the log of the run says, the release's own targets, and the commits of the rollout in prod. */
type BlamedBy = Partial<Pick<AskOf<'beyond'>, 'own'>> & { readonly log?: string; readonly commits?: [] }

/** The changes that are attributed to the run of dev while only these releases were in progress beside it. */
async function blamed(
  releases: readonly Release[],
  starts: readonly RepositoryStart[] = [],
  { log = '', own = look.own, ...seen }: BlamedBy = {},
): Promise<readonly Evidence[]> {
  const prod = {
    service: 'blog-api',
    environment: 'prod',
    repository: 'myorg/blog-api',
    workflow: 'deploy.yml',
    targets: [target],
    containers: ['api'],
  }
  const rollout = rolloutSighting({ createdAt: start + 15 * minute, ...seen })
  const needs = {
    settings: { directMessages: { approvers: false, requester: false }, serviceEnvironments: [prod] },
    store: { sentTo: async () => releases },
    outside: {
      github: {
        startsIn: async () => starts,
        wordsInLogs: async ({ words }: { words: readonly string[] }) =>
          new Set(words.filter((word) => log.includes(word))),
      },
      ecs: { changedSince: async () => [target], rollouts: async () => [{ target, rollouts: [rollout] }] },
    },
  } as unknown as Parameters<typeof lookBeyond>[1]
  return (await lookBeyond({ ...look, own }, needs)).map(({ evidence }) => evidence)
}

test.each([
  ['its own name, in this account', 'blog-worker', undefined, ['log']],
  ['its own name, in another account', 'blog-worker', 'arn:aws:iam::210987654321:role/twokey', ['log']],
  ['the same name in another account', 'blog-api', 'arn:aws:iam::210987654321:role/twokey', []],
] as const)(
  'a log that names a service proves a rollout there only if the release’s own service has %s',
  async (_, service, roleArn, evidence) => {
    const own = { cluster: target.cluster, service, ...(roleArn && { roleArn }) }
    const name = rolloutSighting().revision.name
    const log = [
      `Deployment started: https://ap-northeast-2.console.aws.amazon.com/ecs/v2/clusters/${target.cluster}/services/${target.service}`,
      `arn:aws:ecs:ap-northeast-2:210987654321:task-definition/${name}`,
    ].join('\n')
    expect(await blamed([], [], { log, own: [own], commits: [] })).toEqual(evidence)
  },
)

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
  ['is still in progress', null, []],
  ['ended during the other run', start + 12 * minute, []],
  ['ended before the other run', start + 2 * minute, ['commit']],
] as const)(
  'a rollout in prod is blamed on the run of dev only if prod had nothing at work: its run %s',
  async (_, at, evidence) => {
    expect(await blamed([endedEarly(at)])).toEqual(evidence)
  },
)

test('a rollout in prod is none beyond approval if a release of prod follows the same run', async () => {
  const { release } = underway()
  const { tracks } = release
  const ofRun = (id: number): Release => ({
    ...release,
    tracks: { ...tracks, run: tracks.run && { ...tracks.run, id } },
  })
  const named = { log: rolloutSighting().deploymentId }
  expect(await blamed([ofRun(look.runId)], [], named)).toEqual([])
  expect(await blamed([ofRun(look.runId + 1)], [], named)).toEqual(['log'])
})

test('the run is found by GitHub’s time of its end, though twokey saw it only during the other run', async () => {
  const other = endedEarly(start + 12 * minute)
  const { run } = other.tracks
  const seen = runSighting({ verdict: 'succeeded', endedAt: start + 2 * minute })
  const release = { ...other, tracks: { ...other.tracks, run: run && { ...run, seen } } }
  expect(await blamed([release])).toEqual(['commit'])
})

test.each([
  ['ahead, so that a release seems to have gone on', 10 * minute, 11, ['commit']],
  ['behind, so that a release seems to be over', -10 * minute, 5, []],
] as const)('by the clock of AWS, where ours is %s', async (_, offMs, endedMinute, evidence) => {
  const other = endedEarly(start + minute)
  const { sentAt, stage } = other
  if (sentAt === null || stage.at !== 'ended') throw new Error('it was not sent')
  const ended = { ...stage, since: start + endedMinute * minute }
  const tracks = { ...other.tracks, run: null }
  expect(await blamed([{ ...other, stage: ended, tracks, sentAtAws: sentAt - offMs }])).toEqual(evidence)
})

const beside: RepositoryStart = {
  runId: 8,
  attempt: 1,
  event: 'push',
  branch: 'feature',
  headSha: oldCommit,
  title: 'Try things',
  login: 'eve',
  url: 'https://github.com/myorg/blog-api/actions/runs/8',
  at: start + 12 * minute,
  endedAt: start + 14 * minute,
  isOver: true,
  workflow: 'deploy.yml',
}

test.each<readonly [string, Partial<RepositoryStart>, Evidence]>([
  ['of a feature branch, which builds its own commit', {}, 'commit'],
  ['of a pull request, which builds its own commit', { event: 'pull_request' }, 'commit'],
  ['of the approved commit that had ended before', { headSha: commit, at: start, endedAt: start }, 'commit'],
  ['of the approved commit', { headSha: commit }, 'beside other runs'],
  ['of it by another workflow', { headSha: commit, workflow: 'test.yml' }, 'beside other runs'],
  ['that somebody dispatched', { event: 'workflow_dispatch' }, 'beside other runs'],
])(
  'the approved commit in prod is attributed to the run of dev beside a run %s',
  async (_, part, evidence) => {
    expect(await blamed([], [{ ...beside, ...part }])).toEqual([evidence])
  },
)
