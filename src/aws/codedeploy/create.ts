import { CreateDeploymentCommand, DeploymentLimitExceededException } from '@aws-sdk/client-codedeploy'
import type { Service } from '@aws-sdk/client-ecs'
import type { Ecs } from '../../ports/ports.ts'
import { targetName } from '../../release/names.ts'
import type { Clients } from '../ecs/client.ts'
import { failedAnswer, onlyIf } from '../ecs/once.ts'
import { primaryOf } from '../ecs/primary.ts'
import { trouble } from '../ecs/trouble.ts'
import { describe, releaseIn } from './description.ts'
import type { CodeDeployReads, GroupName } from './reads.ts'
import { isSteady } from './task-sets.ts'
import type { WaysBack } from './way-back.ts'

type UpdateAsk = Parameters<Ecs['update']>[0]
type Answer = Awaited<ReturnType<Ecs['update']>>

type Sources = {
  readonly clients: Pick<Clients, 'acting'>
  readonly codeDeploy: CodeDeployReads
  readonly waysBack: WaysBack
  /** By AWS's clock, ms. */
  readonly now: () => number
}

/** How far back a deployment of the same release is looked for, ms: a release is sent within minutes. */
const recentMs = 60 * 60_000

/**
 * Creates a deployment of this revision with the AppSpec of the service, sent once. `CreateDeployment` has no token that
 * makes it safe to repeat, so the description names the release, and it is sent only if no deployment of the group does.
 * Nothing is sent if the revision is serving: CodeDeploy's rollback of a stopped deployment may have brought it.
 * @throws {Trouble} if a read before it fails: nothing was sent
 */
export async function createDeployment(
  sources: Sources,
  { target, revision, releaseId, maySend }: UpdateAsk,
  service: Service,
): Promise<Answer> {
  const to = { to: 'update', target } as const
  const { group, appSpec } = await sources.waysBack.of(service, target)
  const known = await ofRelease(sources, group, releaseId)
  if (known !== null) return { ...to, answer: 'accepted', deploymentId: known }
  const active = await sources.waysBack.activeOf(service, target)
  const primary = primaryOf(service, targetName(target))
  if (active === null && primary.taskDefinition === revision.arn && isSteady(service))
    return { ...to, answer: 'unneeded', deploymentId: primary.id }
  if (active !== null)
    return { ...to, answer: 'refused', reason: busyText(targetName(target), active.deploymentId) }
  const command = new CreateDeploymentCommand({
    ...group,
    revision: { revisionType: 'AppSpecContent', appSpecContent: appSpec.with(revision.arn) },
    description: describe(releaseId, revision.name),
  })
  onlyIf(command, maySend)
  try {
    const { deploymentId } = await sources.clients.acting(releaseId).codeDeploy.send(command)
    return deploymentId === undefined
      ? { ...to, answer: 'unclear', reason: 'CodeDeploy answered without the ID of the deployment' }
      : { ...to, answer: 'accepted', deploymentId }
  } catch (error) {
    // The active deployment may be this release's, by a request whose answer was lost: a look decides.
    if (error instanceof DeploymentLimitExceededException)
      return { ...to, answer: 'unclear', reason: busyText(targetName(target), undefined) }
    return {
      ...to,
      ...failedAnswer(error, (why) => trouble(why, 'codedeploy:CreateDeployment').message),
    }
  }
}

/** The deployment that was created for this release, by its description; null: there is none. */
async function ofRelease(
  { codeDeploy, now }: Sources,
  group: GroupName,
  releaseId: string,
): Promise<string | null> {
  for await (const ids of codeDeploy.list({ group, since: now() - recentMs })) {
    const infos = await Promise.all(ids.map((id) => codeDeploy.deployment(id)))
    const found = infos.find((info) => releaseIn(info?.description) === releaseId)
    if (found?.deploymentId !== undefined) return found.deploymentId
  }
  return null
}

function busyText(name: string, id: string | undefined): string {
  const which = id === undefined ? 'another deployment' : `the deployment ${id}`
  return `CodeDeploy has ${which} of ${name} in progress, and allows one at a time: wait for its end, then ask again`
}
