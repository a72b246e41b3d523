import type { RunTaskResponse } from '@aws-sdk/client-ecs'
import { clusterOf } from './lookup.ts'
import type { Capacity, ClusterState, TaskDefinitionState, TaskState } from './model.ts'
import { taskDefinitionOf } from './named-definition.ts'
import type { MigrationOutcome } from './outcomes.ts'
import { newTask, placedBy } from './scheduler.ts'
import { viewTask } from './views.ts'
import type { World } from './world.ts'

type WantedTasks = {
  readonly cluster: ClusterState
  readonly taskDefinition: TaskDefinitionState
  readonly count?: number | undefined
  readonly group?: string | undefined
  readonly startedBy?: string | undefined
  readonly overrides?: TaskState['overrides'] | undefined
  readonly tags?: TaskState['tags'] | undefined
  readonly capacity?: Capacity | undefined
}

/** Starts tasks that belong to no service, and returns the answer of RunTask. */
export function runOneOff(
  world: World,
  wanted: WantedTasks,
): Required<Pick<RunTaskResponse, 'tasks' | 'failures'>> {
  const {
    cluster,
    taskDefinition,
    count = 1,
    group,
    startedBy,
    overrides = {},
    tags = [],
    capacity = null,
  } = wanted
  const outcome = outcomeOf(taskDefinition, world)
  if (outcome.kind === 'not-run') return { tasks: [], failures: [...outcome.failures] }
  const now = Date.now()
  const tasks = Array.from({ length: count }, () =>
    newTask({
      cluster,
      taskDefinition,
      digests: world.digestsOf(taskDefinition),
      group: group ?? `family:${taskDefinition.family}`,
      ...(startedBy !== undefined && { startedBy }),
      ...placedBy(capacity),
      overrides,
      tags,
      outcome,
      createdAt: now,
      due: now + world.pace.taskStart / 2,
    }),
  )
  world.oneOffTasks.push(...tasks)
  return { tasks: tasks.map(viewTask), failures: [] }
}

function outcomeOf({ containerDefinitions = [] }: TaskDefinitionState, world: World): MigrationOutcome {
  const images = containerDefinitions.map(({ image }) => image!)
  return (
    world.migrations.take() ??
    world.migrations.byImage(images) ??
    world.missingImage(images) ?? { kind: 'exits', code: 0 }
  )
}

/**
 * The AWS service that starts a task: a rule of EventBridge, a schedule of EventBridge Scheduler, a state machine of
 * Step Functions.
 */
export type Trigger = 'rule' | 'schedule' | 'state machine'

/** The maximum length of `startedBy` if EventBridge writes it. Source: truncated values in public logs. */
const startedByCut = 36

const startedByOf: Readonly<Record<Trigger, (name: string) => string>> = {
  rule: (name) => `events-rule/${name}`.slice(0, startedByCut),
  schedule: (name) => `chronos-schedule/${name}`.slice(0, startedByCut),
  // Step Functions writes no name, so this is the only value that RunTask itself would refuse.
  'state machine': () => 'AWS Step Functions',
}

/** Runs the newest revision of a family, as an AWS service does. @returns the ARNs of its tasks */
export function trigger(
  world: World,
  what: {
    readonly by: Trigger
    readonly name: string
    readonly cluster: string
    readonly family: string
    readonly count?: number
    /** The group that the target of a rule or a schedule may name. */
    readonly group?: string
  },
): readonly string[] {
  const taskDefinition = taskDefinitionOf(world, what.family)
  if (!taskDefinition) throw new Error(`The family ${what.family} has no active revision`)
  const { tasks } = runOneOff(world, {
    cluster: clusterOf(world, what.cluster),
    taskDefinition,
    count: what.count,
    group: what.group,
    startedBy: startedByOf[what.by](what.name),
  })
  return tasks.map(({ taskArn }) => taskArn!)
}
