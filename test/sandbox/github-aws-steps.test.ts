import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { type AwsSandbox, startAws } from '../../sandbox/aws/server.ts'
import { type GitHubSandbox, startGitHub } from '../../sandbox/github/github.ts'
import { latest, type RunPlan } from '../../sandbox/github/runs.ts'
import { deployPath } from '../../sandbox/github/workflow-file.ts'
import { testPace } from '../../sandbox/pace.ts'
import { registry } from '../../sandbox/seed.ts'
import { ended } from './github-client.ts'

let aws: AwsSandbox
let github: GitHubSandbox

beforeEach(async () => {
  aws = await startAws({ pace: testPace })
  github = await startGitHub({ pace: testPace, aws: aws.env })
})

afterEach(async () => {
  await github.close()
  await aws.close()
  expect(github.world.violations).toEqual([])
})

type Step = Readonly<Record<string, unknown>>

/** Runs a job with these steps; returns its conclusion and its log. */
async function run(steps: readonly (string | Step)[], plan: RunPlan = {}) {
  const { world } = github
  const job = { steps: steps.map((step) => (typeof step === 'string' ? { run: step } : step)) }
  const text = stringify({ on: { workflow_dispatch: null }, jobs: { job } })
  world.push('main', {
    message: 'Steps',
    files: { '.github/workflows/steps.yml': text, [deployPath]: null },
  })
  world.next = plan
  const begun = world.startRun({ workflow: 'steps.yml', event: 'workflow_dispatch' })
  const conclusion = await ended(world, begun)
  const log = latest(begun).jobs[0]!.log.map((line) => line.replace(/^\S+ /, ''))
  return { conclusion, log, sha: begun.headSha }
}

const image = `${registry}:of-a-test`
const pushed = `docker build -t ${image} . && docker push ${image}`

describe('the AWS command line', () => {
  it('the AWS command line restarts a service and waits until it is stable', async () => {
    const { conclusion } = await run([
      'aws ecs update-service --cluster blog-cluster-dev --service blog-api --force-new-deployment > /dev/null\n' +
        'aws ecs wait services-stable --cluster blog-cluster-dev --services blog-api',
    ])
    expect(conclusion).toBe('success')
    expect(aws.log.of('UpdateService').at(-1)!.body).toEqual({
      cluster: 'blog-cluster-dev',
      service: 'blog-api',
      forceNewDeployment: true,
    })
  })

  it('the AWS command line parses shorthand structures, JSON overrides and lists', async () => {
    await run([
      [
        'aws ecs run-task --cluster blog-cluster-dev --task-definition blog-api-migrate --launch-type FARGATE',
        "--network-configuration 'awsvpcConfiguration={subnets=[subnet-1,subnet-2],assignPublicIp=ENABLED}'",
        '--overrides \'{"containerOverrides":[{"name":"migrate","command":["npm","run","seed"]}]}\'',
        '--count 1 --tags key=team,value=blog --started-by deploy-1',
      ].join(' \\\n'),
    ])
    expect(aws.log.of('RunTask').at(-1)!.body).toMatchObject({
      taskDefinition: 'blog-api-migrate',
      networkConfiguration: {
        awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'], assignPublicIp: 'ENABLED' },
      },
      overrides: { containerOverrides: [{ name: 'migrate', command: ['npm', 'run', 'seed'] }] },
      count: 1,
      tags: [{ key: 'team', value: 'blog' }],
      startedBy: 'deploy-1',
    })
  })

  it.each<[string, string]>([
    ['--query services[0].desiredCount --output text', '2'],
    ["--query 'services[0].[serviceName, status]' --output text", 'blog-api\tACTIVE'],
    ['--query services[0].nothing --output text', 'None'],
    ['--query services[0].serviceName', '"blog-api"'],
  ])('the AWS command line prints %s', async (options, line) => {
    const { log } = await run([
      `aws ecs describe-services --cluster blog-cluster-prod --services blog-api ${options}`,
    ])
    expect(log).toContain(line)
  })

  it('the AWS command line exits with 254 and AWS’s message if AWS refuses', async () => {
    const { conclusion, log } = await run(['aws ecs describe-task-definition --task-definition nothing'])
    expect(conclusion).toBe('failure')
    expect(log).toContain(
      'An error occurred (ClientException) when calling the DescribeTaskDefinition operation: Unable to describe task definition.',
    )
    expect(log).toContain('##[error]Process completed with exit code 254.')
  })

  it('the AWS command line refuses task definition members that only ECS sets', async () => {
    const { conclusion, log } = await run([
      'aws ecs describe-task-definition --task-definition blog-api --query taskDefinition > d.json\n' +
        'aws ecs register-task-definition --cli-input-json file://d.json',
    ])
    expect(conclusion).toBe('failure')
    expect(log).toContain('Unknown parameter in input: "revision"')
    expect(aws.log.of('RegisterTaskDefinition')).toEqual([])
  })

  it('the AWS command line stops waiting for stability after its timeout', async () => {
    aws.world.rollouts.next({ kind: 'stuck' })
    const { conclusion, log } = await run(
      [
        'aws ecs update-service --cluster blog-cluster-dev --service blog-api --force-new-deployment > f',
        'aws ecs wait services-stable --cluster blog-cluster-dev --services blog-api',
      ],
      { stabilityMs: 30 },
    )
    expect(conclusion).toBe('failure')
    expect(log).toContain('Waiter ServicesStable failed: Max attempts exceeded')
  })

  it('the AWS command line logs services that the sandbox does not support', async () => {
    const { conclusion, log } = await run(['aws s3 sync dist s3://blog-assets'])
    expect(conclusion).toBe('success')
    expect(log).toContain('The sandbox does not support: aws s3 sync dist s3://blog-assets')
  })
})

describe('docker', () => {
  it('docker pushes the images that it built, under their names', async () => {
    const { conclusion } = await run([
      `docker build -t app . && docker tag app ${image} && docker push ${image}`,
    ])
    expect([conclusion, aws.world.images.has(image)]).toEqual(['success', true])
  })

  it('docker cannot push an image that was not built', async () => {
    const { conclusion, log } = await run([`docker push ${image}`])
    expect(conclusion).toBe('failure')
    expect(log).toContain(`An image does not exist locally with the tag: ${registry}`)
  })
})

describe('git', () => {
  const isOnMain = 'git merge-base --is-ancestor "$GITHUB_SHA" origin/main'

  it('git has the whole history only after a full fetch', async () => {
    github.world.push('main', { message: 'No deploy', files: { [deployPath]: null } })
    github.world.push('other', { message: 'Elsewhere' })
    const whole = { uses: 'actions/checkout@v6', with: { 'fetch-depth': 0 } }
    const elsewhere = 'git merge-base --is-ancestor origin/other origin/main || echo elsewhere'
    expect((await run([whole, isOnMain, elsewhere])).log).toContain('elsewhere')
    const shallow = await run([
      { uses: 'actions/checkout@v6' },
      'git merge-base --is-ancestor origin/other HEAD',
    ])
    expect(shallow.log).toContain('fatal: Not a valid object name origin/other')
  })

  it('git rev-parse returns the commit that is checked out', async () => {
    const { log, sha } = await run([
      { uses: 'actions/checkout@v6' },
      'echo "at $(git rev-parse --short HEAD)"',
    ])
    expect(log).toContain(`at ${sha.slice(0, 7)}`)
  })
})

describe('docker', () => {
  it('docker names a pushed image by its digest, and ECS pulls it by that name', async () => {
    const { conclusion } = await run([
      `${pushed}
      by_digest=$(docker inspect --format '{{index .RepoDigests 0}}' ${image})
      aws ecs register-task-definition --family by-digest --network-mode awsvpc --requires-compatibilities FARGATE \\
        --cpu 256 --memory 512 --execution-role-arn arn:aws:iam::123456789012:role/ecs-execution \\
        --container-definitions "[{\\"name\\":\\"run\\",\\"image\\":\\"$by_digest\\"}]" > /dev/null`,
    ])
    expect(conclusion).toBe('success')
    const { image: named } = aws.world.taskDefinitions.at(-1)!.containerDefinitions![0]!
    expect(named).toMatch(new RegExp(`^${registry}@sha256:[0-9a-f]{64}$`))
    expect(aws.world.missingImage([named!])).toBeUndefined()
    expect(aws.world.missingImage([`${registry}@sha256:${'0'.repeat(64)}`])).toBeDefined()
  })

  it('docker knows no digest of an image that was not pushed', async () => {
    const { conclusion } = await run([
      `docker build -t ${image} .`,
      `docker inspect --format '{{index .RepoDigests 0}}' ${image}`,
    ])
    expect(conclusion).toBe('failure')
  })
})

describe('the official actions', () => {
  const render = 'aws-actions/amazon-ecs-render-task-definition@v1'
  const deploy = 'aws-actions/amazon-ecs-deploy-task-definition@v2'
  const output = (id: string) => ['$', `{{ steps.${id}.outputs.task-definition }}`].join('')

  it('the render action reads a file of the repository or an ARN, and sets variables', async () => {
    const definition = { family: 'blog-worker', containerDefinitions: [{ name: 'worker', image: 'x' }] }
    const path = '.aws/task-definition.json'
    github.world.push('main', {
      message: 'A file',
      files: { [path]: JSON.stringify(definition), [deployPath]: null },
    })
    const { conclusion, log } = await run([
      { uses: 'actions/checkout@v6' },
      {
        id: 'file',
        uses: render,
        with: {
          'task-definition': path,
          'container-name': 'worker',
          image,
          'environment-variables': 'A=1\nB=two=2',
        },
      },
      `jq -c .containerDefinitions[0] ${output('file')}`,
    ])
    expect(conclusion).toBe('success')
    expect(log).toContain(
      `{"name":"worker","image":"${image}","environment":[{"name":"A","value":"1"},{"name":"B","value":"two=2"}]}`,
    )
  })

  it('the render action fails for a container that does not exist', async () => {
    const { conclusion, log } = await run([
      { uses: render, with: { 'task-definition-family': 'blog-api', 'container-name': 'web', image } },
    ])
    expect(conclusion).toBe('failure')
    expect(log).toContain(
      '##[error]Invalid task definition: Could not find container definition with matching name',
    )
  })

  it.each([0, 1])(
    'the deploy action runs a task once and fails unless its exit code is 0, here %i',
    async (code) => {
      aws.world.migrations.next({ kind: 'exits', code })
      const { conclusion, log } = await run([
        pushed,
        {
          id: 'task',
          uses: render,
          with: { 'task-definition-family': 'blog-api-migrate', 'container-name': 'migrate', image },
        },
        {
          uses: deploy,
          with: {
            'task-definition': output('task'),
            cluster: 'blog-cluster-dev',
            'run-task': true,
            'run-task-subnets': 'subnet-1',
            'wait-for-task-stopped': true,
          },
        },
      ])
      expect(conclusion).toBe(code === 0 ? 'success' : 'failure')
      expect(log).toContain('Waiting for tasks to stop. Will wait for 30 minutes')
      expect(aws.log.of('RunTask').at(-1)!.body).toMatchObject({ startedBy: 'GitHub-Actions' })
      expect(aws.log.of('UpdateService')).toEqual([])
    },
  )
})
