import type { Container, Task, TaskDefinition } from '@aws-sdk/client-ecs'
import type { MigrationSighting, MigrationVerdict } from '../release/observation.ts'
import { whyTaskStopped } from './why.ts'
import { words } from './words.ts'

export type MigrationFacts = {
  readonly task: Task
  /** Undefined where it is gone: then every container counts. */
  readonly definition: TaskDefinition | undefined
  /** The container whose exit code counts; unless said, every essential one. */
  readonly container: string | undefined
}

/** How a migration ended: all containers that count must have exited 0. No exit code is a failure. */
export function migrationVerdict(facts: MigrationFacts): {
  readonly verdict: MigrationVerdict
  readonly exitCode: number | null
  readonly reason: string
} {
  const { task } = facts
  if (task.lastStatus !== 'STOPPED') return { verdict: 'moving', exitCode: null, reason: movingReason(task) }
  const counting = countingContainers(facts)
  if (counting.length === 0) return { verdict: 'failed', exitCode: null, reason: absentReason(facts) }
  const silent = counting.find(({ exitCode }) => exitCode === undefined)
  const bad = counting.find(({ exitCode }) => exitCode !== undefined && exitCode !== 0)
  if (bad) return { verdict: 'failed', exitCode: bad.exitCode ?? null, reason: exitReason(bad) }
  if (silent) return { verdict: 'failed', exitCode: null, reason: silentReason(silent, task) }
  const [first] = counting
  return { verdict: 'succeeded', exitCode: 0, reason: `${first?.name ?? 'the migration'} exited 0` }
}

/** The task as a sighting. @param createdAt when it began, ms: AWS may tell no date */
export function migrationSighting(facts: MigrationFacts, createdAt: number): MigrationSighting {
  const { taskArn = '', startedBy = '', startedAt, stoppedAt } = facts.task
  return {
    taskArn,
    startedBy,
    createdAt,
    ...migrationVerdict(facts),
    durationMs: startedAt && stoppedAt ? stoppedAt.getTime() - startedAt.getTime() : null,
  }
}

/** Names of the containers that count, essential unless the task definition says otherwise. */
export function countingNames({ definition, container, task }: MigrationFacts): readonly string[] {
  if (container !== undefined) return [container]
  const names = definition
    ? definition.containerDefinitions?.filter(({ essential }) => essential !== false).map(({ name }) => name)
    : task.containers?.map(({ name }) => name)
  return (names ?? []).filter((name) => name !== undefined)
}

/** One that the task does not tell of counts as one without an exit code. */
function countingContainers(facts: MigrationFacts): readonly Container[] {
  const { task, container } = facts
  const there = task.containers ?? []
  if (container !== undefined) return there.filter(({ name }) => name === container)
  return countingNames(facts).map((name) => there.find((each) => each.name === name) ?? { name })
}

function movingReason({ lastStatus = 'PROVISIONING' }: Task): string {
  return lastStatus === 'RUNNING'
    ? 'the migration runs'
    : `the migration is ${words(lastStatus.toLowerCase(), 40)}`
}

function absentReason({ container, task }: MigrationFacts): string {
  return container === undefined
    ? `the migration has no container whose exit code counts: ${whyTaskStopped(task)}`
    : `the migration task has no container ${container}, whose exit code counts`
}

function exitReason({ name, exitCode, reason }: Container): string {
  return `the migration’s container ${name} exited ${exitCode}${reason ? `: ${words(reason)}` : ''}`
}

function silentReason(container: Container, task: Task): string {
  const why =
    container.reason && task.stopCode !== 'TaskFailedToStart' ? words(container.reason) : whyTaskStopped(task)
  return task.startedAt === undefined
    ? `the migration never started: ${why}`
    : `${container.name} stopped without an exit code: ${why}`
}
