import { addService } from '../aws/seed-world.ts'
import { deployPath, deployWorkflow, workerPath, workerWorkflow } from '../github/workflow-file.ts'
import type { Sandbox } from '../sandbox.ts'
import { revisions, worker } from '../seed.ts'

/**
 * What `sandbox/twokey.yml` needs beyond the default world. Only twokey deploys in the demo: the workflow's push trigger
 * is removed. CI has passed for every commit. A second service, `blog-worker`, has a workflow of its own.
 */
export function prepareDemo({ aws, github }: Sandbox): void {
  const files = {
    [deployPath]: deployWorkflow({ on: ['workflow_dispatch'] }),
    [workerPath]: workerWorkflow(),
  }
  for (const branch of ['main', 'develop'])
    github.world.push(branch, { message: 'Deploy only by dispatch (#122)', files })
  for (const { sha } of github.world.repository().git.commits.values())
    github.world.check(sha, { name: 'test', conclusion: 'success' })
  const { cluster, service, desired, family, revision } = worker
  const history = [{ taskDefinition: `${family}:${revision}`, at: Date.parse(revisions.at(-1)!.at) }]
  addService(aws.world, { cluster, service, desired, history })
}
