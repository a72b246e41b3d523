/** What ended a service deployment early. */
export type Cause = 'breaker' | 'alarms' | 'hook' | 'request'

export const stoppedByUser = 'Service deployment rolled back because it was stopped by a user.'

/** Invented: no public example is known. */
export const hookTimedOut = 'Service deployment rolled back because a lifecycle hook timed out.'

/** The messages of ECS by cause: `rolloutStateReason`, the event, and `statusReason`. */
export const wording = {
  breaker: {
    deployment: 'ECS deployment circuit breaker: tasks failed to start.',
    event: 'deployment failed: tasks failed to start.',
    back: 'ECS deployment circuit breaker: rolling back to deploymentId',
    status: (end: string) => `Service deployment ${end} because the circuit breaker threshold was exceeded.`,
  },
  alarms: {
    deployment: 'ECS deployment failed: alarm detected.',
    event: 'deployment failed: alarm detected.',
    back: 'ECS deployment alarm detected: rolling back to deploymentId',
    status: (end: string) => `Service deployment ${end} because an alarm was detected.`,
  },
  // The event is that of aws/containers-roadmap#2664; the other words follow it.
  hook: {
    deployment: 'ECS deployment failed: hook execution failure(s) detected.',
    event: 'deployment failed: hook execution failure(s) detected.',
    back: 'ECS deployment hook execution failure(s) detected: rolling back to deploymentId',
    status: (end: string) => `Service deployment ${end} because of hook execution failure(s).`,
  },
  request: {
    deployment: 'ECS deployment stopped by a user.',
    event: 'deployment stopped.',
    back: 'ECS deployment stopped: rolling back to deploymentId',
    status: () => stoppedByUser,
  },
} as const satisfies Record<Cause, unknown>
