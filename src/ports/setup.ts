import type { BindingRules } from '../release/inputs.ts'
import type { Target } from '../release/names.ts'
import type { EligibleApprovers, EligibleApproversAsk } from '../release/policy/eligible-approvers.ts'
import type { Refusal } from '../release/refusal.ts'
import type { AwsQueue } from './aws-signal.ts'
import type { Gate } from './gates.ts'
import type { Ecs } from './ports.ts'

/** A workflow that a deploy would dispatch: the commit of the branch's tip, and what starts it there besides a dispatch. */
export type DispatchableWorkflow = { readonly tip: string; readonly startsOn: readonly string[] }

/**
 * As whom twokey acts on GitHub. `lacks`: permissions that the App needs and does not have, as `deployments: write`. A token may
 * belong to an App, too, whose name GitHub does not show.
 */
export type GitHubAccount =
  | { readonly is: 'user'; readonly login: string }
  | { readonly is: 'app'; readonly slug: string; readonly lacks: readonly string[] }
  | { readonly is: 'token of an app' }

/** What a check of the setup reads from GitHub. Methods throw `Trouble`. */
export interface GitHubSetup {
  /** As whom twokey acts. */
  account(): Promise<GitHubAccount>
  /** What GitHub itself requires before a job of this environment runs. */
  protection(ask: { readonly repository: string; readonly environment: string }): Promise<Gate>
  /**
   * Whether the workflow of the branch's tip can be dispatched with the inputs that the config fills. Reads fewer files than
   * `GitHub.inspect`: neither jobs nor commits.
   */
  workflow(ask: {
    readonly repository: string
    readonly workflow: string
    readonly branch: string
    readonly rules: (sha: string) => BindingRules
  }): Promise<DispatchableWorkflow | { readonly refused: Refusal }>
}

/** What a check of the setup reads from ECS. Methods throw `Trouble`. */
export interface EcsSetup extends Pick<Ecs, 'missing'> {
  /** The ARN of the task definition that the service should run; null if ECS has no such service. */
  definitionOf(target: Target): Promise<string | null>
}

/** What a check of the setup reads of a queue of events. */
export type QueueSetup = Pick<AwsQueue, 'url' | 'exists'>

/** A channel as Slack shows it to twokey. `isShared`: with another organization. */
export type ChannelSeen = {
  readonly name: string
  readonly isMember: boolean
  readonly isArchived: boolean
  readonly isShared: boolean
}

/** A user group, guests and people who left included. `handle`: as in `@deployers`; null if Slack does not show it. */
export type GroupSeen = { readonly handle: string | null; readonly members: number }

/** What a check of the setup reads from Slack. Methods throw `Trouble`. */
export interface SlackSetup {
  /** Null if Slack has no such channel, or it is private and twokey is not in it. */
  channel(id: string): Promise<ChannelSeen | null>
  /** Null if there is no such group, or it is disabled. */
  group(id: string): Promise<GroupSeen | null>
  /** Why an account may decide nothing here; null for a full member. */
  notAMember(id: string): Promise<string | null>
  /** As in `People`. */
  eligibleApprovers(list: readonly string[], ask: EligibleApproversAsk): Promise<EligibleApprovers>
}
