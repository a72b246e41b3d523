import type { Service, Task } from '@aws-sdk/client-ecs'
import { lastPart, words } from './words.ts'

export type WhyAsked = {
  /** `ecs-svc/…`: service tasks carry it as `startedBy`. */
  readonly deploymentId: string
  /** Stopped tasks of the service, of whatever deployment. */
  readonly tasks: readonly Task[]
  readonly service: Pick<Service, 'events' | 'healthCheckGracePeriodSeconds'> | undefined
  /** When the rollout began, ms: older events are not about it. */
  readonly since: number
}

/** Why a rollout failed, in one sentence without a full stop: by its newest failed task, else by the service's events. */
export function whyItFailed(asked: WhyAsked): string | null {
  const task = newestFailure(asked.deploymentId, asked.tasks)
  return task ? whyTaskStopped(task, asked.service) : byEvents(asked)
}

/** The newest task of this deployment that did not stop because ECS wanted fewer. */
export function newestFailure(deploymentId: string, tasks: readonly Task[]): Task | undefined {
  return tasks
    .filter((task) => task.startedBy === deploymentId && isFailure(task))
    .toSorted((a, b) => stopOf(b) - stopOf(a))[0]
}

function stopOf({ stoppingAt, stoppedAt, createdAt }: Task): number {
  return (stoppingAt ?? stoppedAt ?? createdAt)?.getTime() ?? 0
}

const healthChecks = /health check/i

function isFailure({ stopCode, stoppedReason }: Task): boolean {
  return stopCode === 'ServiceSchedulerInitiated'
    ? healthChecks.test(stoppedReason ?? '')
    : stopCode !== undefined || stoppedReason !== undefined
}

type Around = Pick<Service, 'events' | 'healthCheckGracePeriodSeconds'> | undefined

/** Why a task stopped, in one sentence without a full stop. */
export function whyTaskStopped(task: Task, service?: Around): string {
  const { stopCode, stoppedReason = 'ECS gave no reason' } = task
  switch (stopCode) {
    case 'TaskFailedToStart':
      return failedToStart(stoppedReason)
    case 'EssentialContainerExited':
      return exited(task) ?? words(stoppedReason)
    case 'ServiceSchedulerInitiated':
      return healthChecks.test(stoppedReason) ? unhealthy(task, service) : words(stoppedReason)
    case 'SpotInterruption':
    case 'InfrastructureHealth':
    case 'TerminationNotice':
      return `AWS took the machine away, which says nothing about the new version: ${words(stoppedReason)}`
    case 'UserInitiated':
      return `the task was stopped by hand: ${words(stoppedReason)}`
    case undefined:
      return words(stoppedReason)
    default:
      stopCode satisfies never
      return words(stoppedReason)
  }
}

function failedToStart(reason: string): string {
  if (/CannotPull/i.test(reason)) return `its image could not be pulled: ${words(reason)}`
  if (/ResourceInitializationError/i.test(reason)) return `the task could not be set up: ${words(reason)}`
  return `the task could not start: ${words(reason)}`
}

/** The container whose end was the first to be bad: one that ECS killed after it (137, 143) only where there is no other. */
function exited({ containers = [] }: Task): string | null {
  const bad = containers.filter(({ exitCode }) => exitCode !== undefined && exitCode !== 0)
  const culprit = bad.find(({ exitCode }) => exitCode !== 137 && exitCode !== 143) ?? bad[0]
  const ended = culprit ?? containers.find(({ exitCode }) => exitCode === 0)
  if (ended === undefined) return null
  const reason = ended.reason ? `: ${words(ended.reason)}` : ''
  return `container ${ended.name} exited ${ended.exitCode}${reason}`
}

/** How soon after its grace a failed health check speaks for a grace that is too short, ms. */
const soonMs = 60_000

function unhealthy({ stoppedReason = '', startedAt, stoppingAt, stoppedAt }: Task, service: Around): string {
  const balanced = /ELB|target.group/i.test(stoppedReason)
  const codes = balanced ? checkCodes(service?.events) : ''
  const checks = balanced ? `the load balancer’s health checks${codes}` : 'its container health checks'
  const grace = service?.healthCheckGracePeriodSeconds
  const end = stoppingAt ?? stoppedAt
  const isSoon =
    balanced &&
    grace !== undefined &&
    startedAt &&
    end &&
    end.getTime() - startedAt.getTime() < grace * 1000 + soonMs
  return isSoon
    ? `the task failed ${checks} soon after its start; the grace period of ${grace} s may be shorter than its boot`
    : `the task failed ${checks}`
}

function checkCodes(events: Service['events']): string {
  const message = events?.find(({ message }) => /is unhealthy in/.test(message ?? ''))?.message
  const codes = /with these codes: \[([\d, ]+)\]/.exec(message ?? '')?.[1]
  return codes ? ` (HTTP ${codes})` : ''
}

const telling = [
  /unable to place/i,
  /RESOURCE:/,
  /unable to consistently start/i,
  /subnet|IP address/i,
  /unable to assume/i,
]

function byEvents({ service, since }: WhyAsked): string | null {
  const recent = recentEvents(service, since)
  const found = telling
    .map((pattern) => recent.find((message) => pattern.test(message)))
    .find((message) => message)
  return found === undefined ? null : words(found)
}

/** What the service said since, newest first, without its own name in front. */
export function recentEvents(service: Pick<Service, 'events'> | undefined, since: number): readonly string[] {
  return (service?.events ?? [])
    .filter(({ createdAt }) => createdAt === undefined || createdAt.getTime() >= since)
    .filter(({ message }) => message !== undefined)
    .map(({ message = '' }) => message.replace(/^\(service [^)]*\) /, 'the service '))
}

/** The id of a task, short enough for people. */
export function taskName({ taskArn = '' }: Task): string {
  return lastPart(taskArn).slice(0, 8)
}
