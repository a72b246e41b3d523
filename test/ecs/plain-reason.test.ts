import { describe, expect, it } from 'vitest'
import { plainReason } from '../../src/aws/ecs/plain-reason.ts'

const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const about = { container: 'container api', image: undefined }

/** Reasons as ECS gives them, from public reports and AWS's documentation, with shortened ids. */
const reasons: readonly (readonly [where: string, reason: string, means: string])[] = [
  [
    'containers-roadmap#2493, of an image that does not exist',
    `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ${registry}/blog-api:99e4cfc: ${registry}/blog-api:99e4cfc: not found`,
    'the image blog-api:99e4cfc does not exist in ECR (did the build push it?)',
  ],
  [
    'amazon-ecs-agent#337',
    'CannotPullContainerError: Error: image deathstar:9ce7d67bf402b337 not found',
    'null',
  ],
  [
    'amazon-ecs-agent#422',
    'CannotPullContainerError: Tag latest not found in repository docker.io/library/owncloud',
    'the image owncloud does not exist in docker.io (did the build push it?)',
  ],
  [
    'containers-roadmap#2493',
    `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${registry}/otel-collector:latest@sha256:863ab12345678cd: unexpected status from HEAD request to https://${registry}/v2/otel-collector/blobs/sha256:863: 403 Forbidden`,
    'ECS may not pull the image otel-collector:latest@sha256:863ab1234567…, or its repository does not exist (check the execution role and the repository’s policy)',
  ],
  [
    'deploy-with-serverless#11',
    'CannotPullContainerError: API error (404): repository serverless-batch not found: does not exist or no pull access',
    'ECS may not pull the image of container api, or its repository does not exist (check the execution role and the repository’s policy)',
  ],
  [
    'relay#71, an event of the service',
    "the service was unable to place a task. Reason: CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor matching platform 'linux/amd64'.",
    'the image of container api is not built for the task’s platform (linux/amd64)',
  ],
  [
    'containers-roadmap#1120',
    'CannotPullContainerError: failed to find a descriptor for platform {linux/amd64}',
    'the image of container api is not built for the task’s platform (linux/amd64)',
  ],
  [
    'amazon-ecs-agent#1680',
    `CannotPullContainerError: API error (500): Get https://${registry}/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)`,
    'the task could not reach the registry of the image of container api (check its route there: NAT gateway, VPC endpoints, security groups)',
  ],
  [
    'amazon-ecs-agent#719',
    'CannotPullContainerError: Could not reach any registry endpoint',
    'the task could not reach the registry of the image of container api (check its route there: NAT gateway, VPC endpoints, security groups)',
  ],
  [
    'Docker Hub',
    'CannotPullContainerError: inspect image has been retried 5 time(s): httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:86e: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.',
    'the registry’s rate limit stopped the pull of the image of container api (pull from ECR, or as a registered user)',
  ],
  [
    'simpler-grants-gov#4330',
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /api//new-relic-license-key',
    'SSM parameters do not exist: /api//new-relic-license-key',
  ],
  [
    'terraform-aws-directus#10',
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-central-1:123456789012:secret:algo-dev-directus-EaPYTy from secrets manager: AccessDeniedException: Access to KMS is not allowed status code: 400, request id: a87a66d9',
    'the execution role may not use the KMS key of the secret algo-dev-directus',
  ],
  [
    'a secret that does not exist',
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:blog/prod/db-a1B2c3 from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    'the secret blog/prod/db does not exist',
  ],
  [
    'a key that a secret does not have',
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets Manager did not contain json key DB_PASSWORD',
    'a secret has no key DB_PASSWORD',
  ],
  [
    'copilot-cli#3104',
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::1:assumed-role/blog/x is not authorized to perform: ssm:GetParameters',
    'the execution role may not read an SSM parameter',
  ],
  [
    'releem-agent#195',
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 5 time(s): failed to fetch secret arn:aws:secretsmanager:us-west-2:1:secret:DBPasswordSecret-Ab1Cd2 from secrets manager: RequestCanceled: request context canceled caused by: context deadline exceeded. Please check your task network configuration.',
    'the task could not reach Secrets Manager (check its route there: NAT gateway, VPC endpoints, security groups)',
  ],
  [
    'aws-app-mesh-examples#413',
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 5 time(s): RequestError: send request failed caused by: Post https://api.ecr.eu-west-1.amazonaws.com/: dial tcp 10.0.0.1:443: i/o timeout',
    'the task could not reach ECR (check its route there: NAT gateway, VPC endpoints, security groups)',
  ],
  [
    'a role without rights in ECR',
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::1:assumed-role/x is not authorized to perform: ecr:GetAuthorizationToken',
    'the execution role may not log in to ECR (ecr:GetAuthorizationToken)',
  ],
  [
    'terraform-aws-nexus#35',
    'CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist',
    'the log group of container api does not exist',
  ],
  [
    'a role that may not write logs',
    'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: User is not authorized to perform: logs:CreateLogStream',
    'the execution role may not write the logs of container api (logs:CreateLogStream)',
  ],
  [
    'ecs-deploy#277, no capacity on Fargate',
    'the service was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone',
    'AWS has no free Fargate capacity in the availability zones of the service at the moment (try again later)',
  ],
  [
    'prefect#22410',
    'TaskFailedToStart: RESOURCE:GPU',
    'no container instance of the cluster has enough free GPU for the task',
  ],
  [
    'no network interface left',
    'RESOURCE:ENI',
    'no container instance of the cluster can take another network interface',
  ],
  [
    'an event about CPU',
    'the service was unable to place a task because no container instance met all of its requirements. The closest matching container-instance 3f2c has insufficient CPU units available',
    'no container instance of the cluster has enough free CPU for the task',
  ],
  [
    'factorio-spot-pricing#4',
    'the service was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster.',
    'the cluster has no container instance to run the task on',
  ],
  [
    'pulumi-cloud#454',
    'the service was unable to place a task because no container instance met all of its requirements. The closest matching container-instance 333ba941 is missing an attribute required by your task.',
    'no container instance of the cluster has an attribute that the task requires',
  ],
  [
    'a subnet without free addresses',
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-0ab12cd34': InsufficientFreeAddressesInSubnet",
    'the subnet subnet-0ab12cd34 has no free IP addresses',
  ],
  [
    'amazon-ecs-agent#4825',
    'Timeout waiting for network interface provisioning to complete.',
    'AWS did not give the task a network interface (check free IP addresses of the subnets, or deploy again)',
  ],
  [
    'a role that does not exist',
    "the service failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/blog-execution' that was provided for this task. Please verify that the role being passed has the proper trust relationship)",
    'ECS may not assume the role blog-execution (does it exist, and does it trust ecs-tasks.amazonaws.com?)',
  ],
  [
    'amazon-ecs-deploy-task-definition#232',
    'DockerTimeoutError: Could not transition to started; timed out after waiting 8m0s',
    'container api did not start within 8m0s',
  ],
  [
    'an image of another platform',
    'CannotStartContainerError: Error response from daemon: exec /app/run: exec format error',
    'container api is built for a different platform than the task (exec format error)',
  ],
  [
    'a command that may not be executed',
    'CannotStartContainerError: Error response from daemon: failed to create task: runc: exec: "/app/start.sh": permission denied',
    'the command /app/start.sh of container api may not be executed',
  ],
]

describe('what a reason of AWS means', () => {
  it.each(reasons)('%s', (_, reason, means) => {
    expect(String(plainReason(reason, about))).toBe(means)
  })

  it.each([
    ['an exit that ECS does not explain', 'Essential container in task exited'],
    ['a pull that fails for a reason nobody knows', 'CannotPullContainerError: it did not work'],
    [
      'a volume',
      'ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: b.mount',
    ],
    [
      'secrets, cut off before the cause',
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been ret',
    ],
    ['health checks', 'Task failed ELB health checks in (target-group blog)'],
  ])('a reason is left to AWS’s own words if it is %s', (_, reason) => {
    expect(plainReason(reason, about)).toBeNull()
  })

  it('names the image as the task definition does, whatever the reason says', () => {
    const reason = 'CannotPullContainerError: manifest unknown: Requested image not found'
    const image = (name: string) => plainReason(reason, { container: null, image: name })
    expect(image(`${registry}/team/blog-api:44`)).toMatch(/^the image blog-api:44 does not exist in ECR \(/)
    expect(image('nginx:1.99')).toMatch(/^the image nginx:1.99 does not exist on Docker Hub \(/)
    expect(image('ghcr.io/team/blog-api:44')).toMatch(/^the image blog-api:44 does not exist in ghcr.io \(/)
  })

  it('stays short, on one line and without secrets', () => {
    const long = `CannotPullContainerError: ${'x'.repeat(3_000)}\nghcr.io/${'y'.repeat(500)}:1: not found`
    const said = plainReason(long, about)
    expect(said).not.toContain('\n')
    expect(said!.length).toBeLessThan(300)
    const secret =
      'ResourceInitializationError: unable to pull secrets: invalid ssm parameters: /a,https://u:hunter22@db'
    expect(plainReason(secret, about)).not.toContain('hunter22')
  })
})
