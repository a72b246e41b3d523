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
  type SignedInSeen,
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
  const { github, aws } = deps
  const { repository, githubEnvironment: environment, migration: ofConfig } = serviceEnvironment
  const at = locationOf(serviceEnvironment)
  const [signedIn, gate, services, migration] = await Promise.all([
    signedInSeen(deps, serviceEnvironment),
    read(() => github.protection({ repository, environment })),
    inParallel(targetsOf(serviceEnvironment), (target) => targetSeen(aws, target)),
    ofConfig ? read(() => aws.definition({ at, family: ofConfig.family })) : { value: null },
  ])
  const neededByMigration = await neededSeen(aws, at, knownValue(migration))
  return { ...signedIn, gate, services, migration, neededByMigration }
}

/** Reads which jobs can get the credentials of AWS. Does not throw. */
export async function signedInSeen(
  deps: Pick<DoctorDeps, 'settings' | 'github' | 'aws' | 'issuer'>,
  serviceEnvironment: ServiceEnvironment,
): Promise<SignedInSeen> {
  const { settings, github } = deps
  const { repository, githubEnvironment } = serviceEnvironment
  const [workflows, environment] = await Promise.all([
    read(() => github.workflows({ ...serviceEnvironment, rules: rulesOf(settings, serviceEnvironment) })),
    read(() => github.environment({ repository, environment: githubEnvironment })),
  ])
  const signIn = await signInSeen(deps, serviceEnvironment, knownValue(workflows))
  return { serviceEnvironment, workflows, environment, signIn }
}

/** The rules of a deploy that nobody requested. */
function rulesOf(settings: Settings, serviceEnvironment: ServiceEnvironment) {
  return bindingRules(settings, serviceEnvironment, {
    sha: noCommit,
    releaseId: 'r-check',
    requester: 'U0CHECK',
  })
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
  { github, aws, issuer }: Pick<DoctorDeps, 'github' | 'aws' | 'issuer'>,
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
