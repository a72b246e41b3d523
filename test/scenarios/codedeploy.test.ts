import { describe, expect } from 'vitest'
import type { CodeDeployment } from '../../sandbox/aws/codedeploy/model.ts'
import { appSpecOf, deployByCodeDeploy, type WantedGroup } from '../../sandbox/aws/codedeploy/seed.ts'
import { person } from '../../sandbox/github/people.ts'
import { type Harness, scenario, stateOf } from './harness.ts'

const prod = { cluster: 'blog-cluster-prod', service: 'blog-api' } as const

const codeDeployOf = ({ sandbox }: Harness) => sandbox.aws.world.codeDeploy

/** Makes CodeDeploy deploy blog-api in prod, with an AppSpec in its repository. @param minute of CodeDeploy's waits, ms */
function codeDeployed({ sandbox }: Pick<Harness, 'sandbox'>, wanted: WantedGroup = {}, minute = 60): void {
  const { world } = sandbox.aws
  world.codeDeploy.minute = minute
  const service = world.service(prod.cluster, prod.service)!
  deployByCodeDeploy(world, service, wanted)
  const files = { 'appspec.yaml': appSpecOf(service, '<TASK_DEFINITION>', wanted.hooks) }
  commit({ sandbox }, 'Deploy by CodeDeploy', files)
}

function commit(
  { sandbox }: Pick<Harness, 'sandbox'>,
  message: string,
  files: Readonly<Record<string, string>>,
): void {
  const date = new Date().toISOString()
  sandbox.github.world.repository().commit('main', { message, author: person('Ana'), date, files })
}

describe.concurrent('a service that CodeDeploy deploys', () => {
  scenario(
    'follows a deploy by CodeDeploy to success, and its rollback deployment to the end',
    async ({ harness }) => {
      const hooks = { AfterAllowTraffic: 'check' }
      codeDeployed(harness, { hooks, terminationMinutes: 1 })
      await harness.approved()
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:44')
      const [deployed] = codeDeployOf(harness).deployments
      expect(deployed).toMatchObject({ status: 'Succeeded', creator: 'user' })

      codeDeployOf(harness).outcomes.next({
        kind: 'hook-fails',
        event: 'AfterAllowTraffic',
        message: 'exited 1',
      })
      commit(harness, 'Show the author', {})
      await harness.approved()
      expect(await harness.ends()).toBe('rolled back')
      expect(harness.serving()).toBe('blog-api:44')
      await harness.threadPost(/the hook AfterAllowTraffic failed \(exited 1\)/)
    },
  )
})

/** Ana requests a rollback, Ben approves it. */
async function rolledBack(harness: Harness, line: string): Promise<void> {
  await harness.types('U0ANA', line)
  await harness.shows('awaiting approval')
  await harness.clicks('U0BEN', 'approve')
}

const created = ({ sandbox }: Harness) => sandbox.aws.log.of('CreateDeployment')

describe.concurrent('a rollback of a service that CodeDeploy deploys', () => {
  scenario(
    'a rollback creates one deployment with the AppSpec of the last one and the release in its description',
    async ({ harness }) => {
      codeDeployed(
        harness,
        {
          hooks: { BeforeAllowTraffic: 'check' },
          config: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
          terminationMinutes: 10,
        },
        10,
      )
      await harness.types('U0ANA', '/rollback blog-api 42')
      const card = await harness.shows('awaiting approval')
      expect(JSON.stringify(card)).toContain('about 15 min')
      await harness.clicks('U0BEN', 'approve')
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:42')
      expect(created(harness)).toHaveLength(1)
      const [deployed] = codeDeployOf(harness).deployments
      expect(deployed!.description).toMatch(/^twokey r-[\w-]+: rolls back to blog-api:42$/)
      expect(JSON.parse(deployed!.revision.content)).toMatchObject({
        Hooks: [{ BeforeAllowTraffic: 'check' }],
        Resources: [
          {
            TargetService: {
              Properties: { LoadBalancerInfo: { ContainerName: 'api', ContainerPort: 8080 } },
            },
          },
        ],
      })
      expect(harness.sandbox.aws.log.of('UpdateService')).toEqual([])
    },
  )

  scenario(
    'a rollback finds its deployment again after the answer was lost, and creates no other',
    async ({ harness }) => {
      codeDeployed(harness)
      harness.sandbox.aws.faults.queue('CreateDeployment', { kind: 'lost' })
      await rolledBack(harness, '/rollback blog-api 42')
      expect(await harness.ends()).toBe('succeeded')
      expect(created(harness)).toHaveLength(1)
      expect(harness.serving()).toBe('blog-api:42')
    },
  )

  scenario('twokey refuses a rollback to a revision without the port', async ({ harness }) => {
    codeDeployed(harness)
    const revision = harness.sandbox.aws.world.taskDefinitions.find(
      (each) => each.family === 'blog-api' && each.revision === 42,
    )!
    revision.containerDefinitions![0]!.portMappings = []
    expect(await harness.answerTo('U0ANA', '/rollback blog-api 42')).toContain('port 8080 of container api')
    expect(created(harness)).toEqual([])
  })
})

/** Somebody deploys the revision that serves once more, without twokey. */
function deployedOutside(harness: Harness): CodeDeployment {
  const codeDeploy = codeDeployOf(harness)
  const [group] = codeDeploy.groups
  return codeDeploy.create(
    { group: group!, revision: codeDeploy.deployments[0]!.revision, creator: 'user' },
    Date.now(),
  )
}

/** AWS allows nothing. */
const denied = {
  kind: 'answer',
  status: 400,
  body: { __type: 'AccessDeniedException', message: 'not authorized' },
} as const

const stopped = ({ sandbox }: Harness) => sandbox.aws.log.of('StopDeployment').map(({ body }) => body)

/** The state of each card, oldest first. */
const states = (harness: Harness) => harness.cards().map((card) => stateOf(card).split('\n')[0])

describe.concurrent('a rollback while CodeDeploy deploys', () => {
  scenario(
    'a rollback to what served before stops the deploy, and the rollback of CodeDeploy is its success',
    async ({ harness }) => {
      codeDeployed(harness, { terminationMinutes: 60, autoRollback: { enabled: false, events: [] } }, 60_000)
      await harness.approved()
      await harness.shows('baking')
      await rolledBack(harness, '/rollback blog-api 43')
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:43')
      await harness.sandbox.slack.until(() => states(harness)[0] === 'superseded')
      const [rollback, deploy] = codeDeployOf(harness).deployments
      expect(stopped(harness)).toEqual([{ deploymentId: deploy!.id, autoRollbackEnabled: true }])
      expect(rollback).toMatchObject({ creator: 'codeDeployRollback', undoes: deploy })
    },
  )

  scenario(
    'a rollback to an earlier revision stops the deploy, and is sent after CodeDeploy has rolled it back',
    async ({ harness }) => {
      codeDeployed(harness, { readyMinutes: 60 }, 60_000)
      codeDeployOf(harness).rollbackLag = 300
      await harness.approved()
      await harness.shows('paused')
      const codeDeploy = codeDeployOf(harness)
      const [deploy] = codeDeploy.deployments
      codeDeploy.groups[0]!.readyMinutes = null
      await rolledBack(harness, '/rollback blog-api 42')
      await harness.sandbox.aws.until(() => codeDeploy.deployments[0]?.description !== undefined)
      expect(deploy).toMatchObject({ status: 'Stopped', rollback: { status: 'Succeeded' } })
      expect(await harness.ends()).toBe('succeeded')
      expect(harness.serving()).toBe('blog-api:42')
      await harness.sandbox.slack.until(() => states(harness)[0] === 'superseded')
    },
  )

  scenario('a deployment of others that the card names is stopped', async ({ harness }) => {
    codeDeployed(harness, { readyMinutes: 60 }, 60_000)
    const other = deployedOutside(harness)
    await harness.types('U0ANA', '/rollback blog-api 42')
    expect(JSON.stringify(await harness.shows('awaiting approval'))).toContain(
      `Stops CodeDeploy’s deployment \`${other.id}\` of \`blog-api:43\``,
    )
    await harness.clicks('U0BEN', 'approve')
    await harness.sandbox.aws.until(() => created(harness).length === 1)
    expect(stopped(harness)).toEqual([{ deploymentId: other.id, autoRollbackEnabled: true }])
  })

  scenario('a deployment of others that begins later is stopped after new approvals', async ({ harness }) => {
    codeDeployed(harness, { readyMinutes: 60 }, 60_000)
    await harness.types('U0ANA', '/rollback blog-api 42')
    await harness.shows('awaiting approval')
    const other = deployedOutside(harness)
    await harness.clicks('U0BEN', 'approve')
    await harness.threadPost(new RegExp(`the deployment ${other.id} of blog-api:43 .* began`))
    expect(stopped(harness)).toEqual([])
    await harness.clicks('U0BEN', 'approve')
    await harness.sandbox.aws.until(() => created(harness).length === 1)
    expect(stopped(harness)).toEqual([{ deploymentId: other.id, autoRollbackEnabled: true }])
  })

  scenario('a rollback is refused while CloudFormation has CodeDeploy deploy', async ({ harness }) => {
    codeDeployed(harness, { readyMinutes: 60 }, 60_000)
    codeDeployOf(harness).outcomes.next({ kind: 'by-cloudformation', stack: 'arn:stack' })
    const { id } = deployedOutside(harness)
    expect(await harness.answerTo('U0ANA', '/rollback blog-api 42')).toMatch(
      new RegExp(`\\(${id}\\).*deployment_in_progress`),
    )
  })

  scenario(
    'a refused stop is posted, and the rollback is sent after the end of the deployment',
    async ({ harness }) => {
      codeDeployed(harness, { readyMinutes: 60 }, 60_000)
      deployedOutside(harness)
      harness.sandbox.aws.faults.queue('StopDeployment', denied)
      await rolledBack(harness, '/rollback blog-api 42')
      await harness.threadPost(/codedeploy:StopDeployment/)
      codeDeployOf(harness).minute = 1
      await harness.sandbox.aws.until(() => created(harness).length === 1)
      expect(stopped(harness)).toHaveLength(1)
    },
  )
})

describe.concurrent('a deployment that waits before its traffic is shifted', () => {
  scenario('the approvers continue it from the card', async ({ harness }) => {
    codeDeployed(harness, { readyMinutes: 60 }, 60_000)
    await harness.approved()
    await harness.shows('paused')
    for (const approver of ['U0BEN', 'U0CHLOE']) await harness.clicks(approver, 'continue')
    expect(await harness.ends()).toBe('succeeded')
    expect(harness.serving()).toBe('blog-api:44')
    expect(harness.sandbox.aws.log.of('ContinueDeployment').map(({ body }) => body)).toEqual([
      { deploymentId: codeDeployOf(harness).deployments[0]!.id, deploymentWaitType: 'READY_WAIT' },
    ])
  })

  scenario('one click rolls it back, also while the tasks before it are kept', async ({ harness }) => {
    codeDeployed(harness, { terminationMinutes: 60, autoRollback: { enabled: false, events: [] } }, 60_000)
    await harness.approved()
    await harness.shows('baking')
    await harness.clicks('U0ANA', 'stop-rollout')
    expect(await harness.ends()).toBe('rolled back')
    expect(harness.serving()).toBe('blog-api:43')
    expect(harness.sandbox.aws.log.of('StopDeployment')[0]!.body).toMatchObject({ autoRollbackEnabled: true })
  })
})
