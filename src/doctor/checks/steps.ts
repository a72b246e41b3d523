import type { JobSeen, StepSeen, WorkflowSeen, WorkflowsSeen } from '../../ports/doctor.ts'
import { isSameOnGitHub } from '../../release/names.ts'
import type { ServiceEnvironment } from '../../settings/settings.ts'

const uses = (step: StepSeen, action: string) =>
  step.uses !== null && isSameOnGitHub(step.uses.split('@')[0]!, action)

/** Whether a step gets credentials of AWS with the OIDC token of its job. */
export function assumesRole(step: StepSeen): boolean {
  return uses(step, 'aws-actions/configure-aws-credentials') && !('aws-access-key-id' in step.with)
}

function isDeployAction(step: StepSeen): boolean {
  return uses(step, 'aws-actions/amazon-ecs-deploy-task-definition')
}

/** Whether a step starts a one-off task. */
export function startsTask(step: StepSeen): boolean {
  return (
    (isDeployAction(step) && step.with['run-task'] === 'true') || /\becs\s+run-task\b/.test(step.run ?? '')
  )
}

/** Whether a step that starts a task fails by itself if the task does. Source: amazon-ecs-deploy v2.6.3, `runTask`. */
export function failsWithTask(step: StepSeen): boolean {
  return isDeployAction(step) && step.with['wait-for-task-stopped'] === 'true'
}

/** The cluster and the service that a step updates; null: it updates none. Undefined: the value is not known before the run. */
export function updatedService(
  step: StepSeen,
): { readonly cluster: string | undefined; readonly service: string | undefined } | null {
  if (isDeployAction(step))
    return step.with.service === undefined
      ? null
      : { cluster: known(step.with.cluster), service: known(step.with.service) }
  const command = /\becs\s+(?:update-service|deploy)\b(?:[^\n;&|]|\\\n)*/.exec(step.run ?? '')?.[0]
  if (command === undefined) return null
  const option = (name: string) => new RegExp(`--${name}[=\\s]+["']?([^\\s"']+)`).exec(command)?.[1]
  return { cluster: known(option('cluster')), service: known(option('service')) }
}

function known(value: string | undefined): string | undefined {
  return value === undefined || value.includes('$') ? undefined : value.slice(value.lastIndexOf('/') + 1)
}

/** How long a step waits for the service at most, minutes, and where that is said; null: it does not wait. */
export function waitOf(step: StepSeen): { readonly minutes: number; readonly said: string } | null {
  if (isDeployAction(step) && step.with['wait-for-service-stability'] === 'true') {
    const given = Number(step.with['wait-for-minutes'])
    // Source: amazon-ecs-deploy v2.6.3: 30 minutes unless set, 360 at most.
    const minutes = given > 0 ? Math.min(given, 360) : 30
    return { minutes, said: `wait-for-minutes: ${given > 0 ? given : '30 (default)'}` }
  }
  // Source: the waiter `ServicesStable` of the AWS CLI: 40 times, every 15 s.
  if (/\becs\s+wait\s+services-stable\b/.test(step.run ?? ''))
    return { minutes: 10, said: '`aws ecs wait services-stable`, which gives up after 10 minutes' }
  return null
}

/** The jobs of the workflow that deploy the service environment: those in its environment, else those that deploy. */
export function deployJobs(
  { githubEnvironment }: ServiceEnvironment,
  { deploying }: WorkflowsSeen,
): readonly JobSeen[] {
  const jobs = jobsOf(deploying)
  const inEnvironment = jobs.filter(
    ({ environment }) => environment !== null && isSameOnGitHub(environment, githubEnvironment),
  )
  if (inEnvironment.length > 0) return inEnvironment
  const deploy = jobs.filter(deploys)
  return deploy.length > 0 ? deploy : jobs.filter(({ steps }) => steps.some(assumesRole))
}

/** Whether a job updates a service. */
export function deploys({ steps }: JobSeen): boolean {
  return steps.some((step) => updatedService(step) !== null)
}

/** The jobs of a workflow; none if it cannot be read. */
export function jobsOf(workflow: WorkflowSeen | null): readonly JobSeen[] {
  return workflow !== null && 'jobs' in workflow ? workflow.jobs : []
}
