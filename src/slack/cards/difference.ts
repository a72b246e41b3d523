import type { KnownBlock, RichTextElement } from '@slack/types'
import type { StoppedDeployment } from '../../release/active-deployment.ts'
import type { Difference, DifferenceLine, DifferencePart } from '../../release/difference.ts'
import type { ContainerImage } from '../../release/revision.ts'
import type { Subject } from '../../release/subject.ts'
import { bullets, code, context, ours, section, words } from '../blocks.ts'
import { inCode, literal, outside } from '../escape.ts'
import { count, target as targetText } from '../mrkdwn.ts'
import { joinWithDots } from './marks.ts'
import { rolloutTimeText } from './rollout-time.ts'

/** How many lines of a difference, and how many images, a card shows. */
const shown = { lines: 6, images: 4 } as const

/** The name of each part, singular and plural. */
const names: Readonly<Record<DifferencePart, readonly [one: string, several: string]>> = {
  image: ['image', 'images'],
  digest: ['image digest', 'image digests'],
  container: ['container', 'containers'],
  command: ['command', 'commands'],
  entryPoint: ['entry point', 'entry points'],
  environment: ['environment variable', 'environment variables'],
  secret: ['secret', 'secrets'],
  environmentFile: ['environment file', 'environment files'],
  cpu: ['CPU', 'CPU values'],
  memory: ['memory', 'memory values'],
  memoryReservation: ['memory reservation', 'memory reservations'],
  healthCheck: ['health check value', 'health check values'],
  port: ['port', 'ports'],
  taskRole: ['task role', 'task roles'],
  executionRole: ['execution role', 'execution roles'],
  log: ['log setting', 'log settings'],
  dependsOn: ['dependency', 'dependencies'],
  stopTimeout: ['stop timeout', 'stop timeouts'],
  essential: ['essential', 'essentials'],
  user: ['user', 'users'],
  readonlyRootFilesystem: ['read-only root', 'read-only roots'],
  versionConsistency: ['version consistency', 'version consistencies'],
  volume: ['volume', 'volumes'],
  mountPoint: ['mount point', 'mount points'],
  runtimePlatform: ['platform value', 'platform values'],
  networkMode: ['network mode', 'network modes'],
  ephemeralStorage: ['ephemeral storage', 'ephemeral storages'],
  tag: ['tag', 'tags'],
  other: ['other field', 'other fields'],
}

/** What a rollback changes beside the code, and the images that its approval covers. */
export function differenceBlocks({
  difference,
  images,
  time,
  stops = [],
}: Extract<Subject, { kind: 'rollback' }>): readonly KnownBlock[] {
  const lines = difference.known ? difference.lines.slice(0, shown.lines) : []
  const small = joinWithDots([folded(difference, lines.length), imageText(images)])
  return [
    ...(lines.length > 0 ? [bullets(lines.map(differenceLine))] : []),
    ...(small === '' ? [] : [context(small)]),
    ...stops.map((each) => section([stopText(each)])),
    ...(time ? [context(rolloutTimeText(time))] : []),
  ]
}

/** Approvers agree to this as well. */
function stopText({ deploymentId, target, revision }: StoppedDeployment): string {
  const what = revision === null ? '' : ` of ${inCode(revision)}`
  return `:fast_forward: Stops CodeDeploy’s deployment ${inCode(deploymentId)}${what} to ${targetText(target)}, which rolls it back.`
}

/** The difference in a few words: `differs: image, 2 environment variables`. @param lead the words before it */
export function differenceText(difference: Difference, lead: string): string {
  if (!difference.known) return 'differences unknown'
  const { lines, total } = difference
  if (total === 0) return 'nothing differs'
  const counts = new Map<DifferencePart, number>()
  for (const { what } of lines) counts.set(what, (counts.get(what) ?? 0) + 1)
  const parts = [...counts].map(([what, many]) => (many === 1 ? names[what][0] : `${many} ${names[what][1]}`))
  const more = total > lines.length ? [`${total - lines.length} more`] : []
  return `${lead}: ${[...parts, ...more].join(', ')}`
}

function folded(difference: Difference, named: number): string | null {
  if (!difference.known) return null
  if (difference.total === 0) return 'The task definition is the same as in the running revision'
  const more = difference.total - named
  return more > 0
    ? `${more} more ${more === 1 ? 'thing differs' : 'things differ'} in the task definition`
    : null
}

/** Approvals are for digests: a name alone may mean another image tomorrow. */
function imageText(images: readonly ContainerImage[]): string {
  if (images.length === 0) return ''
  const named = images.slice(0, shown.images).map(({ container, digest }) => {
    const is = digest === null ? 'digest not reported by ECS' : inCode(digest.slice(0, 19))
    return `${outside(container, 40)} ${is}`
  })
  const more = images.length - named.length
  return `${count(images.length, 'image')}: ${named.join(', ')}${more > 0 ? `, ${more} more` : ''}`
}

/** `api image: blog-api:3f2c1ab → blog-api:61cbaec`. For values that twokey does not keep: changed, added or removed. */
function differenceLine({
  what,
  container,
  key,
  change,
  from,
  to,
}: DifferenceLine): readonly RichTextElement[] {
  const named = key === null ? [] : [ours(' '), code(key)]
  const whose = container === null || what === 'container' ? [] : [words(container, 40), ours(' ')]
  const which = what === 'container' && container !== null ? [ours(' '), words(container, 40)] : named
  const of = [...whose, ours(what === 'other' ? 'field' : names[what][0]), ...which]
  if (from === null && to === null) return [...of, ours(` ${change}`)]
  const value = (text: string) => shownValue(text, units[what]?.(key) ?? null)
  if (from === null || to === null) return [...of, ours(` ${change}: `), value(to ?? from ?? '')]
  const [old, now] = withoutCommon(from, to)
  return [...of, ours(': '), value(old), ours(' → '), value(now)]
}

/** @param unit of a number; null: it has none */
function shownValue(text: string, unit: string | null): RichTextElement {
  const value = unit !== null && /^\d+$/.test(text) ? `${text} ${unit}` : text
  return { type: 'text', text: literal(value, 120), style: { code: true } }
}

/** The units of numbers in a task definition, by the key that differs. Source: API reference, ContainerDefinition and HealthCheck. */
const units: Readonly<Partial<Record<DifferencePart, (key: string | null) => string | null>>> = {
  cpu: () => 'CPU units',
  memory: () => 'MiB',
  memoryReservation: () => 'MiB',
  ephemeralStorage: () => 'GiB',
  stopTimeout: () => 's',
  healthCheck: (key) => (key === 'retries' ? null : 's'),
}

/** Leaves out what images and ARNs have in common (registry, account), and shortens a commit to seven characters. */
function withoutCommon(from: string, to: string): readonly [string, string] {
  const common = commonPart.exec(from)?.[0] ?? ''
  const kept = commonPart.exec(to)?.[0] === common ? common.length : 0
  const short = (text: string) => text.slice(kept).replace(/(:[0-9a-f]{7})[0-9a-f]{33}$/, '$1')
  return [short(from), short(to)]
}

/** `arn:aws:iam::123456789012:`, or everything before the last part of an image's name. */
const commonPart = /^(?:arn:[^:]*:[^:]*:[^:]*:[^:]*:|[^\s]*\/(?=[^\s/]*:))/
