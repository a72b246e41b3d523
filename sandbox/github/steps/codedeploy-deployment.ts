import { createHash } from 'node:crypto'
import {
  CreateDeploymentCommand,
  type DeploymentGroupInfo,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
} from '@aws-sdk/client-codedeploy'
import { parse } from 'yaml'
import { StepFailure } from '../step-failure.ts'
import { type Aws, comeAbout } from './aws.ts'
import type { StepCall } from './step.ts'

type Wanted = {
  readonly aws: Aws
  readonly cluster: string
  readonly service: string
  readonly taskDefinition: string
  readonly minutes: number
  readonly waits: boolean
}

/** The longest description that the action sends. */
const longestDescription = 512

/**
 * How `aws-actions/amazon-ecs-deploy-task-definition` deploys a service of CodeDeploy: puts the task definition into
 * every resource of the AppSpec, and creates a deployment. Its waiter knows only `Succeeded`, `Failed` and `Stopped`.
 */
export async function createCodeDeployment(call: StepCall, wanted: Wanted): Promise<void> {
  const { aws, cluster, service, taskDefinition } = wanted
  const names = {
    applicationName: call.input('codedeploy-application') || `AppECS-${cluster}-${service}`,
    deploymentGroupName: call.input('codedeploy-deployment-group') || `DgpECS-${cluster}-${service}`,
  }
  const { deploymentGroupInfo: group = {} } = await aws.codeDeploy.send(new GetDeploymentGroupCommand(names))
  const content = appSpec(
    call.machine.file(call.input('codedeploy-appspec') || 'appspec.yaml'),
    taskDefinition,
  )
  const description = call.input('codedeploy-deployment-description')
  const config = call.input('codedeploy-deployment-config')
  const { deploymentId } = await aws.codeDeploy.send(
    new CreateDeploymentCommand({
      ...names,
      revision: {
        revisionType: 'AppSpecContent',
        appSpecContent: { content, sha256: createHash('sha256').update(content).digest('hex') },
      },
      ...(config && { deploymentConfigName: config }),
      ...(description && { description: description.slice(0, longestDescription) }),
    }),
  )
  call.output('codedeploy-deployment-id', deploymentId!)
  call.machine.log(
    `Deployment started. Watch this deployment's progress in the AWS CodeDeploy console: https://console.aws.amazon.com/codesuite/codedeploy/deployments/${deploymentId}?region=${aws.region}`,
  )
  if (wanted.waits) await waitFor(call, deploymentId!, { ...wanted, group })
}

/** The AppSpec with this task definition in each resource; its keys may be in any case. */
function appSpec(text: string, taskDefinition: string): string {
  const spec = parse(text) as Record<string, unknown>
  const resources = member(spec, 'resources') as readonly Record<string, Record<string, unknown>>[]
  for (const resource of resources.flatMap((each) => Object.values(each))) {
    const properties = member(resource, 'properties') as Record<string, unknown>
    properties[keyOf(properties, 'taskDefinition')] = taskDefinition
  }
  return JSON.stringify(spec)
}

function member(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return object[keyOf(object, name)]
}

function keyOf(object: Readonly<Record<string, unknown>>, name: string): string {
  const found = Object.keys(object).find((key) => key.toLowerCase() === name.toLowerCase())
  if (found === undefined) throw new StepFailure(`AppSpec file must include property '${name}'`)
  return found
}

async function waitFor(
  call: StepCall,
  deploymentId: string,
  { aws, minutes, group }: Wanted & { readonly group: DeploymentGroupInfo },
): Promise<void> {
  const { deploymentReadyOption: ready, terminateBlueInstancesOnDeploymentSuccess: end } =
    group.blueGreenDeploymentConfiguration ?? {}
  const waits = (ready?.waitTimeInMinutes ?? 0) + (end?.terminationWaitTimeInMinutes ?? 0)
  const ended = await comeAbout(call.machine.patience(Math.min(360, minutes + waits)), async () => {
    const { deploymentInfo } = await aws.codeDeploy.send(new GetDeploymentCommand({ deploymentId }))
    const { status } = deploymentInfo ?? {}
    return status === 'Succeeded' || status === 'Failed' || status === 'Stopped' ? status : undefined
  })
  if (ended === undefined) throw new StepFailure('{"state":"TIMEOUT","reason":"Waiter has timed out"}')
  if (ended !== 'Succeeded') throw new StepFailure('Resource is not in the state deploymentSuccessful')
}
