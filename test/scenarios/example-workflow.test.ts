import { readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { deployByCodeDeploy } from '../../sandbox/aws/codedeploy/seed.ts'
import { deployPath, workflowIn } from '../../sandbox/github/workflow-file.ts'
import { services } from '../../sandbox/seed.ts'
import { deployWorkflow } from '../../src/init/workflow.ts'
import { examplePlan } from '../init/example-plan.ts'
import { type Harness, scenario } from './harness.ts'

const example = readFileSync(new URL('../../docs/examples/deploy.yml', import.meta.url), 'utf8')

/** Commits the example, or another workflow, to both branches, as if it had always been there. */
function put({ sandbox }: Harness, content = example): void {
  const { world } = sandbox.github
  const repository = world.repository()
  for (const branch of ['develop', 'main']) {
    const { author, date } = repository.git.tip(`heads/${branch}`)!
    const files = { [deployPath]: content }
    repository.commit(branch, { message: 'Deploy by twokey', author, date, files })
  }
  world.learnWorkflows(repository)
}

/** Everything that the newest card and its thread show. */
const shown = ({ cards }: Harness) => JSON.stringify(cards().at(-1))

describe.concurrent('docs/examples/deploy.yml', () => {
  scenario.for([
    ['dev', services.dev],
    ['prod', services.prod],
  ] as const)(
    'ships the approved commit to %s, with its migration and its tag, and nothing in it is unbound',
    async ([environment, { cluster, service }], { harness }) => {
      put(harness)
      if (environment === 'prod') await harness.approved()
      else await harness.types('U0ANA', '/deploy dev')
      expect(await harness.ends()).toBe('succeeded')
      const { aws, github } = harness.sandbox
      const [run] = github.world.repository().runs
      const [release] = /r-[\w-]+/.exec(run!.title) ?? []
      const definition = aws.world.service(cluster, service)!.taskDefinition
      expect(definition.tags).toContainEqual({ key: 'twokey-release', value: release })
      const [container] = definition.containerDefinitions!
      const [name, digest] = container!.image!.split('@')
      expect(name).toMatch(/\/blog-api$/)
      expect(aws.world.imageIn('blog-api', { digest: digest! })?.tags).toEqual([
        `${run!.headSha}-${run!.id}-1`,
      ])
      expect(container!.dockerLabels).toEqual({ 'org.opencontainers.image.revision': run!.headSha })
      expect(aws.world.oneOffTasks.map(({ startedBy }) => startedBy)).toEqual([
        `deploy-${run!.headSha}-${release}`,
      ])
      expect(shown(harness)).not.toMatch(
        /Not covered by the approvals|Approvals do not cover|Not read|also starts on|known only once|matched by time/,
      )
    },
  )

  scenario('the workflow of a service that CodeDeploy deploys ships it', async ({ harness }) => {
    const { world } = harness.sandbox.aws
    world.codeDeploy.minute = 60
    const names = { application: 'shop', group: 'shop-prod' }
    deployByCodeDeploy(world, world.service(services.prod.cluster, services.prod.service)!, names)
    const [dev, prod] = examplePlan.environments
    const codeDeploy = { ...names, container: 'api', port: 8080 }
    put(harness, deployWorkflow({ ...examplePlan, environments: [dev, { ...prod!, codeDeploy }] }))
    await harness.approved()
    expect(await harness.ends()).toBe('succeeded')
    const created = harness.sandbox.aws.log.of('CreateDeployment')
    expect(created.map(({ body }) => body)).toMatchObject([
      {
        applicationName: 'shop',
        deploymentGroupName: 'shop-prod',
        description: expect.stringMatching(/^r-/),
      },
    ])
    expect(harness.serving()).toBe('blog-api:44')
    expect(shown(harness)).not.toMatch(/Not covered by the approvals|known only once|matched by time/)
  })

  scenario(
    'the example workflow starts only on a dispatch, and a push ships nothing',
    async ({ harness }) => {
      put(harness)
      harness.sandbox.github.world.push('main', { message: 'Sort tags' })
      expect(harness.sandbox.github.world.repository().runs).toEqual([])
      expect(Object.keys(workflowIn(example)!.on)).toEqual(['workflow_dispatch'])
    },
  )

  scenario('the example workflow names every action by a full commit', () => {
    const uses = [...example.matchAll(/uses: (\S+)/g)].map(([, name]) => name)
    expect(uses.length).toBeGreaterThan(4)
    for (const name of uses) expect(name).toMatch(/@[0-9a-f]{40}$/)
  })
})
