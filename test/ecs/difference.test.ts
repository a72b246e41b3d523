import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs'
import { describe, expect, it, test } from 'vitest'
import { differenceOf, type Run } from '../../src/aws/ecs/difference.ts'
import type { DifferenceLine } from '../../src/release/difference.ts'

const api: ContainerDefinition = { name: 'api', image: 'registry/blog-api:1', essential: true }

/** A run of one container `api` with these fields besides its image. */
function apiWith(part: Partial<ContainerDefinition>, digest?: string): Run {
  return run({ containerDefinitions: [{ ...api, ...part }] }, digest)
}

function run(definition: TaskDefinition, digest?: string, tags: Run['tags'] = []): Run {
  return {
    definition: { containerDefinitions: [api], ...definition },
    tags,
    digests: new Map(digest === undefined ? [] : [['api', digest]]),
  }
}

function lines(from: Run, to: Run): readonly DifferenceLine[] {
  const difference = differenceOf(from, to)
  if (!difference.known) throw new Error(difference.why)
  return difference.lines
}

type Row = readonly [string, Run, Run, Partial<DifferenceLine>]

const arn = (name: string) => `arn:aws:iam::123456789012:role/${name}`
const secretArn = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`

describe('difference between two task definitions', () => {
  it.each<Row>([
    [
      'an image',
      apiWith({ image: 'registry/blog-api:1' }),
      apiWith({ image: 'registry/blog-api:2' }),
      { what: 'image', container: 'api', from: 'registry/blog-api:1', to: 'registry/blog-api:2' },
    ],
    [
      'what an image’s name means',
      apiWith({}, 'sha256:1'),
      apiWith({}, 'sha256:2'),
      { what: 'digest', container: 'api', from: 'sha256:1', to: 'sha256:2' },
    ],
    [
      'a container that comes',
      run({}),
      run({ containerDefinitions: [api, { name: 'proxy', image: 'proxy:1', cpu: 5, user: 'x' }] }),
      { what: 'container', container: 'proxy', change: 'added', from: null, to: 'proxy:1' },
    ],
    [
      'a container that goes',
      run({ containerDefinitions: [{ name: 'proxy', image: 'proxy:1' }, api] }),
      run({}),
      { what: 'container', container: 'proxy', change: 'removed', from: 'proxy:1', to: null },
    ],
    [
      'a command',
      apiWith({ command: ['npm', 'run', 'old'] }),
      apiWith({ command: ['npm', 'start'] }),
      { what: 'command', from: 'npm run old', to: 'npm start' },
    ],
    [
      'the order of a command',
      apiWith({ command: ['a', 'b'] }),
      apiWith({ command: ['b', 'a'] }),
      { what: 'command', from: 'a b', to: 'b a' },
    ],
    [
      'an entry point',
      apiWith({}),
      apiWith({ entryPoint: ['sh'] }),
      { what: 'entryPoint', change: 'added', to: 'sh' },
    ],
    [
      'a variable',
      apiWith({ environment: [{ name: 'HOUR', value: '7' }] }),
      apiWith({ environment: [{ name: 'HOUR', value: '8' }] }),
      { what: 'environment', key: 'HOUR', change: 'changed', from: null, to: null },
    ],
    [
      'a variable that comes',
      apiWith({}),
      apiWith({ environment: [{ name: 'HOUR', value: '8' }] }),
      { what: 'environment', key: 'HOUR', change: 'added', from: null, to: null },
    ],
    [
      'a variable that goes',
      apiWith({ environment: [{ name: 'HOUR', value: '8' }] }),
      apiWith({ environment: [] }),
      { what: 'environment', key: 'HOUR', change: 'removed', from: null, to: null },
    ],
    [
      'where a secret is',
      apiWith({ secrets: [{ name: 'DB', valueFrom: secretArn('old') }] }),
      apiWith({ secrets: [{ name: 'DB', valueFrom: secretArn('new') }] }),
      { what: 'secret', key: 'DB', from: secretArn('old'), to: secretArn('new') },
    ],
    [
      'an environment file',
      apiWith({ environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::b/old.env' }] }),
      apiWith({}),
      { what: 'environmentFile', key: 'arn:aws:s3:::b/old.env', change: 'removed' },
    ],
    [
      'cpu of the task',
      run({ cpu: '256' }),
      run({ cpu: '512' }),
      { what: 'cpu', container: null, from: '256', to: '512' },
    ],
    [
      'memory of the task',
      run({ memory: '512' }),
      run({ memory: '1024' }),
      { what: 'memory', container: null },
    ],
    [
      'cpu of a container',
      apiWith({ cpu: 128 }),
      apiWith({ cpu: 64 }),
      { what: 'cpu', container: 'api', from: '128', to: '64' },
    ],
    [
      'memory of a container',
      apiWith({ memory: 128 }),
      apiWith({ memory: 64 }),
      { what: 'memory', container: 'api' },
    ],
    [
      'a memory reservation',
      apiWith({ memoryReservation: 128 }),
      apiWith({ memoryReservation: 64 }),
      { what: 'memoryReservation' },
    ],
    [
      'how often health is checked',
      apiWith({ healthCheck: { command: ['CMD', 'x'] } }),
      apiWith({ healthCheck: { command: ['CMD', 'x'], interval: 10 } }),
      { what: 'healthCheck', key: 'interval', from: '30', to: '10' },
    ],
    [
      'a port',
      apiWith({ portMappings: [{ containerPort: 8080, hostPort: 80 }] }),
      apiWith({}),
      { what: 'port', key: '80:8080/tcp', change: 'removed' },
    ],
    [
      'what a port is called',
      apiWith({ portMappings: [{ containerPort: 8080, name: 'web' }] }),
      apiWith({ portMappings: [{ containerPort: 8080, name: 'http' }] }),
      { what: 'port', key: '8080/tcp', change: 'changed' },
    ],
    [
      'the task role',
      run({ taskRoleArn: arn('a') }),
      run({ taskRoleArn: arn('b') }),
      { what: 'taskRole', from: arn('a'), to: arn('b') },
    ],
    [
      'the execution role',
      run({}),
      run({ executionRoleArn: arn('b') }),
      { what: 'executionRole', change: 'added' },
    ],
    [
      'an option of the log',
      apiWith({ logConfiguration: { logDriver: 'splunk', options: { 'splunk-token': 'one' } } }),
      apiWith({ logConfiguration: { logDriver: 'splunk', options: { 'splunk-token': 'two' } } }),
      { what: 'log', key: 'splunk-token', change: 'changed', from: null, to: null },
    ],
    [
      'where the log goes',
      apiWith({ logConfiguration: { logDriver: 'splunk' } }),
      apiWith({ logConfiguration: { logDriver: 'awslogs' } }),
      { what: 'log', key: null, from: 'splunk', to: 'awslogs' },
    ],
    [
      'a dependency',
      apiWith({ dependsOn: [{ containerName: 'db', condition: 'START' }] }),
      apiWith({ dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }] }),
      { what: 'dependsOn', key: 'db', from: 'START', to: 'HEALTHY' },
    ],
    ['the stop timeout', apiWith({}), apiWith({ stopTimeout: 30 }), { what: 'stopTimeout', to: '30' }],
    [
      'whether it is essential',
      apiWith({}),
      apiWith({ essential: false }),
      { what: 'essential', from: 'true', to: 'false' },
    ],
    [
      'the user',
      apiWith({ user: 'node' }),
      apiWith({ user: 'root' }),
      { what: 'user', from: 'node', to: 'root' },
    ],
    [
      'a read-only root',
      apiWith({ readonlyRootFilesystem: true }),
      apiWith({}),
      { what: 'readonlyRootFilesystem', from: 'true', to: 'false' },
    ],
    [
      'version consistency',
      apiWith({}),
      apiWith({ versionConsistency: 'disabled' }),
      { what: 'versionConsistency', to: 'disabled' },
    ],
    [
      'a volume',
      run({ volumes: [{ name: 'data', host: { sourcePath: '/a' } }] }),
      run({ volumes: [{ name: 'data', host: { sourcePath: '/b' } }] }),
      { what: 'volume', key: 'data', change: 'changed' },
    ],
    [
      'a mount',
      apiWith({ mountPoints: [{ containerPath: '/d', sourceVolume: 'data', readOnly: true }] }),
      apiWith({ mountPoints: [{ containerPath: '/d', sourceVolume: 'data' }] }),
      { what: 'mountPoint', key: '/d', from: 'data, read only', to: 'data' },
    ],
    [
      'the platform',
      run({ runtimePlatform: { cpuArchitecture: 'X86_64' } }),
      run({ runtimePlatform: { cpuArchitecture: 'ARM64' } }),
      { what: 'runtimePlatform', key: 'cpuArchitecture', from: 'X86_64', to: 'ARM64' },
    ],
    [
      'the network mode',
      run({ networkMode: 'awsvpc' }),
      run({ networkMode: 'host' }),
      { what: 'networkMode' },
    ],
    [
      'the storage',
      run({}),
      run({ ephemeralStorage: { sizeInGiB: 40 } }),
      { what: 'ephemeralStorage', to: '40' },
    ],
    [
      'a tag',
      run({}, undefined, [{ key: 'team', value: 'a' }]),
      run({}, undefined, [{ key: 'team', value: 'b' }]),
      { what: 'tag', key: 'team', from: 'a', to: 'b' },
    ],
    [
      'a field that is not known here',
      apiWith({}),
      apiWith({ privileged: true }),
      { what: 'other', key: 'privileged', container: 'api', from: null, to: null },
    ],
    [
      'one of the task',
      run({}),
      run({ pidMode: 'host' }),
      { what: 'other', key: 'pidMode', container: null },
    ],
  ])('lists %s', (_, from, to, line) => {
    expect(lines(from, to)).toEqual([expect.objectContaining(line)])
    expect(lines(to, from)).toHaveLength(1)
  })

  it.each<readonly [string, Run, Run]>([
    [
      'what ECS sets by itself',
      run({
        family: 'blog-api',
        revision: 42,
        status: 'ACTIVE',
        registeredAt: new Date(1),
        registeredBy: 'a',
      }),
      run({
        family: 'blog-api',
        taskDefinitionArn: 'arn:43',
        revision: 43,
        status: 'INACTIVE',
        registeredAt: new Date(2),
        deregisteredAt: new Date(3),
        requiresAttributes: [{ name: 'x' }],
        compatibilities: ['FARGATE'],
      }),
    ],
    [
      'an empty list and none',
      apiWith({ command: [], environment: [], links: [], mountPoints: [], dockerLabels: {} }),
      run({ volumes: [], placementConstraints: [] }),
    ],
    [
      'what is said by default and what is not',
      apiWith({
        cpu: 0,
        essential: true,
        readonlyRootFilesystem: false,
        privileged: false,
        versionConsistency: 'enabled',
      }),
      run({}),
    ],
    [
      'the order of what has none',
      apiWith({
        environment: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
        portMappings: [{ containerPort: 1 }, { containerPort: 2, protocol: 'udp' }],
        ulimits: [
          { name: 'core', softLimit: 1, hardLimit: 1 },
          { name: 'cpu', softLimit: 2, hardLimit: 2 },
        ],
      }),
      apiWith({
        environment: [
          { name: 'B', value: '2' },
          { name: 'A', value: '1' },
        ],
        portMappings: [
          { protocol: 'udp', containerPort: 2 },
          { containerPort: 1, protocol: 'tcp' },
        ],
        ulimits: [
          { hardLimit: 2, name: 'cpu', softLimit: 2 },
          { name: 'core', softLimit: 1, hardLimit: 1 },
        ],
      }),
    ],
    [
      'the order of containers',
      run({ containerDefinitions: [api, { name: 'b' }] }),
      run({ containerDefinitions: [{ name: 'b' }, api] }),
    ],
    ['a digest that one of them does not tell', apiWith({}, 'sha256:1'), apiWith({})],
    ['our own tag', run({}, undefined, [{ key: 'twokey-release', value: 'r1' }]), run({})],
  ])('ignores %s', (_, from, to) => {
    expect(differenceOf(from, to)).toEqual({ known: true, lines: [], total: 0 })
  })

  test('lists another image once, whatever its digest', () => {
    const from = apiWith({ image: 'a:1' }, 'sha256:1')
    expect(lines(from, apiWith({ image: 'a:2' }, 'sha256:2')).map(({ what }) => what)).toEqual(['image'])
  })

  test('sorts the lines, whatever the order of the fields', () => {
    const to = run({
      networkMode: 'host',
      cpu: '512',
      containerDefinitions: [
        { ...api, user: 'root', environment: [{ name: 'B' }, { name: 'A' }], command: ['x'], image: 'b' },
        { name: 'new', image: 'n' },
      ],
    })
    expect(lines(run({}), to).map(({ what, key }) => key ?? what)).toEqual([
      'image',
      'container',
      'command',
      'A',
      'B',
      'cpu',
      'user',
      'networkMode',
    ])
  })

  test('keeps no value of a variable, and masks secrets in a command', () => {
    const secret = 'correct-horse-battery'
    const from = apiWith({ environment: [{ name: 'A', value: secret }] })
    const to = apiWith({
      environment: [{ name: 'B', value: secret }],
      command: ['serve', '--password', secret],
      logConfiguration: { logDriver: 'splunk', options: { 'splunk-token': secret } },
    })
    expect(lines(from, to)).toHaveLength(5)
    expect(JSON.stringify(differenceOf(from, to))).not.toContain(secret)
  })

  test('limits the lines and their length', () => {
    const environment = Array.from({ length: 500 }, (_, index) => ({ name: `${'N'.repeat(900)}${index}` }))
    const difference = differenceOf(run({}), apiWith({ environment, command: ['x'.repeat(60_000)] }))
    expect(difference).toMatchObject({ known: true, total: 501 })
    expect(difference.known && difference.lines).toHaveLength(30)
    expect(JSON.stringify(difference).length).toBeLessThan(15_000)
  })
})
