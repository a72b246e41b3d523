import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { DifferencePart } from '../../release/difference.ts'
import type { Definition } from './reads.ts'
import { words } from './words.ts'

/** Limit of characters shown of a value. */
const maxShownLength = 160

/**
 * One field of a task definition; empty fields are left out. `value` is compared, `shown` is displayed: null if it
 * never is.
 */
export type Field = {
  readonly what: DifferencePart
  /** Null: a field of the whole task. */
  readonly container: string | null
  readonly key: string | null
  readonly value: string
  readonly shown: string | null
}

/** A text of a task definition for display: on one line, without secrets. */
export function displayText(text: string): string {
  return words(text, maxShownLength)
}

/** Creates fields of a part of a task definition; `container` is null for the task itself. */
function fieldReader(container: string | null) {
  return {
    /** One value, shown as it is. */
    one(what: DifferencePart, value: unknown, shown: string | null = text(value), key: string | null = null) {
      if (isEmpty(value)) return []
      return [{ what, container, key, value: canonicalJson(value), shown: shown && displayText(shown) }]
    },
    /** Entries of a list, each identified by its key. `show` null: values are never displayed. */
    each<Item>(
      what: DifferencePart,
      items: readonly Item[] | undefined,
      read: (item: Item) => { readonly key: string | undefined; readonly value: unknown },
      show: ((item: Item) => string) | null = null,
    ) {
      return (items ?? []).map((item): Field => {
        const { key = '', value } = read(item)
        const shown = show === null ? null : displayText(show(item))
        return { what, container, key, value: canonicalJson(value), shown }
      })
    },
  }
}

/** The fields of the whole task. */
export function fieldsOfTask({ definition, tags }: Definition): readonly Field[] {
  const { one, each } = fieldReader(null)
  const {
    cpu,
    memory,
    taskRoleArn,
    executionRoleArn,
    volumes,
    runtimePlatform,
    networkMode,
    ephemeralStorage,
    ...rest
  } = definition
  return [
    ...one('cpu', cpu),
    ...one('memory', memory),
    ...one('taskRole', taskRoleArn),
    ...one('executionRole', executionRoleArn),
    ...each('volume', volumes, ({ name, ...volume }) => ({ key: name, value: volume })),
    ...one('runtimePlatform', runtimePlatform?.cpuArchitecture, undefined, 'cpuArchitecture'),
    ...one('runtimePlatform', runtimePlatform?.operatingSystemFamily, undefined, 'operatingSystemFamily'),
    ...one('networkMode', networkMode),
    ...one('ephemeralStorage', ephemeralStorage?.sizeInGiB),
    ...each(
      'tag',
      // twokey's own tag differs between releases.
      tags.filter(({ key }) => key !== 'twokey-release'),
      ({ key, value }) => ({ key, value }),
      ({ value = '' }) => value,
    ),
    ...unknownFields(null, rest),
  ]
}

/** The fields of one container. */
export function fieldsOfContainer(container: ContainerDefinition): readonly Field[] {
  const {
    name = '',
    image,
    command,
    entryPoint,
    environment,
    secrets,
    environmentFiles,
    cpu,
    memory,
    memoryReservation,
    healthCheck,
    portMappings,
    logConfiguration,
    dependsOn,
    stopTimeout,
    essential = true,
    user,
    readonlyRootFilesystem = false,
    versionConsistency = 'enabled',
    mountPoints,
    ...rest
  } = container
  const { one, each } = fieldReader(name)
  const { logDriver, options = {}, secretOptions } = logConfiguration ?? {}
  return [
    ...one('image', image),
    ...one('command', command),
    ...one('entryPoint', entryPoint),
    ...each('environment', environment, (variable) => ({ key: variable.name, value: variable.value })),
    ...each(
      'secret',
      secrets,
      (secret) => ({ key: secret.name, value: secret.valueFrom }),
      ({ valueFrom = '' }) => valueFrom,
    ),
    ...each('environmentFile', environmentFiles, ({ type, value }) => ({ key: value, value: type })),
    // ECS returns zero for a container that requests none.
    ...one('cpu', cpu === 0 ? undefined : cpu),
    ...one('memory', memory),
    ...one('memoryReservation', memoryReservation),
    ...healthCheckFields(name, healthCheck),
    ...each(
      'port',
      portMappings,
      ({ containerPort, containerPortRange, hostPort, protocol = 'tcp', ...port }) => ({
        key: `${hostPort === undefined || hostPort === 0 || hostPort === containerPort ? '' : `${hostPort}:`}${containerPort ?? containerPortRange}/${protocol}`,
        value: port,
      }),
    ),
    ...one('log', logDriver),
    // Options of some drivers hold tokens, so their values are not displayed.
    ...each('log', Object.entries(options), ([key, value]) => ({ key, value })),
    ...each(
      'log',
      secretOptions,
      (secret) => ({ key: secret.name, value: secret.valueFrom }),
      ({ valueFrom = '' }) => valueFrom,
    ),
    ...each(
      'dependsOn',
      dependsOn,
      ({ containerName, condition }) => ({ key: containerName, value: condition }),
      ({ condition = '' }) => condition,
    ),
    ...one('stopTimeout', stopTimeout),
    ...one('essential', essential),
    ...one('user', user),
    ...one('readonlyRootFilesystem', readonlyRootFilesystem),
    ...one('versionConsistency', versionConsistency),
    ...each(
      'mountPoint',
      mountPoints,
      ({ containerPath, sourceVolume, readOnly = false }) => ({
        key: containerPath,
        value: { sourceVolume, readOnly },
      }),
      ({ sourceVolume = '', readOnly }) => `${sourceVolume}${readOnly ? ', read only' : ''}`,
    ),
    ...unknownFields(name, rest),
  ]
}

/** ECS sets intervals and retries if none are given. Source: API reference, HealthCheck. */
function healthCheckFields(container: string, check: ContainerDefinition['healthCheck']): readonly Field[] {
  if (check === undefined) return []
  const { command, interval = 30, timeout = 5, retries = 3, startPeriod } = check
  const { one } = fieldReader(container)
  return Object.entries({ command, interval, timeout, retries, startPeriod }).flatMap(([key, value]) =>
    one('healthCheck', value, undefined, key),
  )
}

/** Fields that this table does not know, by name only: no difference is omitted silently. */
function unknownFields(
  container: string | null,
  fields: Readonly<Record<string, unknown>>,
): readonly Field[] {
  const { one } = fieldReader(container)
  return Object.entries(fields).flatMap(([key, value]) =>
    // A switch that is off equals an absent one.
    value === false || (container === null && ignored.has(key))
      ? []
      : one('other', isSet(key, value) ? value.map(canonicalJson).toSorted(compare) : value, null, key),
  )
}

/** Fields that ECS sets itself, and containers, which are compared one by one. */
const ignored: ReadonlySet<string> = new Set([
  'taskDefinitionArn',
  'family',
  'revision',
  'status',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
  'deleteRequestedAt',
  'requiresAttributes',
  'compatibilities',
  'containerDefinitions',
])

/** Lists whose order has no meaning. */
const sets: ReadonlySet<string> = new Set([
  'requiresCompatibilities',
  'placementConstraints',
  'ulimits',
  'systemControls',
  'resourceRequirements',
  'volumesFrom',
  'dockerSecurityOptions',
])

function isSet(key: string, value: unknown): value is readonly unknown[] {
  return sets.has(key) && Array.isArray(value)
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}

function text(value: unknown): string | null {
  if (value === undefined || value === null) return null
  return Array.isArray(value) ? value.join(' ') : String(value)
}

/** JSON that is equal for equal values: sorted keys, no empty values. */
function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) =>
      part !== null && typeof part === 'object' && !Array.isArray(part)
        ? Object.fromEntries(
            Object.entries(part)
              .filter(([, each]) => !isEmpty(each))
              .toSorted(([a], [b]) => compare(a, b)),
          )
        : part,
    ) ?? ''
  )
}

/** Compares by code unit: the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
