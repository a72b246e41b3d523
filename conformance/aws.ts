import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { CodeDeploy } from '@aws-sdk/client-codedeploy'
import { ECR } from '@aws-sdk/client-ecr'
import { ECS } from '@aws-sdk/client-ecs'
import { SQS } from '@aws-sdk/client-sqs'
import { STS } from '@aws-sdk/client-sts'
import type { Party } from './assertion.ts'
import type { Outside } from './outside.ts'

const none = 'twokey-conformance-none'

const settingsOf = ({ aws: { region, endpoint, credentials } }: Outside) => ({
  region,
  ...(endpoint !== undefined && { endpoint }),
  ...(credentials && { credentials }),
})
const ecs = (outside: Outside) => new ECS(settingsOf(outside))

/** The name of the error that AWS answers with. */
async function errorOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked
    return 'no error'
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return error.name
  }
}

const accountOf = async (outside: Outside) =>
  (await new STS(settingsOf(outside)).getCallerIdentity()).Account ?? ''

async function serviceOf(outside: Outside) {
  const { cluster, service } = outside.aws
  const { services = [] } = await ecs(outside).describeServices({ cluster, services: [service] })
  return services[0]
}

export const aws: Party = {
  name: 'AWS',
  assertions: [
    {
      what: 'STS names the account, 12 digits',
      expected: true,
      observe: async (outside) => /^\d{12}$/.test(await accountOf(outside)),
    },
    {
      what: 'a service that does not exist is a failure MISSING, not an error',
      expected: { services: 0, reasons: ['MISSING'] },
      observe: async (outside) => {
        const { cluster } = outside.aws
        const { services, failures } = await ecs(outside).describeServices({ cluster, services: [none] })
        return { services: services?.length, reasons: failures?.map(({ reason }) => reason) }
      },
    },
    {
      what: 'eleven services in one request are an InvalidParameterException',
      expected: 'InvalidParameterException',
      observe: (outside) => {
        const services = Array.from({ length: 11 }, (_, at) => `${none}-${at}`)
        return errorOf(ecs(outside).describeServices({ cluster: outside.aws.cluster, services }))
      },
    },
    {
      what: 'services of a cluster that does not exist are a ClusterNotFoundException',
      expected: 'ClusterNotFoundException',
      observe: (outside) => errorOf(ecs(outside).describeServices({ cluster: none, services: [none] })),
    },
    {
      what: 'a service has one PRIMARY deployment, with its rollout state and times as dates',
      expected: { primary: 1, hasState: true, hasTimes: true },
      observe: async (outside) => {
        const deployments = (await serviceOf(outside))?.deployments ?? []
        const primary = deployments.filter(({ status }) => status === 'PRIMARY')
        return {
          primary: primary.length,
          hasState: primary.every(({ rolloutState }) => rolloutState !== undefined),
          hasTimes: primary.every(({ createdAt }) => createdAt instanceof Date),
        }
      },
    },
    {
      what: 'deployments of a service that does not exist are a ServiceNotFoundException',
      expected: 'ServiceNotFoundException',
      observe: (outside) =>
        errorOf(ecs(outside).listServiceDeployments({ cluster: outside.aws.cluster, service: none })),
    },
    {
      what: 'an update of a service that does not exist is a ServiceNotFoundException',
      expected: 'ServiceNotFoundException',
      observe: (outside) =>
        errorOf(ecs(outside).updateService({ cluster: outside.aws.cluster, service: none, desiredCount: 0 })),
    },
    {
      what: 'a task definition that does not exist is a ClientException',
      expected: 'ClientException',
      observe: (outside) => errorOf(ecs(outside).describeTaskDefinition({ taskDefinition: `${none}:1` })),
    },
    {
      what: 'the task definition of a service names an image for each container',
      expected: true,
      observe: async (outside) => {
        const { taskDefinition: name = '' } = (await serviceOf(outside)) ?? {}
        const { taskDefinition } = await ecs(outside).describeTaskDefinition({ taskDefinition: name })
        return taskDefinition?.containerDefinitions?.every(({ image }) => Boolean(image))
      },
    },
    {
      what: 'a task that does not exist is a failure MISSING',
      expected: ['MISSING'],
      observe: async (outside) => {
        const tasks = ['0'.repeat(32)]
        const { failures } = await ecs(outside).describeTasks({ cluster: outside.aws.cluster, tasks })
        return failures?.map(({ reason }) => reason)
      },
    },
    {
      what: 'tasks of a family that has none are an empty list',
      expected: [],
      observe: async (outside) =>
        (await ecs(outside).listTasks({ cluster: outside.aws.cluster, family: none })).taskArns,
    },
    {
      what: 'a log group that does not exist is a ResourceNotFoundException',
      expected: 'ResourceNotFoundException',
      observe: (outside) =>
        errorOf(
          new CloudWatchLogs(settingsOf(outside)).getLogEvents({ logGroupName: none, logStreamName: none }),
        ),
    },
    {
      what: 'an ECR repository that does not exist is a RepositoryNotFoundException',
      expected: 'RepositoryNotFoundException',
      observe: (outside) =>
        errorOf(
          new ECR(settingsOf(outside)).describeImages({
            repositoryName: none,
            imageIds: [{ imageTag: none }],
          }),
        ),
    },
    {
      what: 'a CodeDeploy deployment that does not exist is a DeploymentDoesNotExistException',
      expected: 'DeploymentDoesNotExistException',
      observe: (outside) =>
        errorOf(new CodeDeploy(settingsOf(outside)).getDeployment({ deploymentId: 'd-TWOKEY000' })),
    },
    {
      what: 'a CodeDeploy deployment that does not exist is left out of several',
      expected: [],
      observe: async (outside) => {
        const deploymentIds = ['d-TWOKEY000']
        return (await new CodeDeploy(settingsOf(outside)).batchGetDeployments({ deploymentIds }))
          .deploymentsInfo
      },
    },
    {
      what: 'a queue that does not exist is a QueueDoesNotExist',
      expected: 'QueueDoesNotExist',
      observe: async (outside) => {
        const { region, endpoint = `https://sqs.${region}.amazonaws.com` } = outside.aws
        const QueueUrl = `${endpoint}/${await accountOf(outside)}/${none}`
        return errorOf(new SQS(settingsOf(outside)).receiveMessage({ QueueUrl }))
      },
    },
  ],
}
