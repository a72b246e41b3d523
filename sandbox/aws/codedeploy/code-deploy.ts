import { createHash, randomInt } from 'node:crypto'
import type { ServiceState } from '../model.ts'
import { Script } from '../outcomes.ts'
import { type AppSpec, readAppSpec } from './app-spec.ts'
import { predefinedConfigs } from './configs.ts'
import { advanceDeployment, isOver } from './life.ts'
import {
  type ApplicationState,
  type CodeDeployment,
  type CodeDeployWorld,
  type CodeRollbackOutcome,
  type DeploymentOutcome,
  eventNames,
  type GroupState,
  type NewDeployment,
  type RevisionState,
} from './model.ts'

/** CodeDeploy of this AWS account, for ECS services. */
export class CodeDeploy {
  readonly applications = new Map<string, ApplicationState>()
  readonly groups: GroupState[] = []
  readonly configs = predefinedConfigs()
  /** Newest first. */
  readonly deployments: CodeDeployment[] = []
  /** How long a minute of its waits lasts, ms. */
  minute = 60_000
  /** How long after a bad end the rollback is created, ms. */
  rollbackLag = 0
  /** Outcomes of the next deployments. */
  readonly outcomes = new Script<DeploymentOutcome>()
  /** Outcomes of the next rollbacks. */
  readonly rollbacks = new Script<CodeRollbackOutcome>()

  group(application: string, name: string): GroupState | undefined {
    return this.groups.find((each) => each.application.name === application && each.name === name)
  }

  deployment(id: string): CodeDeployment | undefined {
    return this.deployments.find((each) => each.id === id)
  }

  /** The deployment of a group that has not ended: there is at most one. */
  active(group: GroupState): CodeDeployment | undefined {
    return this.deployments.find((each) => each.group === group && !isOver(each))
  }

  /** Registers an AppSpec with an application; a string says what is wrong with it. */
  register(application: ApplicationState, content: string, now: number): RevisionState | string {
    const sha256 = createHash('sha256').update(content).digest('hex')
    const known = application.revisions.get(sha256)
    if (known) return known
    const spec: AppSpec | string = readAppSpec(content)
    if (typeof spec === 'string') return spec
    const revision = { sha256, content, spec, registeredAt: now, groups: new Set<string>() }
    application.revisions.set(sha256, revision)
    return revision
  }

  /** Creates a deployment, which begins with the next pass of the scheduler. */
  create({ group, revision, ...wanted }: NewDeployment, now: number): CodeDeployment {
    const outcome = wanted.undoes ? undefined : this.outcomes.take(group.service.name)
    const { creator, externalId } =
      outcome?.kind === 'by-cloudformation'
        ? { creator: 'CloudFormation' as const, externalId: outcome.stack }
        : { creator: wanted.creator, externalId: undefined }
    const created: CodeDeployment = {
      id: newDeploymentId(),
      group,
      revision,
      previous: this.deployments.find((each) => each.group === group && each.status === 'Succeeded')
        ?.revision,
      config: wanted.config ?? group.config,
      creator,
      ...(externalId !== undefined && { externalId }),
      ...(wanted.description !== undefined && { description: wanted.description }),
      autoRollback: wanted.autoRollback ?? group.autoRollback,
      alarms: wanted.alarms ?? group.alarms,
      readyMinutes: group.readyMinutes,
      terminationMinutes: group.terminationMinutes,
      ...(outcome && { outcome }),
      ...(wanted.undoes && { undoes: wanted.undoes }),
      createdAt: now,
      updatedAt: now,
      status: 'Created',
      events: eventNames.map((name) => ({ name, status: 'Pending' })),
      weight: 0,
      isContinued: false,
      isFinishing: false,
    }
    revision.groups.add(group.name)
    revision.firstUsedAt ??= now
    revision.lastUsedAt = now
    this.deployments.unshift(created)
    return created
  }

  /** The group that deploys a service. */
  groupOf(service: ServiceState): GroupState | undefined {
    return this.groups.find((each) => each.service === service)
  }

  /** One pass of the scheduler. */
  advance(now: number, world: CodeDeployWorld): void {
    for (const deployment of [...this.deployments]) advanceDeployment(deployment, now, world)
  }
}

/** `d-` and nine capital letters or digits. */
function newDeploymentId(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
  return `d-${Array.from({ length: 9 }, () => alphabet[randomInt(alphabet.length)]).join('')}`
}
