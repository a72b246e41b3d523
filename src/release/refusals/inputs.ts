import type { BoundInput, DeclaredInput, Sibling } from '../inputs.ts'
import type { Refusal } from '../refusal.ts'
import { listed, refuse } from './refuse.ts'

/** What keeps a dispatch from meaning just what is approved. Lines are of the workflow file, but those of a rule: of twokey.yml. */
export type InputProblem =
  | {
      readonly problem: 'undeclared'
      readonly name: string
      readonly line: number
      readonly declared: readonly string[]
    }
  | { readonly problem: 'unfilled'; readonly input: DeclaredInput; readonly suggestion: string | null }
  | { readonly problem: 'no-default'; readonly input: DeclaredInput; readonly line: number }
  | {
      readonly problem: 'misfit'
      readonly input: DeclaredInput
      readonly bound: BoundInput
      readonly why: 'empty' | 'option' | 'boolean' | 'number'
      readonly suggestion: string | null
    }
  | {
      readonly problem: 'other-environment'
      readonly input: DeclaredInput
      readonly bound: BoundInput
      readonly environment: string
    }
  /** The input is of the type `environment`, and the repository has none of this name. */
  | {
      readonly problem: 'unknown-environment'
      readonly input: DeclaredInput
      readonly bound: BoundInput
    }
  | { readonly problem: 'not-told-apart'; readonly sibling: Sibling }
  | { readonly problem: 'too-large' }

type Meant = {
  readonly workflow: string
  readonly branch: string
  readonly service: string
  readonly environment: string
}

/** What nothing says, or nothing is there for. */
const missingOnes: readonly InputProblem['problem'][] = [
  'unfilled',
  'undeclared',
  'no-default',
  'not-told-apart',
]

/** How many problems one refusal names. */
const named = 6

/** The workflow cannot be bound to what is approved. `next` has the lines for twokey.yml. */
export function inputsRefused(meant: Meant, problems: readonly InputProblem[]): Refusal {
  const missing = problems.some(
    (each) => missingOnes.includes(each.problem) || (each.problem === 'misfit' && each.why === 'empty'),
  )
  const shown = problems.slice(0, named).map((each) => sentenceOf(each, meant))
  const more = problems.length - shown.length
  const rest = more > 0 ? `; and ${more} more` : ''
  return refuse(
    missing ? 'input_missing' : 'input_invalid',
    `The workflow ${meant.workflow} on ${meant.branch} was not started: ${shown.join('; ')}${rest}.`,
    nextStep(meant, problems),
  )
}

function sentenceOf(problem: InputProblem, { service, environment }: Meant): string {
  switch (problem.problem) {
    case 'undeclared':
      return `twokey.yml (line ${problem.line}) maps \`${problem.name}\`, which the workflow does not declare (it declares ${listed(problem.declared) || 'no inputs'})`
    case 'unfilled':
      return `twokey.yml does not say what its input ${place(problem.input)} gets (${demand(problem.input)})`
    case 'no-default':
      return `twokey.yml (line ${problem.line}) leaves ${place(problem.input)} to the workflow’s default, and it has none`
    case 'misfit':
      return misfitSentence(problem)
    case 'other-environment':
      return `${place(problem.input)} gets \`${problem.bound.value}\`${problem.bound.from === 'default' ? ' by default' : ''}, which is the environment ${problem.environment}, not ${environment}`
    case 'unknown-environment':
      return `${place(problem.input)} gets \`${problem.bound.value}\`, and the repository has no environment of this name`
    case 'not-told-apart':
      return `it also serves ${problem.sibling.service} in ${problem.sibling.environment}, and nothing that it declares tells that apart from ${service} in ${environment}`
    case 'too-large':
      return 'its inputs are longer than the 65,535 characters that GitHub takes'
  }
}

function misfitSentence({ input, bound, why }: Extract<InputProblem, { problem: 'misfit' }>): string {
  switch (why) {
    case 'empty':
      return `${place(input)} is required, and gets nothing`
    case 'option':
      return `${place(input)} takes ${listed(input.options) || 'no value'}, and gets \`${bound.value}\``
    case 'boolean':
      return `${place(input)} is a boolean, and gets \`${bound.value}\``
    case 'number':
      return `${place(input)} is a number, and gets \`${bound.value}\``
  }
}

function place({ name, line }: DeclaredInput): string {
  return `\`${name}\` (line ${line})`
}

function demand(input: DeclaredInput): string {
  if (input.default === null || input.default === '') return 'it is required'
  return `its default is \`${input.default}\``
}

/** The lines to add to twokey.yml, and what to change in the workflow where no line helps. */
function nextStep(meant: Meant, problems: readonly InputProblem[]): string {
  const { service, environment, workflow, branch } = meant
  const lines = suggestions(problems)
  const unclear = problems.flatMap((each) =>
    'suggestion' in each && each.suggestion === null ? [choices(each.input)] : [],
  )
  const steps = [
    lines.length > 0
      ? `Under \`services.${service}\` in twokey.yml, say what to send: \`inputs: { ${lines.join(', ')} }\`.`
      : null,
    unclear.length > 0
      ? `Under \`services.${service}.environments.${environment}\` in twokey.yml, add to \`inputs:\` the values that mean ${environment}: ${unclear.join('; ')}.`
      : null,
    ...apart(meant, problems),
    lines.length + unclear.length === 0 && problems.some(({ problem }) => problem !== 'not-told-apart')
      ? `Correct \`inputs:\` in twokey.yml, or the inputs of ${workflow} on ${branch}.`
      : null,
  ]
  return steps.filter((step) => step !== null).join(' ')
}

function suggestions(problems: readonly InputProblem[]): readonly string[] {
  return problems.flatMap((each) =>
    'suggestion' in each && each.suggestion !== null ? [`${each.input.name}: ${each.suggestion}`] : [],
  )
}

/** What would tell the service environments of one workflow apart. */
function apart(
  { service, environment, branch }: Meant,
  problems: readonly InputProblem[],
): readonly string[] {
  const siblings = problems.flatMap((each) => (each.problem === 'not-told-apart' ? [each.sibling] : []))
  const services = siblings.some((sibling) => sibling.environment === environment)
  const environments = siblings.some((sibling) => sibling.environment !== environment)
  return [
    ...(environments
      ? [
          `Declare the input \`environment\` under \`workflow_dispatch: inputs:\` on ${branch}, or write \`environmentFrom: branch\` under \`services.${service}\` where the branch alone decides.`,
        ]
      : []),
    ...(services
      ? [
          `Declare an input for the service under \`workflow_dispatch: inputs:\` on ${branch}, and map it: \`inputs: { service: $service }\`.`,
        ]
      : []),
  ]
}

function choices({ name, type, options }: DeclaredInput): string {
  return type === 'choice' ? `\`${name}\` (one of ${listed(options)})` : `\`${name}\` (${type})`
}
