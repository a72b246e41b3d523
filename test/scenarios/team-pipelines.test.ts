import { describe, expect } from 'vitest'
import {
  deployPath,
  deployWorkflow,
  type PipelineName,
  pipelineWorkflow,
} from '../../sandbox/github/workflow-file.ts'
import { services } from '../../sandbox/seed.ts'
import { configText, dispatchRoute, type Harness, scenario } from './harness.ts'

/** Only blog-api in prod, by a workflow that serves nothing else. */
const prodAlone = configText.replace(/ {6}dev: .*\n/, '')
/** The branch of the dispatch decides where it ships. */
const byBranch = configText.replace(
  '    workflow: deploy.yml\n',
  '    workflow: deploy.yml\n    environmentFrom: branch\n',
)

/** Commits the team's file to both branches, as if it had always been there: no run starts. */
async function put(harness: Harness, name: PipelineName): Promise<void> {
  const { world } = harness.sandbox.github
  const repository = world.repository()
  for (const branch of ['develop', 'main']) {
    const { author, date } = repository.git.tip(`heads/${branch}`)!
    repository.commit(branch, {
      message: 'Deploy as the team does',
      author,
      date,
      files: { [deployPath]: pipelineWorkflow(name) },
    })
  }
  world.learnWorkflows(repository)
}

const revisionIn = (harness: Harness, { cluster, service }: { cluster: string; service: string }) =>
  harness.sandbox.aws.world.service(cluster, service)?.taskDefinition

describe.concurrent('a team’s own workflow, as it stands', () => {
  const prodScenario = scenario.extend<{ config: string }>({ config: prodAlone })
  const branchScenario = scenario.extend<{ config: string }>({ config: byBranch })

  prodScenario(
    'ships the approved tip by a workflow with push and dispatch and no inputs',
    async ({ harness }) => {
      await put(harness, 'pipeline')
      await harness.approved()
      const card = await harness.shows('succeeded')
      expect(harness.serving()).toBe('blog-api:44')
      expect(harness.sandbox.github.log.of(dispatchRoute).map(({ body }) => body)).toMatchObject([
        { ref: 'main', inputs: {} },
      ])
      expect(card.text).toContain('exit code 0')
    },
  )

  branchScenario.for([
    ['prod', services.prod, services.dev],
    ['dev', services.dev, services.prod],
  ] as const)(
    'a matrix that the branch selects ships to the requested environment alone: /deploy %s',
    async ([environment, own, other], { harness }) => {
      await put(harness, 'pipeline-branches')
      const before = revisionIn(harness, other)
      const was = revisionIn(harness, own)
      if (environment === 'prod') await harness.approved()
      else await harness.types('U0ANA', '/deploy dev')
      const card = await harness.shows('succeeded')
      expect(revisionIn(harness, own)).not.toBe(was)
      expect(revisionIn(harness, other)).toBe(before)
      expect(JSON.stringify(card.replies[0]?.blocks)).toContain('known only once it has started')
    },
  )

  branchScenario(
    'refuses a workflow with a job that ships elsewhere whatever the branch',
    async ({ harness }) => {
      const { world } = harness.sandbox.github
      const text = deployWorkflow()
        .replace(/ {2}push:\n.*\n/, '')
        .replace(/ {4}inputs:\n(?: {6}.*\n)+/, '')
        .replace(/environment: \$\{\{.*/, 'environment: production')
      world.push('develop', { message: 'Ship to production', files: { [deployPath]: text } })
      expect(await harness.answerTo('U0ANA', '/deploy dev')).toContain('workflow_other_environment')
      expect(harness.cards()).toEqual([])
    },
  )
})
