import type { Answer } from '../release/answer.ts'

/** What twokey shows on the pages of GitHub. */
export type ShowOnGitHub = {
  /** Shows a comment beside the gate at which a run waits, once. Only a GitHub App can. Does not throw. */
  reportGate(ask: {
    readonly repository: string
    readonly runId: number
    readonly environment: string
    readonly comment: string
    /** As in `reviewGate` of `GitHub`. */
    readonly maySend: () => Promise<boolean>
  }): Promise<Extract<Answer, { to: 'report-gate' }>>
  /** Records a deployment that succeeded, unless there is one of this release already. Does not throw. */
  showDeployment(ask: {
    readonly repository: string
    readonly environment: string
    readonly commit: string
    readonly release: string
    readonly description: string
    /** As in `reviewGate` of `GitHub`. */
    readonly maySend: () => Promise<boolean>
  }): Promise<Extract<Answer, { to: 'show-deployment' }>>
}
