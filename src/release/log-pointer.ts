import type { AwsLocation, Target } from './names.ts'

/** Where the last lines of the log are that explain an end. */
export type LogPointer =
  | { readonly log: 'job'; readonly repository: string; readonly jobId: number }
  | (AwsLocation & {
      readonly log: 'migration'
      readonly cluster: string
      readonly taskArn: string
      readonly container?: string
    })
  | { readonly log: 'rollout'; readonly target: Target; readonly deploymentId: string }
