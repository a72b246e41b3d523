import { deployPath, deployWorkflow } from '../github/workflow-file.ts'
import type { Sandbox } from '../sandbox.ts'

/** Nothing but twokey ships: the workflow no longer starts by itself on a push. */
export function dispatchedAlone({ github }: Sandbox): void {
  const text = deployWorkflow({ on: ['workflow_dispatch'] })
  for (const branch of ['main', 'develop'])
    github.world.push(branch, { message: 'Deploy by dispatch alone (#122)', files: { [deployPath]: text } })
}
