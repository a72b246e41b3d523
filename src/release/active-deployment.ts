import type { Target } from './names.ts'

/** A deployment of CodeDeploy that has not ended. CodeDeploy allows one at a time, so a rollback is sent after its end. */
export type ActiveDeployment = {
  readonly target: Target
  readonly deploymentId: string
  /** What it deploys, as in `blog-api:44`; null: that cannot be read. */
  readonly revision: string | null
  /**
   * How it ends. `stoppable`: a rollback may stop it. `ending`: CodeDeploy goes back by it, or may still begin to.
   * `of CloudFormation`: only an update of its stack that is cancelled stops it.
   */
  readonly is: 'stoppable' | 'ending' | 'of CloudFormation'
}

/** A deployment that a rollback stops, as the approvals name it. */
export type StoppedDeployment = Pick<ActiveDeployment, 'target' | 'deploymentId' | 'revision'>
