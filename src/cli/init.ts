import { createHash } from 'node:crypto'
import { input, select } from '@inquirer/prompts'
import { awsInventory } from '../aws/ecs/inventory.ts'
import { defaultRegion } from '../aws/ecs/region.ts'
import { parseConfig } from '../config/load.ts'
import { queuesOf } from '../config/queues.ts'
import { settingsOf } from '../config/settings.ts'
import type { Variables } from '../config/variables.ts'
import { gitHubInventory } from '../github/inventory.ts'
import { fillRole, missingValues, type Values } from '../iam/fill.ts'
import { toCloudFormation } from '../iam/formats/cloudformation.ts'
import { toTerraform } from '../iam/formats/terraform.ts'
import { issuerOf } from '../iam/issuer.ts'
import { rolesFor } from '../iam/roles.ts'
import { features } from '../iam/statement.ts'
import { repositoryId, subjectPrefix, valuesFor } from '../iam/values.ts'
import { readClone } from '../init/clone.ts'
import { configFile } from '../init/config-file.ts'
import { type Made, makePlan } from '../init/make-plan.ts'
import { type Ask, problemOf, type Question, Unanswered } from '../init/question.ts'
import { deployWorkflow } from '../init/workflow.ts'
import { type WantedFile, type Written, writeFiles } from '../init/write.ts'
import type { GitHubInventory } from '../ports/inventory.ts'
import { Trouble } from '../ports/ports.ts'
import { useProxy } from '../runtime/proxy.ts'

/** Options of `twokey init`: the answers to its questions, as typed. */
export type InitOptions = {
  readonly folder: string
  /** Takes the likely answer to each question that no option answers. */
  readonly yes?: true
  readonly format: string
} & Readonly<Partial<Record<Answerable, string>>>

type Answerable =
  | 'repository'
  | 'production'
  | 'development'
  | 'container'
  | 'migration'
  | 'channel'
  | 'approvers'

/** File and emitter of each format of the AWS parts. */
const formats = {
  terraform: { path: 'aws/twokey.tf', comment: '#', emit: toTerraform },
  cloudformation: { path: 'aws/twokey.yaml', comment: '#', emit: toCloudFormation },
} as const

type Format = keyof typeof formats

/** `twokey init`: asks what it cannot read, and writes twokey.yml, the deploy workflow and the roles in AWS. */
export async function init(variables: Variables, options: InitOptions): Promise<0 | 1 | 2> {
  const { format } = options
  if (!isFormat(format)) {
    console.error(`--format ${format}: there is no such format. Allowed: ${Object.keys(formats).join(', ')}.`)
    return 2
  }
  const proxy = useProxy(variables)
  const aws = await defaultRegion()
  if (aws.region === undefined) {
    console.error(`No AWS region: ${aws.why.replace(/\.$/, '')}. Set AWS_REGION.`)
    return 2
  }
  const answered = new Map<string, string>()
  const ask = remembering(options.yes ? likely(options) : dialog(options), answered)
  const github = gitHubOf(variables)
  try {
    const inventory = awsInventory({ region: aws.region, ...(proxy && { proxy }) })
    const account = await inventory.account()
    const clone = await readClone(options.folder)
    const made = await makePlan(ask, {
      clone,
      aws: inventory,
      gitHubEnvironments: async (repository) => (await github?.environments(repository)) ?? null,
    })
    const command = ['twokey init', ...[...answered].map(([option, answer]) => `--${option} ${answer}`)]
    const values = await valuesOf(made, { account, github })
    const files = filesOf(made, {
      format,
      values,
      issuer: issuerOf(apiUrl(variables)),
      command: command.join(' '),
    })
    const written = writeFiles(options.folder, files)
    console.log(report(written, clone.hasDockerfile))
    return written.some(({ was }) => was === 'kept') ? 1 : 0
  } catch (error) {
    console.error(`Nothing was written${whyNot(error)}`)
    return error instanceof Unanswered ? 2 : 1
  }
}

/** Why nothing was written. @throws an error that is no answer of the person, of AWS, of GitHub or of the disk */
function whyNot(error: unknown): string {
  if (error instanceof Trouble) return `: ${error.message}.`
  if (error instanceof Unanswered) return `: ${error.message}`
  if (!(error instanceof Error)) throw error
  // Ctrl+C in the dialog.
  if (error.name === 'ExitPromptError') return '.'
  if ('syscall' in error) return `: ${error.message}.`
  throw error
}

function isFormat(format: string): format is Format {
  return format in formats
}

function apiUrl({ GITHUB_API_URL }: Variables): string {
  return (GITHUB_API_URL || 'https://api.github.com').replace(/\/+$/, '')
}

/** Null without a token: what only GitHub knows stays a variable of the AWS files. */
function gitHubOf(variables: Variables): GitHubInventory | null {
  const { GITHUB_TOKEN: token } = variables
  return token ? gitHubInventory({ token, apiUrl: apiUrl(variables) }) : null
}

/** The option, else the likely answer. @throws {Unanswered} */
function likely(options: InitOptions): Ask {
  return async (question) => {
    const answer = given(options, question) ?? question.usual
    if (answer === undefined) throw new Unanswered(missing(question))
    return accepted(question, answer)
  }
}

function missing({ option, text, choices }: Question): string {
  return `--${option} is missing. ${text}${choices ? ` One of: ${choices.join(', ')}.` : ''}`
}

/** The option, else what the person at the terminal answers. @throws {Unanswered} for an option that is no answer */
function dialog(options: InitOptions): Ask {
  return async (question) => {
    const { text: message, choices, usual } = question
    const answer = given(options, question)
    if (answer !== undefined) return accepted(question, answer)
    const usually = usual === undefined ? {} : { default: usual }
    if (choices) return select({ message, choices: [...choices], ...usually })
    return input({ message, ...usually, validate: (typed) => problemOf(question, typed) ?? true })
  }
}

function given(options: InitOptions, { option }: Question): string | undefined {
  return options[option as Answerable]
}

function accepted(question: Question, answer: string): string {
  const problem = problemOf(question, answer)
  if (problem !== null) throw new Unanswered(problem)
  return answer
}

function remembering(ask: Ask, answered: Map<string, string>): Ask {
  return async (question) => {
    const answer = await ask(question)
    answered.set(question.option, answer)
    return answer
  }
}

/** The values of policies that twokey.yml does not have, as far as they are known. */
async function valuesOf(
  { plan: { repository, image }, definitions }: Made,
  { account, github }: { readonly account: string; readonly github: GitHubInventory | null },
): Promise<Values> {
  const identity = await github?.identity(repository)
  const all = (of: (definition: Made['definitions'][0]) => readonly string[]) => [
    ...new Set(definitions.flatMap(of)),
  ]
  return new Map<string, readonly string[]>([
    ['account', [account]],
    ['log_groups', all(({ logGroups }) => logGroups)],
    ['ecr_repositories', [image.slice(image.indexOf('/') + 1)]],
    ['task_families', all(({ family }) => [family])],
    ['task_roles', all(({ roles }) => roles)],
    ...(identity
      ? ([
          [repositoryId(repository).name, [String(identity.id)]],
          [subjectPrefix(repository).name, [identity.subjectPrefix]],
        ] as const)
      : []),
  ])
}

function filesOf(
  { plan }: Made,
  how: {
    readonly format: Format
    readonly values: Values
    readonly issuer: string
    readonly command: string
  },
): readonly WantedFile[] {
  const { path, emit } = formats[how.format]
  const config = configFile(plan)
  const loaded = parseConfig(config)
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  const { region } = plan.environments[0]
  const roles = rolesFor({
    ...settingsOf(loaded.config, region),
    queues: queuesOf(loaded.config),
    defaultRegion: region,
    issuer: how.issuer,
    features: features.filter((feature) => feature !== 'codedeploy'),
  }).map((role) => fillRole(role, how.values))
  const missing = missingValues(roles)
  const known = valuesFor([plan.repository])
  const inputs = createHash('sha256')
    .update(JSON.stringify([plan, how.format]))
    .digest('hex')
    .slice(0, 12)
  const head = `# Made by \`${how.command}\`, from the inputs ${inputs}.\n`
  return [
    {
      path: 'twokey.yml',
      text: `${head}# docs/configuration.md of twokey describes every field.\n${config}`,
    },
    { path: '.github/workflows/deploy.yml', text: `${head}${deployWorkflow(plan)}` },
    {
      path,
      text: `${head}${emit(
        roles,
        known.filter(({ name }) => missing.has(name)),
      )}`,
    },
  ]
}

/** What became of each file, and what to do next. */
function report(written: readonly Written[], hasDockerfile: boolean): string {
  return [
    ...written.map(lineOf),
    '',
    ...(hasDockerfile ? [] : ['There is no Dockerfile here: change the step "Build" of the workflow.']),
    'Next: review the files, then go on with step 3 of docs/first-deploy.md.',
  ].join('\n')
}

function lineOf(file: Written): string {
  switch (file.was) {
    case 'written':
      return `✓ ${file.path}`
    case 'already there':
      return `✓ ${file.path} is there already, and the same`
    case 'kept':
      return `✗ ${file.path} is there already, and differs. It was left as it is:\n\n${file.diff}`
  }
}
