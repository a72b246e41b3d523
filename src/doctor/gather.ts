import type { AwsDoctor, GitHubDoctor } from '../ports/doctor.ts'
import type { GitHubSetup, SlackSetup } from '../ports/setup.ts'
import { inParallel } from '../runtime/in-parallel.ts'
import { bindingRules, type ServiceEnvironment, type Settings, targetsOf } from '../settings/settings.ts'
import { read, readSlack } from './check-setup.ts'
import type { DeployedSeen, Seen } from './seen.ts'

export type DoctorDeps = {
  readonly settings: Settings
  /** The environment to look at; null: all. */
  readonly only: string | null
  /** `slack.channel` of twokey.yml. */
  readonly channel: string
  readonly github: Pick<GitHubSetup, 'account' | 'protection'> & GitHubDoctor
  readonly aws: AwsDoctor
  readonly slack: SlackSetup
}

/** Reads everything that the checks judge, once, a few service environments at a time. Does not throw. */
export async function gather(deps: DoctorDeps): Promise<Seen> {
  const { settings, only, github } = deps
  const wanted = settings.serviceEnvironments.filter(
    ({ environment }) => environment === (only ?? environment),
  )
  const [account, inSlack, deployed] = await Promise.all([
    read(() => github.account()),
    readSlack({ ...deps, settings: { ...settings, serviceEnvironments: wanted } }),
    inParallel(wanted, (each) => deployedSeen(deps, each)),
  ])
  return { account, ...inSlack, deployed }
}

async function deployedSeen(
  { settings, github, aws }: DoctorDeps,
  serviceEnvironment: ServiceEnvironment,
): Promise<DeployedSeen> {
  const { repository, githubEnvironment: environment, migration } = serviceEnvironment
  const rules = bindingRules(settings, serviceEnvironment, {
    sha: noCommit,
    releaseId: 'r-check',
    requester: 'U0CHECK',
  })
  const target = targetsOf(serviceEnvironment)[0]!
  const [workflows, onGitHub, gate, services, ofMigration] = await Promise.all([
    read(() => github.workflows({ ...serviceEnvironment, rules })),
    read(() => github.environment({ repository, environment })),
    read(() => github.protection({ repository, environment })),
    inParallel(targetsOf(serviceEnvironment), async (each) => ({
      target: each,
      seen: await read(() => aws.service(each)),
    })),
    migration ? read(() => aws.definition({ target, family: migration.family })) : { value: null },
  ])
  return { serviceEnvironment, workflows, environment: onGitHub, gate, services, migration: ofMigration }
}

/** Stands for the commit of a deploy that nobody requested. */
const noCommit = '0'.repeat(40)
