import type { CommitFrom } from '../release/commit-source.ts'
import type { InputMap } from '../release/inputs.ts'
import type { FreezeWindow } from '../release/policy/freeze.ts'
import { durationMs } from './duration.ts'
import { standard } from './environment-schema.ts'
import { inputMap } from './inputs.ts'
import type { Path } from './problems.ts'
import type { ConfigFile } from './schema.ts'

/** Who must approve before a release continues. */
export type ApprovalPolicy = {
  /** Distinct people; 0 for none. */
  readonly required: number
  /** Slack account (U…, W…) and user group (S…) IDs; empty only if `required` is 0. */
  readonly approvers: readonly string[]
  readonly requesterMayApprove: boolean
  readonly authorsMayApprove: boolean
  readonly expireAfterMs: number
}

/** An ECS service by the names of its cluster and itself. */
export type Target = { readonly cluster: string; readonly service: string }

/** All settings of one service in one environment, resolved. */
export type ServiceEnvironment = {
  readonly service: string
  readonly environment: string
  /** `owner/name` on GitHub. */
  readonly repository: string
  /** File name in `.github/workflows`. */
  readonly workflow: string
  /** The service's map with the environment's merged over it, input by input; default names are not filled in. */
  readonly inputs: InputMap
  /** `branch`: the workflow derives the environment from its branch, so no input has to name it. */
  readonly environmentFrom: 'input' | 'branch'
  /** The containers whose image contains the commit; at least one. */
  readonly containers: readonly string[]
  /** Where the containers name their commit; absent: in the tags of their images, and the usual labels and variables. */
  readonly commitFrom?: CommitFrom
  /** `container` absent: the only essential one. */
  readonly migration?: { readonly family: string; readonly cluster: string; readonly container?: string }
  /** Where migrations are in the repository; absent: where tools keep them. */
  readonly migrationPaths?: readonly string[]
  readonly branch: string
  /** The value of the workflow's input `environment`. */
  readonly githubEnvironment: string
  /** Slack channel ID for the cards. */
  readonly channel: string
  /** Absent: the AWS SDK's default. */
  readonly region?: string
  /** The role to assume; absent: twokey's own credentials. */
  readonly roleArn?: string
  /** At least one. */
  readonly targets: readonly Target[]
  /** `everyone`, or Slack account and user group IDs. */
  readonly requesters: 'everyone' | readonly string[]
  readonly policy: ApprovalPolicy
  /** Who approves that a paused rollout continues; absent: who approves the release. */
  readonly pause?: { readonly policy: ApprovalPolicy }
  readonly waitMs: number
  readonly rollback: { readonly policy: ApprovalPolicy; readonly waitMs: number }
  /** Null: no emergency deploys. */
  readonly emergency: {
    readonly requesters: 'everyone' | readonly string[]
    readonly policy: ApprovalPolicy
    readonly waitMs: number
  } | null
  readonly freezes: readonly FreezeWindow[]
  /** Environments in which the commit must have succeeded first. */
  readonly requires: readonly string[]
  /** Null: checks are shown only. `redCommit`: approvals for a commit whose checks failed; null: it is refused. */
  readonly checks: { readonly redCommit: number | null } | null
  /** Whether people may approve in channels that are shared with other organizations. */
  readonly externalChannels: boolean
  /** Slack account and user group IDs. */
  readonly notify: readonly string[]
  readonly deadlines: { readonly runMs: number; readonly rolloutMs: number }
}

/** Accounts of one person. */
export type Person = { readonly slack: readonly string[]; readonly github?: string }

/** The config file with all defaults and overrides applied. */
export type Config = {
  /** Slack channel ID for messages that belong to no environment. */
  readonly channel: string
  /** Slack workspace IDs of the same organization, whose people count as members. */
  readonly workspaces: readonly string[]
  /** Who may read status, history, lists and forms. */
  readonly readers: 'members' | 'everyone'
  /** Who gets direct messages without having asked for them. */
  readonly directMessages: { readonly approvers: boolean; readonly requester: boolean }
  readonly defaults: { readonly environment?: string; readonly service?: string }
  readonly polling: { readonly activeMs: number; readonly idleMs: number; readonly settleMs: number }
  readonly people: readonly Person[]
  /** Addresses of SQS queues with events of AWS. */
  readonly queues: readonly string[]
  /** Names, in the order of the file. */
  readonly environments: readonly string[]
  /** GitHub's name of each environment, unless a service sets another one. */
  readonly githubEnvironments: Readonly<Record<string, string>>
  readonly services: readonly string[]
  /** Every service in every environment it deploys to, in the order of the file. */
  readonly serviceEnvironments: readonly ServiceEnvironment[]
}

/** The 1-based line of a path in the file. */
type LineOf = (path: Path) => number

/** Applies defaults and overrides to a file without problems. */
export function resolve(file: ConfigFile, lineOf: LineOf): Config {
  const { active, idle, settle } = file.polling
  return {
    channel: file.slack.channel,
    workspaces: file.slack.workspaces ?? [],
    readers: file.slack.readers,
    directMessages: file.slack.directMessages,
    defaults: file.defaults,
    polling: { activeMs: active, idleMs: idle, settleMs: settle },
    people: file.people,
    queues: file.events.map(({ queueUrl }) => queueUrl),
    environments: Object.keys(file.environments),
    githubEnvironments: Object.fromEntries(
      Object.entries(file.environments).map(([name, said]) => [name, said.githubEnvironment ?? name]),
    ),
    services: Object.keys(file.services),
    serviceEnvironments: Object.entries(file.services).flatMap(([service, said]) =>
      Object.keys(said.environments).map((environment) => resolveOne(file, service, environment, lineOf)),
    ),
  }
}

function resolveOne(
  file: ConfigFile,
  service: string,
  environment: string,
  lineOf: LineOf,
): ServiceEnvironment {
  const written = file.services[service]!
  const own = written.environments[environment]!
  const common = file.environments[environment]!
  const merged = { ...common, ...own }
  const approvals = { ...common.approvals, ...own.approvals }
  const pauseApprovals = { ...common.pause?.approvals, ...own.pause?.approvals }
  const rollbackApprovals = { ...approvals, ...common.rollback?.approvals, ...own.rollback?.approvals }
  const targets = own.targets ?? [{ cluster: own.cluster!, service: own.service! }]
  const migration = { ...written.migration, ...own.migration }
  const { region, roleArn } = { ...common.aws, ...own.aws }
  const deadlines = { ...common.deadlines, ...own.deadlines }
  return {
    service,
    environment,
    repository: written.repository,
    workflow: (own.workflow ?? written.workflow)!,
    inputs: {
      ...inputMap(written.inputs, (name) => lineOf(['services', service, 'inputs', name])),
      ...inputMap(own.inputs, (name) =>
        lineOf(['services', service, 'environments', environment, 'inputs', name]),
      ),
    },
    environmentFrom: written.environmentFrom ?? standard.environmentFrom,
    containers: (own.containers ?? written.containers)!,
    ...commitFromOf(own.commitFrom ?? written.commitFrom),
    ...(migration.family !== undefined && {
      migration: { cluster: targets[0]!.cluster, ...migration, family: migration.family },
    }),
    ...(written.migrationPaths && { migrationPaths: written.migrationPaths }),
    branch: merged.branch,
    githubEnvironment: merged.githubEnvironment ?? environment,
    channel: merged.channel ?? file.slack.channel,
    ...(region && { region }),
    ...(roleArn && { roleArn }),
    targets,
    requesters: merged.requesters ?? standard.requesters,
    policy: policyOf(approvals),
    ...(Object.keys(pauseApprovals).length > 0 && {
      pause: { policy: policyOf({ ...approvals, ...pauseApprovals }) },
    }),
    waitMs: merged.wait ?? ms(standard.wait),
    rollback: {
      policy: policyOf(rollbackApprovals),
      waitMs: own.rollback?.wait ?? common.rollback?.wait ?? ms(standard.wait),
    },
    emergency: merged.emergency
      ? {
          requesters: merged.emergency.requesters ?? merged.requesters ?? standard.requesters,
          policy: policyOf({ ...approvals, ...merged.emergency.approvals }),
          waitMs: merged.emergency.wait ?? ms(standard.wait),
        }
      : null,
    freezes: (merged.freezes ?? []).map(windowOf),
    requires: merged.requires ?? [],
    checks: merged.checks === 'required' ? { redCommit: merged.redCommit?.approvals ?? null } : null,
    externalChannels: merged.externalChannels ?? standard.externalChannels,
    notify: merged.notify ?? standard.notify,
    deadlines: {
      runMs: deadlines.run ?? ms(standard.deadlines.run),
      rolloutMs: deadlines.rollout ?? ms(standard.deadlines.rollout),
    },
  }
}

type FileCommitFrom = ConfigFile['services'][string]['commitFrom']

function commitFromOf(commitFrom: FileCommitFrom): Pick<ServiceEnvironment, 'commitFrom'> {
  if (commitFrom?.env !== undefined) return { commitFrom: { env: commitFrom.env } }
  return commitFrom?.label === undefined ? {} : { commitFrom: { label: commitFrom.label } }
}

type FileApprovals = ConfigFile['environments'][string]['approvals']

function policyOf(approvals: FileApprovals): ApprovalPolicy {
  return {
    required: approvals.required,
    approvers: approvals.approvers ?? [],
    requesterMayApprove: approvals.requesterMayApprove ?? standard.requesterMayApprove,
    authorsMayApprove: approvals.authorsMayApprove ?? standard.authorsMayApprove,
    expireAfterMs: approvals.expireAfter ?? ms(standard.expireAfter),
  }
}

type FileFreeze = NonNullable<ConfigFile['environments'][string]['freezes']>[number]

function windowOf({ weekly, from, to, timezone, approvals, reason }: FileFreeze): FreezeWindow {
  const common = { timezone, approvals: approvals ?? null, reason: reason ?? null }
  if (weekly) return { every: 'week', ...weekly, ...common }
  if (from !== undefined && to !== undefined) return { every: 'once', from, to, ...common }
  throw new Error('a freeze without a time')
}

function ms(duration: string): number {
  const value = durationMs(duration)
  if (value === undefined) throw new Error(`not a duration: ${duration}`)
  return value
}
