import type { Container, Service, Task } from '@aws-sdk/client-ecs'
import {
  exitText,
  informativeReason,
  isEssential,
  isFailed,
  nameOf,
  type Stopped,
  suspects,
  taskReason,
  type Why,
  whyContainerEnded,
  whyOf,
} from './blame.ts'
import { lastPart, words } from './words.ts'

/** The parts of a service that help to explain its tasks. */
export type Around = Pick<Service, 'events' | 'healthCheckGracePeriodSeconds' | 'loadBalancers'>

/** Why a task stopped. `container`: the one that ended it, whose log explains more; null if none did. */
export type Cause = Why & { readonly container: string | null }

/** A cause in our own words, or in AWS's. */
function inWords(sentence: string, container: string | null = null): Cause {
  return { container, sentence, said: null }
}

/**
 * The newest task of this deployment that did not stop because ECS wanted fewer.
 * @param deploymentId `ecs-svc/…`
 */
export function newestFailure(deploymentId: string, tasks: readonly Task[]): Task | undefined {
  return tasks
    .filter((task) => task.startedBy === deploymentId && isFailure(task))
    .toSorted((a, b) => stopOf(b) - stopOf(a))[0]
}

/** When a task stopped or began to, ms. */
export function stopOf({ stoppingAt, stoppedAt, createdAt }: Task): number {
  return (stoppingAt ?? stoppedAt ?? createdAt)?.getTime() ?? 0
}

const healthChecks = /health check/i

function isFailure({ stopCode, stoppedReason }: Task): boolean {
  return stopCode === 'ServiceSchedulerInitiated'
    ? healthChecks.test(stoppedReason ?? '')
    : stopCode !== undefined || stoppedReason !== undefined
}

/** Whether a task ended by itself, or was unhealthy: nobody stopped it, and AWS did not reclaim its machine. */
export function hasDied(task: Task): boolean {
  switch (task.stopCode) {
    case 'TaskFailedToStart':
    case 'EssentialContainerExited':
      return true
    case 'ServiceSchedulerInitiated':
      return isFailure(task)
    default:
      return false
  }
}

/** Why a task stopped, by its own evidence. */
export function causeOf(stopped: Stopped, service?: Around): Cause {
  const { stopCode, stoppedReason = 'ECS gave no reason' } = stopped.task
  switch (stopCode) {
    case 'TaskFailedToStart':
      return failedToStart(stopped)
    case 'EssentialContainerExited':
      return exited(stopped)
    case 'ServiceSchedulerInitiated':
      return healthChecks.test(stoppedReason)
        ? unhealthyCause(stopped, service)
        : inWords(words(stoppedReason))
    case 'SpotInterruption':
    case 'InfrastructureHealth':
    case 'TerminationNotice':
      return {
        container: null,
        sentence: 'AWS reclaimed the machine, which says nothing about the new version',
        said: words(stoppedReason),
      }
    case 'UserInitiated':
      return inWords(`the task was stopped by hand: ${words(stoppedReason)}`)
    case undefined:
      return exited(stopped)
    default:
      stopCode satisfies never
      return inWords(words(stoppedReason))
  }
}

/** The containers' reasons are preferred to that of the task, which often says only that it failed to start. */
function failedToStart(stopped: Stopped): Cause {
  const { containers = [], stoppedReason } = stopped.task
  const failed = suspects(stopped).filter((container) => isFailed(container, stopped))
  const [first] = failed
  const culprit = failed.find(({ image, reason }) => image && reason?.includes(image)) ?? first
  if (culprit) {
    const { sentence, said } = whyContainerEnded(culprit, stopped)
    return {
      container: culprit.name ?? null,
      sentence: `${sentence}${waitText(culprit, stopped)}`,
      said,
    }
  }
  const reason = informativeReason(stoppedReason)
  if (reason !== null)
    return {
      container: null,
      ...whyOf(
        reason,
        { container: null, image: onlyImage(stopped) },
        () => taskReason(reason, null) ?? `the task could not start: ${words(reason)}`,
      ),
    }
  const awaited = containers.find((container) => waitText(container, stopped) !== '')
  if (awaited)
    return inWords(
      `container ${nameOf(awaited)} was not ready in time${waitText(awaited, stopped)}`,
      awaited.name ?? null,
    )
  return inWords('the task could not start, and ECS gives no reason')
}

/** The image of a task with one container. */
function onlyImage({ definition }: Stopped): string | undefined {
  const { containerDefinitions = [] } = definition ?? {}
  return containerDefinitions.length === 1 ? containerDefinitions[0]?.image : undefined
}

/** Who waited for a container, by `dependsOn`: a container need not be essential to keep a task from starting. */
function waitText({ name }: Container, { task, definition }: Stopped): string {
  const waitingNames = new Set(
    task.containers?.flatMap((each) => (each.exitCode === undefined && each.name ? each.name : [])),
  )
  for (const waiting of definition?.containerDefinitions ?? []) {
    const awaited = waiting.dependsOn?.find(({ containerName }) => containerName === name)
    if (awaited && waiting.name !== undefined && waitingNames.has(waiting.name))
      return `; container ${nameOf(waiting)} waited for it (dependsOn ${awaited.condition})`
  }
  return ''
}

function exited(stopped: Stopped): Cause {
  const { stoppedReason } = stopped.task
  const [culprit, ...others] = suspects(stopped)
  const reason = informativeReason(stoppedReason)
  if (culprit === undefined || (culprit.exitCode === undefined && !isFailed(culprit, stopped)))
    return reason === null
      ? inWords('the task has stopped, and ECS reports no exit code', culprit?.name ?? null)
      : {
          container: culprit?.name ?? null,
          ...whyOf(reason, { container: null, image: onlyImage(stopped) }, () => words(reason)),
        }
  const { sentence, said } = whyContainerEnded(culprit, stopped)
  if (!isFailed(culprit, stopped) && culprit.exitCode === 0)
    return {
      container: culprit.name ?? null,
      sentence: `${sentence}, which stopped the task because the container is essential`,
      said,
    }
  const alike = others.filter(
    (other) => isFailed(other, stopped) && isEssential(other, stopped) && other.exitCode !== undefined,
  )
  const also = alike.map((other) => `${nameOf(other)} ${exitText(other.exitCode)}`)
  return {
    container: culprit.name ?? null,
    sentence: also.length === 0 ? sentence : `${sentence}; ${also.slice(0, 2).join(', ')}`,
    said,
  }
}

/** How soon after the grace period a failed health check suggests that the grace period is too short, ms. */
const soonMs = 60_000

function unhealthyCause({ task }: Stopped, service: Around | undefined): Cause {
  const { stoppedReason = '', startedAt, stoppingAt, stoppedAt, containers = [] } = task
  if (!/ELB|target.group/i.test(stoppedReason)) {
    const { name = null } = containers.find(({ healthStatus }) => healthStatus === 'UNHEALTHY') ?? {}
    const whose = name === null ? '' : ` of ${nameOf({ name })}`
    return inWords(`the task failed the container health checks${whose}`, name)
  }
  const { containerName = null } = balancerOf(stoppedReason, service) ?? {}
  const checks = `the load balancer’s health checks${checkCodes(service?.events)}`
  const grace = service?.healthCheckGracePeriodSeconds
  const end = stoppingAt ?? stoppedAt
  const isSoon =
    grace !== undefined && startedAt && end && end.getTime() - startedAt.getTime() < grace * 1000 + soonMs
  return inWords(
    isSoon
      ? `the task failed ${checks} soon after its start: the health check grace period (${grace} s) may be too short`
      : `the task failed ${checks}`,
    containerName,
  )
}

/** The load balancer that a reason names, else the only one. */
function balancerOf(reason: string, service: Around | undefined) {
  const { loadBalancers = [] } = service ?? {}
  return (
    loadBalancers.find(({ targetGroupArn: arn }) => arn !== undefined && reason.includes(arn)) ??
    (loadBalancers.length === 1 ? loadBalancers[0] : undefined)
  )
}

function checkCodes(events: Service['events']): string {
  const message = events?.find(({ message }) => /is unhealthy in/.test(message ?? ''))?.message
  const codes = /with these codes: \[([\d, ]+)\]/.exec(message ?? '')?.[1]
  return codes ? ` (HTTP ${codes})` : ''
}

/** The id of a task, short enough for people. */
export function taskName({ taskArn = '' }: Task): string {
  return lastPart(taskArn).slice(0, 8)
}
