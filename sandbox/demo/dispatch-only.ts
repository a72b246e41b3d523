import { deployPath, deployWorkflow } from '../github/workflow-file.ts'
import type { Sandbox } from '../sandbox.ts'

/** Only twokey deploys in the demo: removes the workflow's push trigger. */
export function deployByDispatchOnly({ github }: Sandbox): void {
  const text = deployWorkflow({ on: ['workflow_dispatch'] })
  for (const branch of ['main', 'develop'])
    github.world.push(branch, { message: 'Deploy only by dispatch (#122)', files: { [deployPath]: text } })
}
