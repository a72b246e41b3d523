import type { DeploymentInfo } from '@aws-sdk/client-codedeploy'
import type { Service } from '@aws-sdk/client-ecs'
import type { Target } from '../../release/names.ts'
import { unlessDenied } from '../ecs/trouble.ts'
import { type AppSpec, readAppSpec } from './app-spec.ts'
import type { Groups } from './group.ts'
import { type CodeDeployReads, isOver } from './reads.ts'

/** What a past deployment deployed. `at`: when it ended, or began, ms; null if AWS gives no date. */
export type PastDeployment = {
  readonly taskDefinition: string
  readonly ended: 'well' | 'otherwise'
  readonly at: number | null
}

export type Revisions = {
  /** The task definition that a deployment deploys, by its AppSpec; undefined if that cannot be read. */
  ofDeployment(deployment: DeploymentInfo): Promise<string | undefined>
  /** The AppSpec of a deployment; undefined if it cannot be read. */
  appSpecOf(deployment: DeploymentInfo): Promise<AppSpec | undefined>
  /** The deployments of a service that have ended, newest first. */
  past(service: Service, target: Target): AsyncGenerator<PastDeployment>
}

/** Answers about deployments have only the hash of an AppSpec; its content is read by that, once. */
export function revisionsOf(reads: CodeDeployReads, groups: Groups): Revisions {
  async function appSpecOf({ applicationName, revision }: DeploymentInfo): Promise<AppSpec | undefined> {
    const { sha256 } = revision?.appSpecContent ?? {}
    if (applicationName === undefined || sha256 === undefined) return undefined
    const content = await unlessDenied(reads.appSpec(applicationName, sha256))
    return content === undefined ? undefined : (readAppSpec(content) ?? undefined)
  }

  async function ofDeployment(deployment: DeploymentInfo): Promise<string | undefined> {
    return (await appSpecOf(deployment))?.taskDefinition
  }

  return {
    appSpecOf,
    ofDeployment,
    async *past(service, target) {
      const group = await groups(service, target)
      for await (const ids of reads.list({ group })) {
        const infos = await Promise.all(ids.map((id) => reads.deployment(id)))
        const ended = infos
          .flatMap((info) => (info && isOver(info.status) ? info : []))
          .toSorted((a, b) => (b.createTime?.getTime() ?? 0) - (a.createTime?.getTime() ?? 0))
        for (const info of ended) {
          const taskDefinition = await ofDeployment(info)
          if (taskDefinition === undefined) continue
          yield {
            taskDefinition,
            ended: info.status === 'Succeeded' ? 'well' : 'otherwise',
            at: (info.completeTime ?? info.createTime)?.getTime() ?? null,
          }
        }
      }
    },
  }
}
