import { addEvent, primaryDeployment, tasksOf } from './deployments.ts'
import type { ServiceState, TaskState } from './model.ts'

const failures: readonly TaskState['lastStatus'][] = ['DEPROVISIONING', 'STOPPED']

/** Counts the failed tasks of the primary deployment; a healthy task resets the count to 0. */
export function countFailures(service: ServiceState, now: number): void {
  const deployment = primaryDeployment(service)
  const rollout = service.rollouts[0]
  const monitor = rollout?.status === 'IN_PROGRESS' ? rollout : undefined
  for (const task of tasksOf(service, deployment.revision)) {
    if (task.counted || !failures.includes(task.lastStatus) || !hasFailed(task)) continue
    task.counted = true
    service.steady = false
    deployment.failedTasks += 1
    if (monitor) monitor.breaker.failureCount += 1
    sayTaskFailed(service, task, now)
    if (deployment.failedTasks === 3) addEvent(service, now, unableToStart)
  }
  if (!tasksOf(service, deployment.revision).some((task) => task.healthy)) return
  deployment.failedTasks = 0
  const { resetOnHealthyTask = true } = monitor?.configuration.deploymentCircuitBreaker ?? {}
  if (monitor && resetOnHealthyTask) monitor.breaker.failureCount = 0
}

const unableToStart =
  'is unable to consistently start tasks successfully. For more information, see the Troubleshooting ' +
  'section of the Amazon ECS Developer Guide.'

function hasFailed({ stop }: TaskState): boolean {
  if (stop?.code === 'ServiceSchedulerInitiated') return stop.reason.includes('health checks')
  return stop?.code === 'TaskFailedToStart' || stop?.code === 'EssentialContainerExited'
}

function sayTaskFailed(service: ServiceState, task: TaskState, now: number): void {
  if (task.stop?.code !== 'ServiceSchedulerInitiated') return
  const [balancer] = service.loadBalancers
  addEvent(
    service,
    now,
    balancer
      ? `(task ${task.id}) (port ${balancer.containerPort}) is unhealthy in (target-group ${balancer.targetGroupArn}) due to (reason Health checks failed with these codes: [503]).`
      : `(task ${task.id}) failed container health checks.`,
  )
}
