import type { Container, ContainerDefinition, Task, TaskDefinition } from '@aws-sdk/client-ecs'
import { type About, plainReason } from './plain-reason.ts'
import { words } from './words.ts'

/** A task that has stopped or is stopping, with its task definition. */
export type Stopped = {
  readonly task: Task
  /** Undefined if it no longer exists: then every container counts as essential. */
  readonly definition: TaskDefinition | undefined
}

/**
 * Evidence of how a container stopped, the strongest first. `said`: ECS gives a reason. `failed`: an exit code of its
 * own. `left`: it exited 0. `silent`: it has no exit code. `killed` (137) and `stopped` (143): how ECS ends the other
 * containers once one container has ended the task.
 */
const strongestFirst = ['said', 'failed', 'left', 'silent', 'killed', 'stopped'] as const
type Evidence = (typeof strongestFirst)[number]

/**
 * The containers that may have ended the task, the likeliest first: essential ones before others, because only they end a
 * task, then by evidence. ECS does not date the end of a container, so the order of its list means nothing.
 */
export function suspects({ task, definition }: Stopped): readonly Container[] {
  const { containers = [] } = task
  const ended = containers.filter(({ lastStatus }) => lastStatus === undefined || lastStatus === 'STOPPED')
  const stopped = { task, definition }
  return (ended.length > 0 ? ended : containers)
    .map((container) => ({ container, order: orderOf(container, stopped) }))
    .toSorted((one, other) => one.order - other.order)
    .map(({ container }) => container)
}

function orderOf(container: Container, stopped: Stopped): number {
  const rank = strongestFirst.indexOf(evidenceOf(container, stopped))
  return isEssential(container, stopped) ? rank : strongestFirst.length + rank
}

/** Whether the end of this container ends the task. */
export function isEssential({ name }: Container, { definition }: Stopped): boolean {
  return definitionOf(definition, name)?.essential !== false
}

/** A container's part of the task definition. */
export function definitionOf(
  definition: TaskDefinition | undefined,
  name: string | undefined,
): ContainerDefinition | undefined {
  return definition?.containerDefinitions?.find((each) => each.name === name)
}

/** Whether it failed by itself: with a reason, or with an exit code that no signal of ECS causes. */
export function isFailed(container: Container, stopped: Stopped): boolean {
  const evidence = evidenceOf(container, stopped)
  return evidence === 'said' || evidence === 'failed'
}

function evidenceOf(container: Container, stopped: Stopped): Evidence {
  const { exitCode } = container
  if (reasonOf(container) !== null) return 'said'
  if (exitCode === undefined) return 'silent'
  if (exitCode === 0) return 'left'
  if (exitCode === 137) return mayBeKilledByEcs(container, stopped) ? 'killed' : 'failed'
  return stopSignals.has(exitCode) ? 'stopped' : 'failed'
}

/** Exit codes of containers that exit on SIGTERM or the image's STOPSIGNAL. */
const stopSignals: ReadonlySet<number> = new Set([130, 131, 143])

/** How long ECS waits after the stop signal before it kills, s; a container definition may override it. */
const defaultStopTimeout = 30

/**
 * ECS dates the end of the first essential container. If the task had stopped sooner than the stop timeout after it,
 * something else killed the container.
 */
function mayBeKilledByEcs(
  { name }: Container,
  { task: { executionStoppedAt, stoppingAt, stoppedAt, containers = [] }, definition }: Stopped,
): boolean {
  if (containers.length < 2) return false
  const first = executionStoppedAt ?? stoppingAt
  if (first === undefined || stoppedAt === undefined) return true
  const { stopTimeout = defaultStopTimeout } = definitionOf(definition, name) ?? {}
  return stoppedAt.getTime() - first.getTime() >= stopTimeout * 1_000
}

/** Reasons that only say that the task has ended. */
const uninformative =
  /^(?:essential container in task exited|task\s?failed\s?to\s?start|taskfailedtostart)\W*$/i

/** The reason that ECS gives for a task or a container; null if it only says that it has ended. */
export function informativeReason(reason: string | undefined): string | null {
  const text = reason?.trim() ?? ''
  return text === '' || uninformative.test(text) ? null : text
}

function reasonOf({ reason }: Container): string | null {
  return informativeReason(reason)
}

/** Why something failed. */
export type Why = {
  /** For people: one sentence without a full stop. */
  readonly sentence: string
  /** AWS's own words, if the sentence does not contain them; else null. */
  readonly said: string | null
}

/** How much of AWS's words is kept beside a sentence. */
const saidLength = 500

/** What a reason means, with AWS's words beside it; else the sentence that contains them. */
export function whyOf(reason: string, about: About, otherwise: () => string): Why {
  const plain = plainReason(reason, about)
  return plain === null
    ? { sentence: otherwise(), said: null }
    : { sentence: plain, said: words(reason, saidLength) }
}

/** Why a container ended: ECS's reason is preferred to a bare exit code. */
export function whyContainerEnded(container: Container, { task, definition }: Stopped): Why {
  const { exitCode } = container
  const name = `container ${nameOf(container)}`
  const reason = reasonOf(container)
  if (reason === null) return { sentence: `${name} ${exitText(exitCode)}`, said: null }
  if (/^OutOfMemoryError/i.test(reason)) {
    const limit = definitionOf(definition, container.name)?.memory ?? definition?.memory ?? task.memory
    const known = [
      'OutOfMemoryError',
      exitCode === undefined ? [] : `exit code ${exitCode}`,
      limit === undefined ? [] : `limit ${limit} MiB`,
    ]
    return { sentence: `${name} ran out of memory (${known.flat().join(', ')})`, said: null }
  }
  const image = container.image ?? definitionOf(definition, container.name)?.image
  return whyOf(
    reason,
    { container: name, image },
    () => taskReason(reason, name) ?? `${name} ${exitText(exitCode)}: ${words(reason)}`,
  )
}

/**
 * The sentence for a reason that names what ECS could not do, and that is known no better; null for all others.
 * @param container for example `container api`
 */
export function taskReason(reason: string, container: string | null): string | null {
  const of = container === null ? 'its image' : `the image of ${container}`
  if (/CannotPull/i.test(reason)) return `${of} could not be pulled: ${words(reason)}`
  if (/ResourceInitializationError/i.test(reason)) return `the task could not be set up: ${words(reason)}`
  if (/^Cannot(?:Start|Create)Container|^ContainerRuntime/i.test(reason))
    return `${container ?? 'a container'} could not be started: ${words(reason)}`
  return null
}

/** The name of a container for display. ECS limits names to 255 characters and to its own alphabet. */
export function nameOf({ name = 'without a name' }: { readonly name?: string | undefined }): string {
  return words(name, 80)
}

/** The meaning of exit codes by the conventions of shells and signals; others are the program's own. */
const meanings: Readonly<Record<number, string>> = {
  126: 'its command cannot be executed',
  127: 'its command was not found',
  130: 'SIGINT',
  131: 'SIGQUIT',
  134: 'SIGABRT',
  137: 'SIGKILL; ECS gives no reason, often it is memory',
  139: 'SIGSEGV',
  143: 'SIGTERM',
}

/** For example `exited 143 (SIGTERM)`. */
export function exitText(exitCode: number | undefined): string {
  if (exitCode === undefined) return 'stopped without an exit code'
  const meaning = meanings[exitCode]
  return meaning === undefined ? `exited ${exitCode}` : `exited ${exitCode} (${meaning})`
}
