import { describe, expect } from 'vitest'
import {
  deployPath,
  deployWorkflow,
  type PipelineName,
  pipelineWorkflow,
} from '../../src/sandbox/github/workflow-file.ts'
import { services } from '../../src/sandbox/seed.ts'
import { configText, dispatchRoute, story, type Town } from './harness.ts'

/** blog-api in prod alone, by a workflow that serves nothing else. */
const prodAlone = configText.replace(/ {6}dev: .*\n/, '')
/** The branch of the dispatch decides where it ships to. */
const byBranch = configText.replace(
  '    workflow: deploy.yml\n',
  '    workflow: deploy.yml\n    environmentFrom: branch\n',
)

/** Both branches carry the team's file, as if they always had: the pushes that brought it are over. */
async function put(town: Town, name: PipelineName): Promise<void> {
  const { world } = town.sandbox.github
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

const revisionIn = (town: Town, { cluster, service }: { cluster: string; service: string }) =>
  town.sandbox.aws.world.service(cluster, service)?.taskDefinition

describe.concurrent('a team’s own workflow, as it stands', () => {
  const prodStory = story.extend<{ config: string }>({ config: prodAlone })
  const branchStory = story.extend<{ config: string }>({ config: byBranch })

  prodStory('push and dispatch without inputs: `/deploy prod` ships the approved tip', async ({ town }) => {
    await put(town, 'pipeline')
    await town.approved()
    const card = await town.shows('succeeded')
    expect(town.serving()).toBe('blog-api:44')
    expect(town.sandbox.github.log.of(dispatchRoute).map(({ body }) => body)).toMatchObject([
      { ref: 'main', inputs: {} },
    ])
    expect(card.text).toContain('exit code 0')
  })

  branchStory.for([
    ['prod', services.prod, services.dev],
    ['dev', services.dev, services.prod],
  ] as const)(
    'a matrix that the branch chooses: `/deploy %s` ships there and nowhere else',
    async ([environment, own, other], { town }) => {
      await put(town, 'pipeline-branches')
      const before = revisionIn(town, other)
      const was = revisionIn(town, own)
      if (environment === 'prod') await town.approved()
      else await town.says('U0ANA', '/deploy dev')
      const card = await town.shows('succeeded')
      expect(revisionIn(town, own)).not.toBe(was)
      expect(revisionIn(town, other)).toBe(before)
      expect(JSON.stringify(card.replies[0]?.blocks)).toContain('known only once it has started')
    },
  )

  branchStory(
    'a job that ships elsewhere whatever the branch: refused before anyone is asked',
    async ({ town }) => {
      const { world } = town.sandbox.github
      const text = deployWorkflow()
        .replace(/ {2}push:\n.*\n/, '')
        .replace(/ {4}inputs:\n(?: {6}.*\n)+/, '')
        .replace(/environment: \$\{\{.*/, 'environment: production')
      world.push('develop', { message: 'Ship to production', files: { [deployPath]: text } })
      expect(await town.asks('U0ANA', '/deploy dev')).toContain('workflow_other_environment')
      expect(town.cards()).toEqual([])
    },
  )
})
