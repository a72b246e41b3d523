import type { AwsDoctor, DefinitionSeen, GitHubDoctor, WorkflowsSeen } from '../ports/doctor.ts'
import type { GitHubSetup, SlackSetup } from '../ports/setup.ts'
import { type AwsLocation, locationOf, type Target } from '../release/names.ts'
import { inParallel } from '../runtime/in-parallel.ts'
import { bindingRules, type ServiceEnvironment, type Settings, targetsOf } from '../settings/settings.ts'
import { read, readSlack } from './check-setup.ts'
import { assumesRole, deployJobs } from './checks/steps.ts'
import type { Read } from './judge.ts'
import {
  type DeployedSeen,
  isRoleArn,
  type NeededSeen,
  type Seen,
  type SignInSeen,
  type TargetSeen,
} from './seen.ts'

export type DoctorDeps = {
  readonly settings: Settings
  /** The environment to look at; null: all. */
  readonly only: string | null
  /** `slack.channel` of twokey.yml. */
  readonly channel: string
  readonly github: Pick<GitHubSetup, 'account' | 'protection'> & GitHubDoctor
  readonly aws: AwsDoctor
  readonly slack: SlackSetup
  /** Of the tokens of jobs, without `https://`. */
  readonly issuer: string
}

/** Reads everything that the checks judge, once, a few service environments at a time. Does not throw. */
export async function gather(deps: DoctorDeps): Promise<Seen> {
  const { settings, only, github, aws, issuer } = deps
  const wanted = settings.serviceEnvironments.filter(
    ({ environment }) => environment === (only ?? environment),
  )
  const [account, inSlack, deployed] = await Promise.all([
    read(() => github.account()),
    readSlack({ ...deps, settings: { ...settings, serviceEnvironments: wanted } }),
    inParallel(wanted, (each) => deployedSeen(deps, each)),
  ])
  return { account, ...inSlack, deployed, issuer, clockAheadMs: aws.clockAheadMs() }
}

async function deployedSeen(deps: DoctorDeps, serviceEnvironment: ServiceEnvironment): Promise<DeployedSeen> {
  const { settings, github, aws } = deps
  const { repository, githubEnvironment: environment, migration } = serviceEnvironment
  const rules = bindingRules(settings, serviceEnvironment, {
    sha: noCommit,
    releaseId: 'r-check',
    requester: 'U0CHECK',
  })
  const at = locationOf(serviceEnvironment)
  const [workflows, onGitHub, gate, services, ofMigration] = await Promise.all([
    read(() => github.workflows({ ...serviceEnvironment, rules })),
    read(() => github.environment({ repository, environment })),
    read(() => github.protection({ repository, environment })),
    inParallel(targetsOf(serviceEnvironment), (target) => targetSeen(aws, target)),
    migration ? read(() => aws.definition({ at, family: migration.family })) : { value: null },
  ])
  const [neededByMigration, signIn] = await Promise.all([
    neededSeen(aws, at, knownValue(ofMigration)),
    signInSeen(deps, serviceEnvironment, knownValue(workflows)),
  ])
  return {
    serviceEnvironment,
    workflows,
    environment: onGitHub,
    gate,
    services,
    migration: ofMigration,
    neededByMigration,
    signIn,
  }
}

async function targetSeen(aws: AwsDoctor, target: Target): Promise<TargetSeen> {
  const at = locationOf(target)
  const seen = await read(() => aws.service(target))
  const { subnets: ids = [], targetGroups: arns = [], definition = null } = knownValue(seen) ?? {}
  const [subnets, targetGroups, needed] = await Promise.all([
    readAny(ids, () => aws.subnets({ at, ids })),
    readAny(arns, () => aws.targetGroups({ at, arns })),
    neededSeen(aws, at, definition),
  ])
  return { target, seen, subnets, targetGroups, needed }
}

async function neededSeen(
  aws: AwsDoctor,
  at: AwsLocation,
  definition: DefinitionSeen | null,
): Promise<NeededSeen> {
  const { containers = [], executionRole: role = null } = definition ?? {}
  const groups = containers.flatMap(({ logGroup }) =>
    logGroup && !logGroup.isCreated ? [logGroup.name] : [],
  )
  const names = [...new Set(containers.flatMap(({ secrets }) => secrets))]
  const [missingLogGroups, secrets, refusedSecrets, lostImages] = await Promise.all([
    readAny(groups, () => aws.missingLogGroups({ at, names: [...new Set(groups)] })),
    readAny(names, () => aws.secrets({ at, names })),
    readAny(role === null ? [] : names, () => aws.refusedSecrets({ at, role: role!, names })),
    readAny(containers, () => aws.lostImages({ at, containers })),
  ])
  return { missingLogGroups, secrets, refusedSecrets, lostImages }
}

async function signInSeen(
  { github, aws, issuer }: DoctorDeps,
  serviceEnvironment: ServiceEnvironment,
  workflows: WorkflowsSeen | null,
): Promise<SignInSeen | null> {
  const jobs = workflows === null ? [] : deployJobs(serviceEnvironment, workflows)
  const steps = jobs.flatMap((job) => job.steps.filter(assumesRole))
  const role = steps[0]?.with['role-to-assume']
  if (role === undefined) return null
  const at = locationOf(serviceEnvironment)
  const [subject, seen, audiences, failed] = await Promise.all([
    read(() => github.subject(serviceEnvironment)),
    isRoleArn(role) ? read(() => aws.role({ at, arn: role })) : { value: null },
    read(() => aws.audiences({ at, issuer })),
    read(() => github.failedSignIn({ ...serviceEnvironment, steps: steps.map(({ name }) => name) })),
  ])
  return { role, subject, seen, audiences, failed }
}

/** Reads about these; nothing about none. */
async function readAny<T>(
  these: readonly unknown[],
  ask: () => Promise<readonly T[]>,
): Promise<Read<readonly T[]>> {
  return these.length === 0 ? { value: [] } : read(ask)
}

function knownValue<T>(seen: Read<T>): T | null {
  return 'value' in seen ? seen.value : null
}

/** Stands for the commit of a deploy that nobody requested. */
const noCommit = '0'.repeat(40)
