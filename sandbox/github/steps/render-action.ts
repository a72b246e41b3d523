import { DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs'
import { StepFailure } from '../step-failure.ts'
import { setByEcs } from './aws.ts'
import { temporary } from './machine.ts'
import type { Action, StepCall } from './step.ts'

type Pair = { name: string; value: string }
type Container = { name?: string; image?: string; environment?: Pair[] }
type Definition = { containerDefinitions?: Container[]; [member: string]: unknown }

/**
 * `aws-actions/amazon-ecs-render-task-definition`: a task definition from a file, or from ECS by family or ARN, with
 * another image and other variables for one container. Output: `task-definition`, a path.
 */
export const renderTaskDefinition: Action = async (call) => {
  const definition = await source(call)
  const name = call.input('container-name')
  const container = definition.containerDefinitions?.find((each) => each.name === name)
  if (!container)
    throw new StepFailure('Invalid task definition: Could not find container definition with matching name')
  container.image = call.input('image')
  for (const { name: variable, value } of pairsOf(call.input('environment-variables'))) {
    const others = (container.environment ?? []).filter((each) => each.name !== variable)
    container.environment = [...others, { name: variable, value }]
  }
  for (const member of setByEcs) delete definition[member]
  const path = `${temporary}/task-definition-${call.machine.files.size}.json`
  call.machine.files.set(path, JSON.stringify(definition, undefined, 2))
  call.output('task-definition', path)
}

async function source(call: StepCall): Promise<Definition> {
  const { machine } = call
  const [file, arn, family, revision] = [
    'task-definition',
    'task-definition-arn',
    'task-definition-family',
    'task-definition-revision',
  ].map((name) => call.input(name)) as [string, string, string, string]
  if (file) {
    machine.log('Task definition file will be used.')
    return JSON.parse(machine.file(file)) as Definition
  }
  if (!arn && !family)
    throw new StepFailure(
      'Either task definition, task definition arn or task definition family must be provided',
    )
  machine.log(
    arn
      ? 'The task definition arn will be used to fetch task definition'
      : `The ${revision ? 'specified' : 'latest'} revision of the task definition family will be used to fetch task definition`,
  )
  const taskDefinition = arn || (revision ? `${family}:${revision}` : family)
  const found = await machine.aws!.ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }),
  )
  return structuredClone({ ...found.taskDefinition, tags: found.tags }) as unknown as Definition
}

function pairsOf(text: string): Pair[] {
  const lines = text.split('\n').map((line) => line.trim())
  return lines
    .filter((line) => line.includes('='))
    .map((line) => ({ name: line.slice(0, line.indexOf('=')), value: line.slice(line.indexOf('=') + 1) }))
}
