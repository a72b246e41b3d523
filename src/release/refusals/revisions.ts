import { accountIn, type ServiceEnvironmentName, type Target } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import { refuse } from './refuse.ts'

function pickOne({ service, environment }: ServiceEnvironmentName): string {
  return `\`/rollback ${service} ${environment}\` lists the revisions that deployed successfully there.`
}

/** ECS does not know the service that twokey.yml names. */
export function serviceNotFound({ cluster, service, region, roleArn }: Target): Refusal {
  const account = roleArn === undefined ? '' : ` of the account ${accountIn(roleArn)}`
  const there = region === undefined ? account : ` in ${region}${account}`
  const option = region === undefined ? '' : ` --region ${region}`
  return refuse(
    'service_not_found',
    `twokey.yml uses the service ${service} in the cluster ${cluster}${there}, but ECS has no such service.`,
    `Ask a maintainer of twokey.yml to correct it; \`aws ecs list-services --cluster ${cluster}${option}\` lists the existing ones.`,
  )
}

/** The running family has no revision of this number. */
export function revisionUnknown(serviceEnvironment: ServiceEnvironmentName, revision: string): Refusal {
  return refuse(
    'revision_unknown',
    `There is no task definition revision ${revision}.`,
    pickOne(serviceEnvironment),
  )
}

/** The number is that of another family, which the service ran once. */
export function revisionOtherFamily(
  serviceEnvironment: ServiceEnvironmentName,
  { revision, other }: { readonly revision: string; readonly other: string },
): Refusal {
  return refuse(
    'revision_other_family',
    `There is no task definition revision ${revision}. ${serviceEnvironment.service} in ${serviceEnvironment.environment} once ran ${other}, which belongs to another family.`,
    pickOne(serviceEnvironment),
  )
}

/** A button names a revision of a family other than the one that runs now. */
export function otherFamilyByNow(
  serviceEnvironment: ServiceEnvironmentName,
  { shown, revision }: { readonly shown: string; readonly revision: string },
): Refusal {
  return refuse(
    'revision_other_family',
    `Nothing was rolled back: the button was for ${shown}, but ${serviceEnvironment.service} in ${serviceEnvironment.environment} now uses another task definition family, where this number is ${revision}.`,
    pickOne(serviceEnvironment),
  )
}

/** The revision was deregistered. */
export function revisionInactive(serviceEnvironment: ServiceEnvironmentName, revision: string): Refusal {
  return refuse(
    'revision_inactive',
    `${revision} was deregistered, and ECS starts only revisions that are ACTIVE.`,
    pickOne(serviceEnvironment),
  )
}

/** The load balancer needs a container, or a port, that the revision does not have. `lacks`: as in `container api`. */
export function revisionUnfit(
  serviceEnvironment: ServiceEnvironmentName,
  { revision, lacks }: { readonly revision: string; readonly lacks: string },
): Refusal {
  return refuse(
    'revision_unfit',
    `${revision} does not have ${lacks}, which the load balancer of ${serviceEnvironment.service} in ${serviceEnvironment.environment} uses.`,
    pickOne(serviceEnvironment),
  )
}

/**
 * Another tool deploys the ECS service.
 * @param service as in `blog-cluster-prod/blog-api`
 */
export function controllerExternal(service: string): Refusal {
  return refuse(
    'controller_external',
    `The ECS service ${service} has the deployment controller EXTERNAL: another tool deploys it, and twokey can neither follow that nor roll it back.`,
    'Deploy it with that tool. Ask a maintainer of twokey.yml to remove the service, or to give it the deployment controller ECS or CODE_DEPLOY.',
  )
}

/** CloudFormation has CodeDeploy deploy the service, and that has not ended. */
export function deploymentInProgress(
  { service, environment }: ServiceEnvironmentName,
  deployment: string,
): Refusal {
  return refuse(
    'deployment_in_progress',
    `CloudFormation has CodeDeploy deploy ${service} in ${environment} (${deployment}), which nothing else can stop.`,
    'Cancel the update of its stack, or wait for its end, then ask again.',
  )
}

/** A container's image is no longer in ECR, or cannot be pulled from there. */
export function imageLost(
  serviceEnvironment: ServiceEnvironmentName,
  revision: string,
  {
    container,
    image,
    is,
  }: { readonly container: string; readonly image: string; readonly is: 'missing' | 'archived' },
): Refusal {
  const lost =
    is === 'missing'
      ? `ECR no longer has the image of its container ${container}, ${image}`
      : `the image of its container ${container}, ${image}, is in the archive of ECR, from where ECS cannot pull it`
  const next = is === 'missing' ? 'Push the image again' : 'Restore the image in ECR'
  return refuse(
    is === 'missing' ? 'image_missing' : 'image_archived',
    `${revision} cannot run: ${lost}.`,
    `${next}, or choose another revision: ${pickOne(serviceEnvironment)}`,
  )
}

/** No successful rollout of the revision there is known. */
export function revisionNeverRan(serviceEnvironment: ServiceEnvironmentName, revision: string): Refusal {
  const { service, environment } = serviceEnvironment
  return refuse(
    'revision_never_ran',
    `${revision} is not known to have deployed successfully to ${service} in ${environment}: neither ECS (which keeps 90 days) nor twokey shows a successful rollout of it there.`,
    pickOne(serviceEnvironment),
  )
}

/** The service has several ECS services of different families, so one number does not name a revision of each. */
export function differentServices({ service, environment }: ServiceEnvironmentName): Refusal {
  return refuse(
    'different_services',
    `${service} in ${environment} is several ECS services that do not run the same task definition, so a single number does not identify a revision of all of them.`,
    'Roll each of them back in ECS: `aws ecs update-service --cluster <cluster> --service <name> --task-definition <family:number>`.',
  )
}

/** The requested revision already runs. */
export function alreadyServing(serviceEnvironment: ServiceEnvironmentName, revision: string): Refusal {
  const { service, environment } = serviceEnvironment
  return refuse(
    'already_serving',
    `There is nothing to roll back: ${service} in ${environment} already runs ${revision}.`,
    pickOne(serviceEnvironment),
  )
}

/** A click on Roll back for a release that rolled out nothing. */
export function nothingToRollBackTo(serviceEnvironment: ServiceEnvironmentName): Refusal {
  return refuse(
    'nothing_to_deploy',
    'This release has no revision to roll back to: it rolled nothing out, or it is a rollback that ended as approved.',
    pickOne(serviceEnvironment),
  )
}
