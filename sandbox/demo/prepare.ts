import { addService } from '../aws/seed-world.ts'
import { iso, person } from '../github/people.ts'
import {
  deployPath,
  deployWorkflow,
  searchPath,
  searchWorkflow,
  webPath,
  webWorkflow,
  workerPath,
  workerWorkflow,
} from '../github/workflow-file.ts'
import type { Sandbox } from '../sandbox.ts'
import { revisions, web, worker } from '../seed.ts'
import { addSearch } from './search.ts'
import { addWeb, webAppSpec } from './web.ts'

/**
 * What `sandbox/twokey.yml` needs beyond the default world. CI has passed for every commit. Three more services have
 * workflows of their own: `blog-worker`, `blog-search` as a canary of ECS, and `blog-web`, which CodeDeploy deploys.
 * @param of `pushes`: default, only twokey deploys, because the workflow's push trigger is removed; or the workflow
 *   starts on a push, as in the default world
 */
export function prepareDemo(
  { aws, github }: Sandbox,
  { pushes = 'start nothing' }: { readonly pushes?: 'start nothing' | 'start runs' } = {},
): void {
  const { world } = github
  const repository = world.repository()
  const deploy = deployWorkflow(pushes === 'start runs' ? {} : { on: ['workflow_dispatch'] })
  const files = {
    [deployPath]: deploy,
    [workerPath]: workerWorkflow(),
    [searchPath]: searchWorkflow(),
    [webPath]: webWorkflow(),
    [web.appSpec]: webAppSpec(),
  }
  const message = pushes === 'start runs' ? 'Add a worker (#122)' : 'Deploy only by dispatch (#122)'
  for (const branch of ['main', 'develop'])
    repository.commit(branch, { message, author: person('Ana'), date: iso(Date.now()), files })
  world.learnWorkflows(repository)
  for (const { sha } of repository.git.commits.values())
    world.check(sha, { name: 'test', conclusion: 'success' })
  const { cluster, service, desired, family, revision } = worker
  const history = [{ taskDefinition: `${family}:${revision}`, at: Date.parse(revisions.at(-1)!.at) }]
  const production = repository.environment('production')
  // As docs/gates.md asks of a team whose pushes are held.
  if (production) production.canAdminsBypass = false
  addService(aws.world, { cluster, service, desired, history })
  addSearch(aws.world)
  addWeb(aws.world)
}
