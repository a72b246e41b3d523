import type { Container, Task, TaskDefinition } from '@aws-sdk/client-ecs'
import type { MigrationSighting, MigrationVerdict } from '../../release/sighting.ts'
import { isFailed, nameOf, suspects, type Why, whyContainerEnded } from './blame.ts'
import { causeOf } from './why.ts'
import { words } from './words.ts'

export type MigrationFacts = {
  readonly task: Task
  /** Undefined if it no longer exists: then every container counts. */
  readonly definition: TaskDefinition | undefined
  /** The container whose exit code counts; if not configured, every essential one counts. */
  readonly container: string | undefined
}

type Verdict = {
  readonly verdict: MigrationVerdict
  readonly exitCode: number | null
  readonly reason: string
  /** AWS's own words, if the reason does not contain them. */
  readonly said?: string
}

/** How a migration ended: all containers that count must have exited 0. A missing exit code is a failure. */
export function migrationVerdict(facts: MigrationFacts): Verdict {
  const { container: _, ...verdict } = migrationEnd(facts)
  return verdict
}

/** The same, with the container that ended it, whose log explains more; undefined if none is known. */
export function migrationEnd(facts: MigrationFacts): Verdict & { readonly container: string | undefined } {
  const { task } = facts
  const counting = countingContainers(facts)
  const { name: container } = counting[0] ?? {}
  if (task.lastStatus !== 'STOPPED')
    return { verdict: 'moving', exitCode: null, reason: movingReason(task), container }
  const failed = { verdict: 'failed', exitCode: null } as const
  if (counting.length === 0) return { ...failed, reason: absentReason(facts), container }
  const culprit = suspects({ ...facts, task: { ...task, containers: [...counting] } }).find(
    ({ exitCode }) => exitCode !== 0,
  )
  if (culprit === undefined)
    return {
      verdict: 'succeeded',
      exitCode: 0,
      reason: `${container ?? 'the migration'} exited 0`,
      container,
    }
  const { exitCode = null } = culprit
  if (task.startedAt === undefined && exitCode === null) {
    const { container: blamed, sentence, said } = causeOf(facts)
    return {
      ...failed,
      ...saidOf({ said }),
      reason: `the migration never started: ${sentence}`,
      container: blamed ?? culprit.name,
    }
  }
  const why = whyContainerEnded(culprit, facts)
  const reason = `${failureText(counting, { culprit, why })}${hint(facts, counting, culprit)}`
  return { ...failed, exitCode, reason, ...saidOf(why), container: culprit.name }
}

/** `the migration failed (exit code 1)` says all if one container counts, and its program chose the exit code. */
function failureText(
  counting: readonly Container[],
  { culprit, why: { sentence } }: { readonly culprit: Container; readonly why: Why },
): string {
  const { exitCode } = culprit
  const isPlain = counting.length === 1 && sentence === `container ${nameOf(culprit)} exited ${exitCode}`
  return isPlain ? `the migration failed (exit code ${exitCode})` : `the migration failed: ${sentence}`
}

function saidOf({ said }: Pick<Why, 'said'>): Pick<Verdict, 'said'> {
  return said === null ? {} : { said }
}

/**
 * How to exclude containers that do not migrate, for the case that one container exited 0 and another was stopped with
 * it. A container that failed by itself may be the migration.
 */
function hint(facts: MigrationFacts, counting: readonly Container[], culprit: Container): string {
  const done = counting.filter(({ exitCode }) => exitCode === 0)
  const isStopped = culprit.exitCode !== undefined && !isFailed(culprit, facts)
  if (facts.container !== undefined || done.length === 0 || !isStopped) return ''
  const names = done.map(nameOf)
  const [only = 'its name'] = names
  return done.length === 1
    ? `, while ${only} exited 0; if only ${only} migrates, set migration.container to ${only} in twokey.yml`
    : `, while ${names.slice(0, 3).join(', ')} exited 0; if only one of them migrates, set migration.container to it in twokey.yml`
}

/**
 * Converts the task to a sighting.
 * @param createdAt when it began, ms: AWS may give no date
 */
export function migrationSighting(facts: MigrationFacts, createdAt: number): MigrationSighting {
  const { taskArn = '', startedBy = '', startedAt, stoppedAt } = facts.task
  return {
    taskArn,
    startedBy,
    createdAt,
    ...migrationVerdict(facts),
    ...hindranceOf(facts.task),
    durationMs: startedAt && stoppedAt ? stoppedAt.getTime() - startedAt.getTime() : null,
  }
}

/** Names of the containers that count; a container is essential unless the task definition says otherwise. */
function countingNames({ definition, container, task }: MigrationFacts): readonly string[] {
  if (container !== undefined) return [container]
  const names = definition
    ? definition.containerDefinitions?.filter(({ essential }) => essential !== false).map(({ name }) => name)
    : task.containers?.map(({ name }) => name)
  return (names ?? []).filter((name) => name !== undefined)
}

/** A container that the task does not list counts as one without an exit code. */
function countingContainers(facts: MigrationFacts): readonly Container[] {
  const { task, container } = facts
  const there = task.containers ?? []
  if (container !== undefined) return there.filter(({ name }) => name === container)
  return countingNames(facts).map((name) => there.find((each) => each.name === name) ?? { name })
}

/** The states of a task before it runs. Source: task lifecycle, ECS developer guide. */
const statusesBeforeRunning: readonly (string | undefined)[] = ['PROVISIONING', 'PENDING', 'ACTIVATING']

function hindranceOf({ lastStatus }: Task): Pick<MigrationSighting, 'heldBy'> {
  return statusesBeforeRunning.includes(lastStatus)
    ? { heldBy: { kind: 'ecs', words: `ECS has not started its task yet (${lastStatus})` } }
    : {}
}

function movingReason({ lastStatus = 'PROVISIONING' }: Task): string {
  return lastStatus === 'RUNNING'
    ? 'the migration runs'
    : `the migration is ${words(lastStatus.toLowerCase(), 40)}`
}

function absentReason(facts: MigrationFacts): string {
  const { container } = facts
  return container === undefined
    ? `the migration has no container whose exit code counts: ${causeOf(facts).sentence}`
    : `the migration task has no container ${container}, whose exit code counts`
}
