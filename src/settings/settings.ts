import type { CommitFrom } from '../release/commit-source.ts'
import { distinctiveValues } from '../release/input-binding.ts'
import type { BindingRules, InputMap } from '../release/inputs.ts'
import type { Requesters } from '../release/look.ts'
import {
  isSameOnGitHub,
  locationOf,
  type ServiceEnvironmentName,
  type Target,
  type Time,
  targetName,
} from '../release/names.ts'
import { type Person, type Policy, stricter } from '../release/policy/approval.ts'
import { type ChecksRule, stricterChecks } from '../release/policy/checks-rule.ts'
import type { CurrentRules } from '../release/policy/current-rules.ts'
import type { Freeze, FreezeWindow } from '../release/policy/freeze.ts'
import type { Locked } from '../release/policy/lock.ts'
import { pausePolicies } from '../release/policy/pause-round.ts'
import type { Release } from '../release/release.ts'
import type { Polling } from '../release/stages/stage-rules.ts'
import { othersBehindGate, withApprovalsOf } from './behind-gate.ts'
import { freezeAt } from './freeze-times.ts'

/** One service in one environment with all its settings merged. This is all that the engine needs of the config. */
export type ServiceEnvironment = {
  readonly service: string
  readonly environment: string
  readonly repository: string
  readonly workflow: string
  /** What the file says about the workflow's inputs; default names are not filled in. */
  readonly inputs: InputMap
  /** `branch`: the workflow derives the environment from its branch, so no input has to name it. */
  readonly environmentFrom: 'input' | 'branch'
  readonly containers: readonly string[]
  /** The field in which images name the commit; absent: the usual ones. */
  readonly commitFrom?: CommitFrom
  readonly migration?: { readonly family: string; readonly cluster: string; readonly container?: string }
  /** Where migrations are in the repository; absent: where tools keep them. */
  readonly migrationPaths?: readonly string[]
  readonly branch: string
  readonly githubEnvironment: string
  readonly channel: string
  readonly region?: string
  /** The role to assume; absent: twokey's own credentials. */
  readonly roleArn?: string
  readonly targets: readonly Target[]
  readonly requesters: Requesters
  readonly policy: Policy
  /** Who approves that a paused rollout continues; absent: who approves the release. */
  readonly pause?: { readonly policy: Policy }
  readonly waitMs: number
  readonly rollback: { readonly policy: Policy; readonly waitMs: number }
  /** What an emergency deploy needs; null if there are none here. */
  readonly emergency: {
    readonly requesters: Requesters
    readonly policy: Policy
    readonly waitMs: number
  } | null
  readonly freezes: readonly FreezeWindow[]
  /** Environments where the commit must have succeeded first. */
  readonly requires: readonly string[]
  /** Whether the required checks of the commit must have passed; null: they need not. */
  readonly checks: ChecksRule | null
  /** Whether people of other organizations may request, approve and read. */
  readonly externalChannels: boolean
  readonly notify: readonly string[]
  readonly deadlines: { readonly runMs: number; readonly rolloutMs: number }
}

export type Settings = {
  /** Who may read status, history, lists and forms. */
  readonly readers: 'members' | 'everyone'
  /** Who gets direct messages without having asked for them: those who may approve, the requester at the end. */
  readonly directMessages: { readonly approvers: boolean; readonly requester: boolean }
  readonly defaults: { readonly environment?: string; readonly service?: string }
  readonly polling: Polling & { readonly settleMs: number }
  readonly environments: readonly string[]
  /** GitHub's name for each environment, unless a service has its own. */
  readonly githubEnvironments: Readonly<Record<string, string>>
  readonly services: readonly string[]
  readonly serviceEnvironments: readonly ServiceEnvironment[]
}

/** Accounts that belong to the same person, as used by every policy. */
export function accountsOf({ serviceEnvironments }: Settings): readonly Person[] {
  return serviceEnvironments[0]?.policy.people ?? []
}

/** A release, or a request for one. */
type Shipped = Pick<Release, 'id' | 'requester' | 'service' | 'environment' | 'subject' | 'targets'> & {
  readonly emergency?: object | null
}

/**
 * The rules that apply now to a release; null if the config no longer allows this release. An emergency has its own terms,
 * which exempt it from what blocks other deploys.
 */
export function currentRules(settings: Settings, release: Shipped): CurrentRules | null {
  const serviceEnvironment = serviceEnvironmentOf(settings, release)
  if (!serviceEnvironment || !ships(serviceEnvironment, release)) return null
  const { requesters } = serviceEnvironment
  const { subject } = release
  if (subject.kind === 'rollback')
    return {
      requesters,
      ...serviceEnvironment.rollback,
      ...pausePolicyOf(serviceEnvironment),
      requires: [],
      checks: null,
      rules: null,
    }
  const { id: releaseId, requester } = release
  const rules = bindingRules(settings, serviceEnvironment, { sha: subject.commit.sha, releaseId, requester })
  if (release.emergency)
    return (
      serviceEnvironment.emergency && { ...serviceEnvironment.emergency, requires: [], checks: null, rules }
    )
  const { pause, ...strictest } = withApprovalsOf(
    strictestOf([serviceEnvironment, ...sharingGate(settings, release)]),
    isGateOfOthers(subject) ? othersBehindGate(settings.serviceEnvironments, subject) : [],
  )
  const emergencies = serviceEnvironment.emergency && { emergencies: 'allowed' as const }
  return { requesters, ...strictest, ...pausePolicyOf({ pause }), rules, ...emergencies }
}

/** The strictest of the rules of service environments, at least one. */
export function strictestOf(
  serviceEnvironments: readonly ServiceEnvironment[],
): Pick<ServiceEnvironment, 'policy' | 'pause' | 'waitMs' | 'requires' | 'checks'> {
  const pauses = serviceEnvironments.map(({ pause, policy }) => pause?.policy ?? policy)
  const isPauseNamed = serviceEnvironments.some(({ pause }) => pause !== undefined)
  return {
    policy: serviceEnvironments.map(({ policy }) => policy).reduce(stricter),
    ...(isPauseNamed && { pause: { policy: pauses.reduce(stricter) } }),
    waitMs: Math.max(...serviceEnvironments.map(({ waitMs }) => waitMs)),
    requires: [...new Set(serviceEnvironments.flatMap(({ requires }) => requires))],
    checks: serviceEnvironments.map(({ checks }) => checks).reduce(stricterChecks),
  }
}

/** Who approves that a rollout continues; nothing: who approves the release. */
export function pausePolicyOf({ pause }: Pick<ServiceEnvironment, 'pause'>) {
  return pause && { pausePolicy: pause.policy }
}

/** The other service environments whose rules apply to a run, because it passes a gate that is theirs too. */
export function sharingGate(
  settings: Settings,
  { service, environment, subject }: Pick<Shipped, 'service' | 'environment' | 'subject'>,
): readonly ServiceEnvironment[] {
  if (subject.kind === 'rollback' || !isGateOfOthers(subject)) return []
  return besideAtGate(settings, { ...subject, service, environment })
}

/** Whether the run passes a gate that may be that of other service environments, too. */
export function isGateOfOthers(subject: Release['subject']): boolean {
  return isOfGate(subject) || (subject.kind !== 'rollback' && subject.isGateShared === true)
}

/** The other service environments that runs of the same workflow and branch reach through the same gate. */
export function besideAtGate(
  settings: Pick<Settings, 'serviceEnvironments'>,
  own: OfWorkflow & Pick<ServiceEnvironment, 'branch' | 'githubEnvironment'>,
): readonly ServiceEnvironment[] {
  return siblingsOf(settings, own).filter(
    ({ branch, githubEnvironment }) =>
      branch === own.branch && isSameOnGitHub(githubEnvironment, own.githubEnvironment),
  )
}

/** Whether the run of the release waited at a gate, which may be that of several service environments. */
function isOfGate(subject: Release['subject']): boolean {
  return subject.kind === 'gate' || (subject.kind === 'rerun' && subject.run.first.kind === 'gate')
}

/** The policies that decide who approves a release: the one at its request, and the current one. */
export function policiesOf(
  settings: Settings,
  release: Shipped & Pick<Release, 'policy'>,
): readonly Policy[] {
  const now = currentRules(settings, release)
  return now === null ? [release.policy] : [release.policy, now.policy]
}

/** The same for who approves that a paused rollout continues. */
export function pausePoliciesOf(
  settings: Settings,
  release: Shipped & Pick<Release, 'policy' | 'pause' | 'pausePolicy'>,
): readonly Policy[] {
  return pausePolicies(release, currentRules(settings, release))
}

/**
 * What a dispatch of this commit would do: the inputs it sends, and the other service environments that the same workflow
 * serves.
 */
export function bindingRules(
  settings: Settings,
  serviceEnvironment: ServiceEnvironment,
  {
    sha,
    releaseId,
    requester,
  }: { readonly sha: string; readonly releaseId: string; readonly requester: string },
): BindingRules {
  const { service, environment, branch, githubEnvironment, environmentFrom, inputs } = serviceEnvironment
  return {
    service,
    environment,
    branch,
    environmentFrom,
    map: inputs,
    values: { environment: githubEnvironment, sha, branch, release_id: releaseId, service, requester },
    siblings: siblingsOf(settings, serviceEnvironment).map((other) => ({
      service: other.service,
      environment: other.environment,
      branch: other.branch,
      values: distinctiveValues(other.inputs, {
        environment: other.githubEnvironment,
        service: other.service,
      }),
    })),
    otherEnvironments: settings.environments
      .filter((name) => name !== environment)
      .map((name) => ({ environment: name, names: namesOf(settings, name) })),
  }
}

type OfWorkflow = Pick<ServiceEnvironment, 'service' | 'environment' | 'repository' | 'workflow'>

/** The other service environments that the same workflow serves. */
function siblingsOf(
  { serviceEnvironments }: Pick<Settings, 'serviceEnvironments'>,
  { service, environment, repository, workflow }: OfWorkflow,
): readonly ServiceEnvironment[] {
  return serviceEnvironments.filter(
    (other) =>
      (other.service !== service || other.environment !== environment) &&
      isSameOnGitHub(other.repository, repository) &&
      other.workflow === workflow,
  )
}

/** An environment's own name, and GitHub's name for it. */
function namesOf(
  { serviceEnvironments, githubEnvironments }: Settings,
  environment: string,
): readonly string[] {
  const there = serviceEnvironments.filter(
    (serviceEnvironment) => serviceEnvironment.environment === environment,
  )
  const common = githubEnvironments[environment] ?? environment
  return [...new Set([environment, common, ...there.map(({ githubEnvironment }) => githubEnvironment)])]
}

/**
 * Whether the config still has what the approvals cover: repository, workflow, branch and targets. A gate may be for
 * those of several services.
 */
function ships(
  serviceEnvironment: ServiceEnvironment,
  { subject, targets }: Pick<Release, 'subject' | 'targets'>,
): boolean {
  const named = targetsOf(serviceEnvironment).map(targetName)
  const approved = targets.map(targetName)
  const hasAsManyTargets = isOfGate(subject) || named.length === approved.length
  if (!hasAsManyTargets || !named.every((name) => approved.includes(name))) return false
  if (serviceEnvironment.repository !== subject.repository) return false
  return (
    subject.kind === 'rollback' ||
    (serviceEnvironment.workflow === subject.workflow &&
      serviceEnvironment.branch === subject.branch &&
      serviceEnvironment.githubEnvironment === subject.githubEnvironment)
  )
}

/** The freeze that applies to a service environment at this moment; null: none. */
export function currentFreeze(settings: Settings, at: ServiceEnvironmentName, now: Time): Freeze | null {
  return freezeAt(serviceEnvironmentOf(settings, at)?.freezes ?? [], now)
}

/** The service environment from the config; undefined if the config has none. */
export function serviceEnvironmentOf(
  settings: Settings,
  at: ServiceEnvironmentName,
): ServiceEnvironment | undefined {
  return settings.serviceEnvironments.find(
    ({ service, environment }) => service === at.service && environment === at.environment,
  )
}

/** The service environments that a lock blocks: the one of its service, or all of its environment. */
export function lockedServiceEnvironments(
  { serviceEnvironments }: Pick<Settings, 'serviceEnvironments'>,
  { environment, service }: Locked,
): readonly ServiceEnvironment[] {
  return serviceEnvironments.filter(
    (serviceEnvironment) =>
      serviceEnvironment.environment === environment &&
      (service === null || serviceEnvironment.service === service),
  )
}

/** Targets with the region and the role of the environment. */
export function targetsOf({ targets, ...location }: ServiceEnvironment): readonly Target[] {
  return targets.map((target) => ({ ...target, ...locationOf(location) }))
}

/** The role of each service environment that has one. */
export function rolesOf({ serviceEnvironments }: Pick<Settings, 'serviceEnvironments'>) {
  return serviceEnvironments.flatMap(({ service, environment, region, roleArn }) =>
    region === undefined || roleArn === undefined ? [] : [{ service, environment, region, roleArn }],
  )
}
