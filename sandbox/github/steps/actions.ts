import { StepFailure } from '../step-failure.ts'
import { pushImage } from './aws.ts'
import { deployTaskDefinition } from './deploy-action.ts'
import { renderTaskDefinition } from './render-action.ts'
import type { Action } from './step.ts'

const checkout: Action = ({ machine, input }) => {
  const { repository, run } = machine.work
  const wanted = input('ref') || run.headSha
  const commit = repository.git.resolve(wanted)
  if (!commit)
    throw new StepFailure(`fatal: couldn't find remote ref ${wanted}. The process failed with exit code 128`)
  machine.log(`Syncing repository: ${repository.fullName}`)
  machine.head = commit
  machine.history = input('fetch-depth') === '0' ? 'whole' : 'tip'
  const folder = [machine.workspace, input('path')].filter(Boolean).join('/')
  for (const [path, text] of Object.entries(repository.git.files(commit.tree)))
    machine.files.set(`${folder}/${path}`, text)
}

/** Accepts any credentials: the sandbox has no roles and no trust policies. */
const configureCredentials: Action = ({ machine, input, output }) => {
  const [role, region] = [input('role-to-assume'), input('aws-region')]
  const account = /^arn:aws[\w-]*:iam::(\d+):/.exec(role)?.[1]
  machine.log(role ? 'Assuming role with OIDC' : 'Proceeding with IAM user credentials')
  machine.variables.set('AWS_REGION', region)
  machine.variables.set('AWS_DEFAULT_REGION', region)
  if (account) {
    machine.variables.set('AWS_ACCOUNT_ID', account)
    output('aws-account-id', account)
  }
}

const logInToRegistry: Action = ({ machine, variables, output }) => {
  const registry = `${variables.AWS_ACCOUNT_ID ?? '123456789012'}.dkr.ecr.${variables.AWS_REGION ?? machine.aws?.region}.amazonaws.com`
  machine.log(`Logging into registry ${registry}`)
  output('registry', registry)
}

const buildAndPush: Action = async ({ machine, input, output }) => {
  const tags = input('tags')
    .split(/[\n,]/)
    .map((tag) => tag.trim())
  const images = tags.filter(Boolean)
  for (const image of images) machine.images.add(image)
  const isPushed = input('push').toLowerCase() === 'true' || /type=registry/.test(input('outputs'))
  if (!isPushed) return
  for (const image of images) {
    machine.log(`pushing manifest for ${image}`)
    if (machine.aws) await pushImage(machine.aws, image)
  }
  output('imageid', images[0] ?? '')
}

/** The actions that the sandbox supports, by repository. */
const actions: Readonly<Record<string, Action>> = {
  'actions/checkout': checkout,
  'aws-actions/configure-aws-credentials': configureCredentials,
  'aws-actions/amazon-ecr-login': logInToRegistry,
  'docker/build-push-action': buildAndPush,
  'aws-actions/amazon-ecs-render-task-definition': renderTaskDefinition,
  'aws-actions/amazon-ecs-deploy-task-definition': deployTaskDefinition,
}
/** The actions that do nothing without an AWS account. */
const needsAws = new Set([
  'aws-actions/amazon-ecs-render-task-definition',
  'aws-actions/amazon-ecs-deploy-task-definition',
])

/** The action that `uses` names; undefined for one that the sandbox does not support. */
export function actionOf(uses: string, aws: 'there' | 'none'): Action | undefined {
  const name = uses.split('@')[0]!.toLowerCase()
  return aws === 'none' && needsAws.has(name) ? undefined : actions[name]
}
