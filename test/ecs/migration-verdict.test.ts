import type { Container, Task, TaskDefinition } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { migrationSighting, migrationVerdict } from '../../src/aws/ecs/migration-verdict.ts'

const started = new Date('2026-11-23T10:00:10Z')
const stopped = new Date('2026-11-23T10:00:52Z')
const exited: Partial<Task> = {
  lastStatus: 'STOPPED',
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
  startedAt: started,
  stoppedAt: stopped,
}

/** `migrate` is essential, `metrics` is not, `proxy` is. */
const definition: TaskDefinition = {
  containerDefinitions: [{ name: 'migrate' }, { name: 'metrics', essential: false }],
}
const withProxy: TaskDefinition = {
  containerDefinitions: [
    { name: 'proxy', essential: true },
    { name: 'migrate', essential: true },
  ],
}

const task = (over: Partial<Task>, containers: readonly Container[] = []): Task => ({
  ...over,
  containers: [...containers],
})
const verdict = (of: Task, more: { definition?: TaskDefinition; container?: string } = {}) =>
  migrationVerdict({
    task: of,
    definition: 'definition' in more ? more.definition : definition,
    container: more.container,
  })

describe('verdict on a migration', () => {
  it.each(['PROVISIONING', 'PENDING', 'ACTIVATING', 'RUNNING', 'DEACTIVATING', 'STOPPING', 'DEPROVISIONING'])(
    '%s is not the end, whatever exit code a container has',
    (lastStatus) => {
      expect(verdict(task({ lastStatus }, [{ name: 'migrate', exitCode: 1 }])).verdict).toBe('moving')
    },
  )

  it.each<[string, readonly Container[], string, number | null]>([
    ['0', [{ name: 'migrate', exitCode: 0 }], 'succeeded', 0],
    ['1', [{ name: 'migrate', exitCode: 1 }], 'failed', 1],
    ['137', [{ name: 'migrate', exitCode: 137, reason: 'OutOfMemoryError' }], 'failed', 137],
    ['no exit code', [{ name: 'migrate' }], 'failed', null],
    ['no container at all', [], 'failed', null],
    [
      '1, hidden behind the 0 of a sidecar',
      [
        { name: 'metrics', exitCode: 0 },
        { name: 'migrate', exitCode: 1 },
      ],
      'failed',
      1,
    ],
    [
      '0, while a sidecar that is not essential fails',
      [
        { name: 'migrate', exitCode: 0 },
        { name: 'metrics', exitCode: 2 },
      ],
      'succeeded',
      0,
    ],
    [
      'no exit code beside the 0 of a sidecar',
      [{ name: 'metrics', exitCode: 0 }, { name: 'migrate' }],
      'failed',
      null,
    ],
  ])('judges a migration by exit code %s', (_, containers, expected, exitCode) => {
    expect(verdict(task(exited, containers))).toMatchObject({ verdict: expected, exitCode })
  })

  it.each<[string, number, number, string | undefined, string]>([
    ['every essential one counts', 1, 0, undefined, 'failed'],
    ['all of them exited 0', 0, 0, undefined, 'succeeded'],
    ['the named one alone counts', 143, 0, 'migrate', 'succeeded'],
    ['the named one failed', 0, 1, 'migrate', 'failed'],
    ['the named one is not there', 0, 0, 'missing', 'failed'],
  ])('judges two essential containers: %s', (_, proxy, migrate, container, expected) => {
    const both = task(exited, [
      { name: 'proxy', exitCode: proxy },
      { name: 'migrate', exitCode: migrate },
    ])
    expect(verdict(both, { definition: withProxy, container }).verdict).toBe(expected)
  })

  it('counts every container if the task definition no longer exists', () => {
    const both = task(exited, [
      { name: 'migrate', exitCode: 0 },
      { name: 'metrics', exitCode: 2 },
    ])
    expect(verdict(both, { definition: undefined }).verdict).toBe('failed')
  })

  const both = (migrate: Container, proxy: Container) =>
    verdict(
      task(exited, [
        { name: 'proxy', ...proxy },
        { name: 'migrate', ...migrate },
      ]),
      {
        definition: withProxy,
      },
    )

  it.each<[string, Container, Container, number | null, RegExp]>([
    [
      'a sidecar that ECS stopped with it',
      { exitCode: 0 },
      { exitCode: 143 },
      143,
      /container proxy exited 143 \(SIGTERM\), while migrate exited 0.*set migration\.container to migrate/,
    ],
    [
      'a sidecar that had to be killed (kayac/ecspresso#105)',
      { exitCode: 0 },
      { exitCode: 137 },
      137,
      /container proxy exited 137.*set migration\.container to migrate/,
    ],
    [
      'the migration, and its sidecar was stopped after it',
      { exitCode: 3 },
      { exitCode: 143 },
      3,
      /container migrate exited 3$/,
    ],
    [
      'the migration, out of memory, and its sidecar has another exit code',
      { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
      { exitCode: 1 },
      137,
      /container migrate ran out of memory \(OutOfMemoryError, exit code 137\)$/,
    ],
    [
      'the migration, without an exit code, for a reason of its own',
      { reason: 'CannotStartContainerError: exec format error' },
      { exitCode: 143 },
      null,
      /container migrate is built for a different platform than the task \(exec format error\)/,
    ],
    [
      'the migration, and its sidecar exited 0',
      { exitCode: 1 },
      { exitCode: 0 },
      1,
      /container migrate exited 1$/,
    ],
    [
      'the migration, which ran out of memory beside a sidecar that exited 0',
      { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
      { exitCode: 0 },
      137,
      /\(OutOfMemoryError, exit code 137\)$/,
    ],
    [
      'the migration, which has no exit code beside the 0 of its sidecar',
      {},
      { exitCode: 0 },
      null,
      /^(?!.*migration\.container)/,
    ],
  ])('blames %s', (_, migrate, proxy, exitCode, reason) => {
    expect(both(migrate, proxy)).toMatchObject({
      verdict: 'failed',
      exitCode,
      reason: expect.stringMatching(reason),
    })
  })

  it('names no setting if one is set', () => {
    const containers = [
      { name: 'proxy', exitCode: 0 },
      { name: 'migrate', exitCode: 1 },
    ]
    const { reason } = verdict(task(exited, containers), { definition: withProxy, container: 'migrate' })
    expect(reason).not.toContain('migration.container')
  })

  it('a task of 40 containers without reasons is a failure, in a short sentence', () => {
    const names = Array.from({ length: 40 }, (_, index) => `container-${index}`)
    const all = { containerDefinitions: names.map((name) => ({ name })) }
    const { verdict: ended, reason } = verdict(
      task(
        exited,
        names.map((name) => ({ name })),
      ),
      { definition: all },
    )
    expect(ended).toBe('failed')
    expect(reason.length).toBeLessThan(200)
    const { reason: other } = verdict(
      task(exited, [
        { name: 'container-39', exitCode: 1 },
        ...names.slice(0, 39).map((name) => ({ name, exitCode: 0 })),
      ]),
      { definition: all },
    )
    expect(other).toMatch(/container container-39 exited 1/)
    expect(other.length).toBeLessThan(300)
  })

  it('13: a task that never started is a failure, with the reason', () => {
    const never = task(
      {
        lastStatus: 'STOPPED',
        stopCode: 'TaskFailedToStart',
        stoppedReason: 'CannotPullContainerError: not found.',
      },
      [{ name: 'migrate', reason: 'CannotPullContainerError: not found.' }],
    )
    const { verdict: ended, exitCode, reason } = verdict(never)
    expect([ended, exitCode]).toEqual(['failed', null])
    expect(reason).toMatch(/never started.*CannotPullContainerError: not found$/)
  })
})

it.each([
  ['PROVISIONING', 'ECS has not started its task yet (PROVISIONING)'],
  ['PENDING', 'ECS has not started its task yet (PENDING)'],
  ['RUNNING', undefined],
  ['DEPROVISIONING', undefined],
  ['STOPPED', undefined],
])('reports what delays a task in %s', (lastStatus, words) => {
  const facts = { task: task({ lastStatus }), definition, container: undefined }
  expect(migrationSighting(facts, 0).heldBy?.words).toBe(words)
})

it('reports how long a task ran, and nothing if it never did', () => {
  const ran = { taskArn: 'a', startedBy: 'deploy-1', createdAt: started, ...exited }
  const facts = { definition, container: undefined }
  expect(migrationSighting({ ...facts, task: task(ran) }, 0).durationMs).toBe(42_000)
  expect(
    migrationSighting({ ...facts, task: task({ ...ran, startedAt: undefined }) }, 0).durationMs,
  ).toBeNull()
})
