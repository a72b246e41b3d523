import type { CodeDeployment } from '../aws/codedeploy/model.ts'
import { tasksOf } from '../aws/deployments.ts'
import type { DeploymentState, ServiceState, TaskDefinitionState, TaskState } from '../aws/model.ts'
import type { World } from '../aws/world.ts'
import { type Job, latest, type Run, type Step } from '../github/runs.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Course, ShownBranch, ShownDeployment, ShownMigration, ShownRun, ShownService } from './shown.ts'

/** How many runs are shown. */
const runsShown = 4

/** How long a stopped task remains visible, ms. */
const stoppedShown = 6_000

/** The current state of GitHub and AWS, by key. */
export function outsideParts({ github, aws }: Sandbox, now: number): Record<string, unknown> {
  const repository = github.world.repository()
  const runs = repository.runs.slice(-runsShown).map((run) => [`run:${run.id}`, shownRun(run)])
  const services = [...aws.world.services.values()].map((service) => [
    `service:${service.cluster.name}/${service.name}`,
    shownService(service, { now, world: aws.world }),
  ])
  const branches = ['main', 'develop'].flatMap((name): ShownBranch[] => {
    const tip = repository.git.tip(`heads/${name}`)
    return tip ? [{ name, sha: short(tip.sha), message: tip.message.split('\n')[0] ?? '' }] : []
  })
  return {
    ...Object.fromEntries([...runs, ...services]),
    migration: shownMigration(aws.world.oneOffTasks),
    branches,
  }
}

function shownRun(run: Run): ShownRun {
  const { status, conclusion, jobs } = latest(run)
  const { id, number, title, actor, headSha, headBranch, createdAt } = run
  return {
    id,
    number,
    title,
    by: actor.login,
    sha: short(headSha),
    branch: headBranch,
    createdAt,
    status,
    conclusion,
    jobs: jobs.map((job) => ({ ...course(job), steps: job.steps.map(course) })),
  }
}

function course({ name, status, conclusion }: Job | Step): Course {
  return { name, status, conclusion }
}

function shownService(
  service: ServiceState,
  { now, world }: { readonly now: number; readonly world: World },
): ShownService {
  const [newest] = service.rollouts
  const deployed = world.codeDeploy.deployments.find(
    ({ group, undoes }) => group.service === service && !undoes,
  )
  return {
    name: service.name,
    cluster: service.cluster.name,
    desired: service.desired,
    at: deployed?.createdAt ?? newest?.createdAt ?? 0,
    rollout: deployed
      ? shownCodeDeployment(deployed)
      : {
          status: newest?.status ?? 'SUCCESSFUL',
          reason: newest?.rollback?.reason ?? newest?.statusReason ?? null,
        },
    deployments: service.deployments.map((deployment) => shownDeployment(service, deployment, now)),
  }
}

/** A deployment of CodeDeploy, with the words of ECS where both have one. */
function shownCodeDeployment({ status, weight, error, waitsSince }: CodeDeployment): ShownService['rollout'] {
  if (status === 'Succeeded') return { status: 'SUCCESSFUL', reason: null }
  const share = `${weight} % of the traffic${waitsSince === undefined ? '' : ', the tasks before it are kept'}`
  const words = (status ?? 'Created').replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()
  return { status: words, reason: error?.message ?? (weight > 0 ? share : null) }
}

function shownDeployment(service: ServiceState, deployment: DeploymentState, now: number): ShownDeployment {
  const tasks = tasksOf(service, deployment.revision)
  const inState = (...states: readonly TaskState['lastStatus'][]) =>
    tasks.filter(({ lastStatus }) => states.includes(lastStatus)).length
  return {
    revision: named(deployment.revision.taskDefinition),
    commit: commitOf(deployment.revision.taskDefinition),
    status: deployment.status,
    state: deployment.rolloutState,
    running: inState('RUNNING'),
    pending: inState('PROVISIONING', 'PENDING'),
    failed: deployment.failedTasks,
    tasks: tasks
      .filter(({ stoppedAt }) => stoppedAt === undefined || now - stoppedAt < stoppedShown)
      .map((task) => ({
        id: task.id.slice(0, 8),
        status: task.lastStatus,
        isHealthy: task.healthy,
        reason: task.stop?.reason ?? null,
      })),
  }
}

function shownMigration(tasks: readonly TaskState[]): ShownMigration {
  const newest = tasks.toSorted((one, other) => one.createdAt - other.createdAt).at(-1)
  if (!newest) return null
  return {
    revision: named(newest.taskDefinition),
    startedBy: newest.startedBy ?? '',
    status: newest.lastStatus,
    exitCode: Object.values(newest.exitCodes)[0] ?? null,
    createdAt: newest.createdAt,
  }
}

function named({ family, revision }: TaskDefinitionState): string {
  return `${family}:${revision}`
}

function commitOf({ containerDefinitions }: TaskDefinitionState): string {
  const image = containerDefinitions?.[0]?.image ?? ''
  return short(image.slice(image.lastIndexOf(':') + 1))
}

function short(sha: string): string {
  return sha.slice(0, 7)
}
