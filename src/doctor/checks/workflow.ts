import type { JobSeen, WorkflowsSeen } from '../../ports/doctor.ts'
import { targetsOf } from '../../settings/settings.ts'
import type { Check } from '../diagnosis.ts'
import { fault, type Judged, ok, warning } from '../judged.ts'
import { serviceEnvironmentName } from '../named.ts'
import { type DeployedSeen, whenRead } from '../seen.ts'
import {
  assumesRole,
  deployJobs,
  deploys,
  failsWithTask,
  jobsOf,
  startsTask,
  updatedService,
  waitOf,
} from './steps.ts'

const permission = 'access to the repository, with the permission "Contents: read"'

/** Judges the workflow of each service environment, if its file can be read. */
function ofWorkflows(
  judge: (about: string, deployed: DeployedSeen, workflows: WorkflowsSeen) => readonly Judged[],
): Check['judge'] {
  return ({ deployed }) =>
    deployed.flatMap((each) => {
      const about = serviceEnvironmentName(each.serviceEnvironment)
      return whenRead(about, each.workflows, permission, (workflows) =>
        workflows.deploying !== null && 'jobs' in workflows.deploying ? judge(about, each, workflows) : [],
      )
    })
}

/** Judges each job that deploys. */
function ofDeployJobs(
  judge: (about: string, job: JobSeen, deployed: DeployedSeen) => Judged | null,
): Check['judge'] {
  return ofWorkflows((about, deployed, workflows) =>
    deployJobs(deployed.serviceEnvironment, workflows).flatMap((job) => judge(about, job, deployed) ?? []),
  )
}

export const workflowFile: Check = {
  id: 'workflow-file',
  label: 'Deploy workflow',
  why: 'Without the workflow, twokey has nothing to dispatch.',
  judge: ({ deployed }) =>
    deployed.flatMap(({ serviceEnvironment, workflows }) => {
      const about = serviceEnvironmentName(serviceEnvironment)
      const { workflow, branch, repository } = serviceEnvironment
      return whenRead(about, workflows, permission, ({ deploying }) => {
        if (deploying === null)
          return [
            fault(
              about,
              `${repository} has no .github/workflows/${workflow} on ${branch}`,
              'To have one written, run `twokey init` in a clone of the repository.',
            ),
          ]
        if ('why' in deploying)
          return [
            fault(
              about,
              `${deploying.path} on ${branch} cannot be read: ${deploying.why}`,
              'Correct the file: GitHub does not run it either.',
            ),
          ]
        return [
          ok(
            about,
            `${deploying.path} on ${branch}, jobs ${deploying.jobs.map(({ job }) => job).join(', ')}`,
          ),
        ]
      })
    }),
}

export const idToken: Check = {
  id: 'id-token',
  label: 'Token for AWS',
  why: 'Without `id-token: write` the job gets no token of GitHub, and AWS refuses AssumeRoleWithWebIdentity.',
  judge: ofDeployJobs((about, { job, idToken, steps }) => {
    if (!steps.some(assumesRole)) return null
    return idToken === 'granted'
      ? ok(about, `the job ${job} has id-token: write`)
      : fault(
          about,
          idToken === 'default'
            ? `neither the job ${job} nor the workflow sets \`permissions\``
            : `the \`permissions\` of the job ${job} do not contain id-token: write`,
          `Write \`permissions: { id-token: write, contents: read }\` in the job ${job}. A block in a job replaces that of the workflow.`,
        )
  }),
}

export const migrationExitCode: Check = {
  id: 'migration-exit-code',
  label: 'Exit code of the migration',
  why: 'If nobody reads the exit code, the service is updated although the migration failed.',
  judge: ofWorkflows((about, _, { deploying }) =>
    jobsOf(deploying)
      .filter((job) => job.steps.some(startsTask))
      .map(({ job, steps }) => {
        const starting = steps.filter(startsTask)
        const unread = starting.filter((step) => !failsWithTask(step))
        const after = steps.slice(steps.indexOf(starting[0]!))
        const isRead = after.some(({ run }) => /exit[_-]?code/i.test(run ?? ''))
        const names = starting.map(({ name }) => `"${name}"`).join(', ')
        return unread.length === 0 || isRead
          ? ok(about, `the job ${job} reads the exit code of the task of the step ${names}`)
          : warning(
              about,
              `no step of the job ${job} reads the exit code of the task that the step ${names} starts`,
              'After `aws ecs wait tasks-stopped`, read `containers[0].exitCode` by `aws ecs describe-tasks`, and exit 1 unless it is 0, as docs/examples/deploy.yml does.',
            )
      }),
  ),
}

export const cancelInProgress: Check = {
  id: 'cancel-in-progress',
  label: 'Runs that cancel each other',
  why: 'A cancelled job leaves a rollout or a migration half way, and nobody waits for it.',
  judge: ofDeployJobs((about, { job, cancelledBy }) =>
    cancelledBy === null
      ? ok(about, `no later run cancels the job ${job}`)
      : warning(
          about,
          `a later run cancels the job ${job}: ${cancelledBy} has cancel-in-progress: true`,
          'Write `cancel-in-progress: false` there.',
        ),
  ),
}

/** A rollout that takes longer than usual should still be within the time that the job waits. */
const margin = 1.5

const minuteMs = 60_000

export const waitTime: Check = {
  id: 'wait-time',
  label: 'Time that the job waits',
  why: 'A job that waits too short is red although the deploy succeeds.',
  judge: ofDeployJobs((about, { job, steps, timeoutMinutes }, { services }) => {
    const waits = steps.flatMap((step) => waitOf(step) ?? [])
    const [wait] = waits.toSorted((one, other) => one.minutes - other.minutes)
    if (wait === undefined) return null
    // Source: docs.github.com, `timeout-minutes`: 360 unless set.
    const limit = timeoutMinutes ?? 360
    const [minutes, said] =
      limit < wait.minutes ? [limit, `timeout-minutes: ${limit}`] : [wait.minutes, wait.said]
    const longestMs = Math.max(
      0,
      ...services.flatMap(({ seen }) => ('value' in seen ? (seen.value?.rolloutsMs ?? []) : [])),
    )
    if (longestMs === 0)
      return ok(about, `the job ${job} waits ${minutes} minutes; no rollout was read to compare`)
    const took = `its last rollouts took up to ${(longestMs / minuteMs).toFixed(1)} minutes`
    const needed = Math.ceil((longestMs * margin) / minuteMs)
    return minutes >= needed
      ? ok(about, `the job ${job} waits ${minutes} minutes; ${took}`)
      : warning(
          about,
          `the job ${job} waits ${minutes} minutes (${said}), and ${took}`,
          `Wait at least ${needed} minutes: set \`wait-for-minutes\`, and \`timeout-minutes\` of the job a few minutes longer.`,
        )
  }),
}

export const oneWorkflow: Check = {
  id: 'one-workflow',
  label: 'One workflow for each service',
  why: 'A second workflow that deploys the same service does so without the approvals of the first one.',
  judge: ofWorkflows((about, { serviceEnvironment }, { others }) => {
    const targets = targetsOf(serviceEnvironment)
    const found = others.flatMap((workflow) =>
      jobsOf(workflow)
        .filter(deploys)
        .filter(({ steps }) =>
          steps.some((step) => {
            const updated = updatedService(step)
            return targets.some(
              ({ cluster, service }) => updated?.service === service && updated.cluster === nameOf(cluster),
            )
          }),
        )
        .map(({ job, environment }) => ({ path: workflow.path, job, environment })),
    )
    return found.length === 0
      ? [ok(about, `${others.length} other workflows, none updates the service`)]
      : found.map(({ path, job, environment }) =>
          warning(
            about,
            `the job ${job} of ${path} also updates ${targets.map(({ cluster, service }) => `${cluster}/${service}`).join(', ')}${environment === null ? ', in no environment' : `, in the environment ${environment}`}`,
            `Delete the job, or let ${path} call the deploy workflow.`,
          ),
        )
  }),
}

function nameOf(cluster: string): string {
  return cluster.slice(cluster.lastIndexOf('/') + 1)
}
