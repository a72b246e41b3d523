import type { CodeDeploy } from '@aws-sdk/client-codedeploy'
import type { ECS, TaskDefinition } from '@aws-sdk/client-ecs'
import { STS } from '@aws-sdk/client-sts'
import type { AwsInventory, SeenCodeDeploy, SeenDefinition, SeenService } from '../../ports/inventory.ts'
import { Trouble } from '../../ports/ports.ts'
import { RemoteClock } from '../../runtime/remote-clock.ts'
import { type AwsSettings, accountOf } from '../accounts/access.ts'
import { clientsOf } from './client.ts'
import { namingAction } from './trouble.ts'
import { lastPart } from './words.ts'

/** Lists what an account and region have, with the SDK's own credentials. */
export function awsInventory(settings: AwsSettings & { readonly region: string }): AwsInventory {
  const account = accountOf(settings, new RemoteClock())
  const { ecs, codeDeploy } = clientsOf(account)
  return {
    region: settings.region,
    async account() {
      const sts = account.reading.prepare(new STS({ ...account.reading.settings, maxAttempts: 3 }))
      const { Account } = await namingAction('sts:GetCallerIdentity', sts.getCallerIdentity())
      if (!Account) throw new Trouble('terminal', 'AWS did not say to which account the credentials belong')
      return Account
    },
    services: () => listServices(ecs),
    codeDeploy: (service) => readCodeDeploy({ ecs, codeDeploy }, service),
    families: () => listFamilies(ecs),
    definition: (name) => readDefinition(ecs, name),
  }
}

/** DescribeServices takes ten services of one cluster. */
const servicesOfCall = 10

async function listServices(ecs: ECS): Promise<readonly SeenService[]> {
  const clusters = await everyPage('ecs:ListClusters', async (nextToken) => {
    const page = await ecs.listClusters({ nextToken })
    return { items: page.clusterArns, nextToken: page.nextToken }
  })
  const listed = await Promise.all(clusters.map((cluster) => servicesIn(ecs, cluster)))
  return listed.flat()
}

async function servicesIn(ecs: ECS, cluster: string): Promise<readonly SeenService[]> {
  const arns = await everyPage('ecs:ListServices', async (nextToken) => {
    const page = await ecs.listServices({ cluster, nextToken, maxResults: 100 })
    return { items: page.serviceArns, nextToken: page.nextToken }
  })
  const calls = Array.from({ length: Math.ceil(arns.length / servicesOfCall) }, (_, index) =>
    arns.slice(index * servicesOfCall, (index + 1) * servicesOfCall),
  )
  const described = await Promise.all(
    calls.map((services) =>
      namingAction('ecs:DescribeServices', ecs.describeServices({ cluster, services })),
    ),
  )
  return described
    .flatMap(({ services = [] }) => services)
    .map(({ serviceName, deploymentController, taskDefinition }) => ({
      cluster: lastPart(cluster),
      service: serviceName ?? '',
      controller: deploymentController?.type ?? 'ECS',
      definition: taskDefinition ?? '',
    }))
}

async function readCodeDeploy(
  { ecs, codeDeploy }: { readonly ecs: ECS; readonly codeDeploy: CodeDeploy },
  { cluster, service }: SeenService,
): Promise<SeenCodeDeploy> {
  const { services = [] } = await namingAction(
    'ecs:DescribeServices',
    ecs.describeServices({ cluster, services: [service] }),
  )
  const serving = services[0]?.taskSets?.find(({ status }) => status === 'PRIMARY')
  const [balancer] = serving?.loadBalancers ?? services[0]?.loadBalancers ?? []
  if (!balancer?.containerName || balancer.containerPort === undefined)
    throw new Trouble('terminal', `${cluster}/${service} has no load balancer, which CodeDeploy needs`)
  return {
    ...(await groupOf(codeDeploy, serving?.externalId, { cluster, service })),
    container: balancer.containerName,
    port: balancer.containerPort,
  }
}

/** Of the deployment that made the task set, else the names that the console gives, and that the deploy action assumes. */
async function groupOf(
  codeDeploy: CodeDeploy,
  deploymentId: string | undefined,
  { cluster, service }: { readonly cluster: string; readonly service: string },
): Promise<Pick<SeenCodeDeploy, 'application' | 'group'>> {
  const usual = { application: `AppECS-${cluster}-${service}`, group: `DgpECS-${cluster}-${service}` }
  if (!deploymentId?.startsWith('d-')) return usual
  const { deploymentInfo } = await namingAction(
    'codedeploy:GetDeployment',
    codeDeploy.getDeployment({ deploymentId }),
  )
  return {
    application: deploymentInfo?.applicationName ?? usual.application,
    group: deploymentInfo?.deploymentGroupName ?? usual.group,
  }
}

function listFamilies(ecs: ECS): Promise<readonly string[]> {
  return everyPage('ecs:ListTaskDefinitionFamilies', async (nextToken) => {
    const page = await ecs.listTaskDefinitionFamilies({ status: 'ACTIVE', nextToken })
    return { items: page.families, nextToken: page.nextToken }
  })
}

async function readDefinition(ecs: ECS, name: string): Promise<SeenDefinition> {
  const { taskDefinition } = await namingAction(
    'ecs:DescribeTaskDefinition',
    ecs.describeTaskDefinition({ taskDefinition: name }),
  )
  if (!taskDefinition) throw new Trouble('terminal', `ECS has no task definition ${name}`)
  return seen(taskDefinition)
}

function seen({
  family,
  containerDefinitions = [],
  taskRoleArn,
  executionRoleArn,
}: TaskDefinition): SeenDefinition {
  return {
    family: family ?? '',
    containers: containerDefinitions
      .filter(({ essential }) => essential !== false)
      .map(({ name, image }) => ({ name: name ?? '', image: image ?? '' })),
    roles: [taskRoleArn, executionRoleArn].flatMap((role) => (role ? [lastPart(role)] : [])),
    logGroups: containerDefinitions.flatMap(
      ({ logConfiguration }) => logConfiguration?.options?.['awslogs-group'] ?? [],
    ),
  }
}

/** The whole list. */
async function everyPage(
  action: string,
  page: (
    nextToken: string | undefined,
  ) => Promise<{ items: string[] | undefined; nextToken: string | undefined }>,
): Promise<readonly string[]> {
  const all: string[] = []
  let nextToken: string | undefined
  do {
    const { items = [], ...rest } = await namingAction(action, page(nextToken))
    all.push(...items)
    nextToken = rest.nextToken
  } while (nextToken !== undefined)
  return all
}
