import { deployRoleName } from '../iam/role-name.ts'
import type { AwsInventory, SeenDefinition, SeenService } from '../ports/inventory.ts'
import { Trouble } from '../ports/ports.ts'
import type { Clone } from './clone.ts'
import type { Plan, PlannedEnvironment } from './plan.ts'
import type { Ask, Question } from './question.ts'

/** The answer for "there is none". */
const none = 'none'

/** What the plan is made from. `gitHubEnvironments`: null if GitHub could not be read. */
export type Outside = {
  readonly clone: Clone
  readonly aws: AwsInventory
  readonly gitHubEnvironments: (repository: string) => Promise<readonly string[] | null>
}

/** The plan, and the task definitions that its policies are about. */
export type Made = { readonly plan: Plan; readonly definitions: readonly SeenDefinition[] }

/** Asks what cannot be read, at most seven questions. @throws {Trouble} if AWS cannot be read, or cannot be deployed to this way */
export async function makePlan(ask: Ask, { clone, aws, gitHubEnvironments }: Outside): Promise<Made> {
  const repository = await ask(repositoryQuestion(clone))
  const services = await aws.services()
  if (services.length === 0)
    throw new Trouble(
      'terminal',
      `there is no ECS service in ${aws.region}: create one first, or choose another region with AWS_REGION`,
    )
  const production = await askService(ask, services, productionQuestion(services))
  if (production === null) throw new Trouble('terminal', 'production needs an ECS service')
  const development = await askService(ask, services, developmentQuestion(services, production))
  const definition = await aws.definition(production.definition)
  const container = await askContainer(ask, definition)
  const family = await ask(migrationQuestion(await aws.families(), definition.family))
  const migration = family === none ? null : await aws.definition(family)
  const channel = await ask(channelQuestion)
  const approvers = (await ask(approversQuestion)).split(',').map((each) => each.trim())

  const service = production.service
  const onGitHub = await gitHubEnvironments(repository)
  const deployRole = (name: string) =>
    roleArn(production.definition, deployRoleName({ repository, githubEnvironment: name }))
  const planned = async (
    seen: SeenService,
    { name, branch, approvals }: Pick<PlannedEnvironment, 'name' | 'branch' | 'approvals'>,
  ): Promise<PlannedEnvironment> => {
    const githubEnvironment =
      onGitHub?.find((each) => each.toLowerCase().startsWith(name)) ?? fullNames[name] ?? name
    const role = deployRole(githubEnvironment)
    return {
      name,
      githubEnvironment,
      branch,
      approvals,
      region: aws.region,
      cluster: seen.cluster,
      ecsService: seen.service,
      codeDeploy: seen.controller === 'CODE_DEPLOY' ? await aws.codeDeploy(seen) : null,
      deployRole: role,
    }
  }
  const prod = await planned(production, { name: 'prod', branch: clone.defaultBranch, approvals: 2 })
  const dev =
    development &&
    (await planned(development, { name: 'dev', branch: developmentBranch(clone), approvals: 0 }))
  return {
    plan: {
      repository,
      service,
      container: container.name,
      image: container.image.replace(/@.*$/, '').replace(/:[^:/]*$/, ''),
      migration: migration && { family, container: migration.containers[0]?.name ?? family },
      tests: clone.tests,
      channel,
      approvers,
      environments: dev ? [dev, prod] : [prod],
    },
    definitions: [definition, ...(migration ? [migration] : [])],
  }
}

/** The names that GitHub environments usually have. */
const fullNames: Readonly<Record<string, string>> = { prod: 'production', dev: 'dev' }

function developmentBranch({ branches, defaultBranch }: Clone): string {
  return branches.find((branch) => branch === 'develop' || branch === 'dev') ?? defaultBranch
}

/** A role of the account and partition that an ARN belongs to. */
function roleArn(arn: string, name: string): string {
  const [, partition, , , account] = arn.split(':')
  return `arn:${partition}:iam::${account}:role/${name}`
}

function repositoryQuestion({ repository }: Clone): Question {
  return {
    option: 'repository',
    text: 'Which repository on GitHub?',
    ...(repository !== null && { usual: repository }),
    problem: (answer) =>
      /^[\w.-]+\/[\w.-]+$/.test(answer) ? null : 'A repository is written as `owner/name`.',
  }
}

const nameOf = ({ cluster, service }: SeenService) => `${cluster}/${service}`

function productionQuestion(services: readonly SeenService[]): Question {
  const names = services.map(nameOf)
  const likely = names.filter((name) => /prod/i.test(name))
  return {
    option: 'production',
    text: 'Which ECS service is production?',
    choices: names,
    ...(likely.length === 1 && { usual: likely[0]! }),
    ...(names.length === 1 && { usual: names[0]! }),
  }
}

/** The same service elsewhere is the likely one. */
function developmentQuestion(services: readonly SeenService[], production: SeenService): Question {
  const others = services.filter((each) => each !== production)
  const likely = others.filter(
    ({ cluster, service }) => service === production.service && /dev|stag|test/i.test(cluster),
  )
  return {
    option: 'development',
    text: 'Which ECS service is deployed to first, without approvals?',
    choices: [...others.map(nameOf), none],
    usual: likely.length === 1 ? nameOf(likely[0]!) : none,
  }
}

async function askService(
  ask: Ask,
  services: readonly SeenService[],
  question: Question,
): Promise<SeenService | null> {
  const answer = await ask(question)
  const chosen = services.find((service) => nameOf(service) === answer)
  if (!chosen) return null
  if (chosen.controller === 'EXTERNAL')
    throw new Trouble(
      'terminal',
      `${answer} has the deployment controller EXTERNAL, which twokey does not support`,
    )
  return chosen
}

/** Asks only if there are several. */
async function askContainer(
  ask: Ask,
  { family, containers }: SeenDefinition,
): Promise<SeenDefinition['containers'][0]> {
  const [only, ...others] = containers
  if (!only) throw new Trouble('terminal', `the task definition ${family} has no essential container`)
  if (others.length === 0) return only
  const names = containers.map(({ name }) => name)
  const answer = await ask({
    option: 'container',
    text: `Which container of ${family} runs the image that the workflow builds?`,
    choices: names,
  })
  return containers.find(({ name }) => name === answer) ?? only
}

function migrationQuestion(families: readonly string[], family: string): Question {
  const likely = families.filter((each) => each.startsWith(family) && /migrat/i.test(each))
  return {
    option: 'migration',
    text: 'Which task definition family runs the database migration?',
    choices: [...families.filter((each) => each !== family), none],
    usual: likely.length === 1 ? likely[0]! : none,
  }
}

const channelQuestion: Question = {
  option: 'channel',
  text: 'Which Slack channel gets the release cards? Its ID is in the channel’s details, at the bottom.',
  problem: (answer) => (/^[CG][A-Z0-9]{2,}$/.test(answer) ? null : 'The ID of a channel begins with C or G.'),
}

const approversQuestion: Question = {
  option: 'approvers',
  text: 'Who may approve? IDs of Slack user groups and people, separated by commas.',
  problem: (answer) =>
    answer.split(',').every((each) => /^[SUW][A-Z0-9]{2,}$/.test(each.trim()))
      ? null
      : 'The ID of a user group begins with S, that of a person with U or W.',
}
