import { foreign } from '../foreign.ts'
import { type BoundInput, choosesImage, type DeclaredInput, type Sibling } from '../inputs.ts'
import type { Refusal } from '../refusal.ts'
import { listed, refuse } from './refuse.ts'

/** A value for twokey.yml, as it would be written: for the service, or only for this environment of it. */
export type Suggestion = { readonly for: 'service' | 'environment'; readonly value: string }

/**
 * Why a dispatch would not mean exactly what is approved. Lines are of the workflow file; those of a rule are of
 * twokey.yml.
 */
export type InputProblem =
  | {
      readonly problem: 'undeclared'
      readonly name: string
      readonly line: number
      readonly declared: readonly string[]
    }
  | { readonly problem: 'unfilled'; readonly input: DeclaredInput; readonly suggestion: Suggestion | null }
  | { readonly problem: 'no-default'; readonly input: DeclaredInput; readonly line: number }
  | {
      readonly problem: 'misfit'
      readonly input: DeclaredInput
      readonly bound: BoundInput
      readonly why: 'empty' | 'option' | 'boolean' | 'number'
      readonly suggestion: Suggestion | null
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
  | { readonly problem: 'ambiguous'; readonly sibling: Sibling }
  | { readonly problem: 'too-large' }

type Meant = {
  readonly workflow: string
  readonly branch: string
  readonly service: string
  readonly environment: string
}

/** Problems of inputs that have no value, or do not exist. */
const missingOnes: readonly InputProblem['problem'][] = ['unfilled', 'undeclared', 'no-default', 'ambiguous']

/** The most problems of a kind that one refusal names. */
const named = 4

/** The workflow cannot be bound to what is approved: an input has no value, or one that it does not accept. */
export function inputsRefused(meant: Meant, problems: readonly InputProblem[]): Refusal {
  const missing = problems.some(
    (each) => missingOnes.includes(each.problem) || (each.problem === 'misfit' && each.why === 'empty'),
  )
  return refuse(
    missing ? 'input_missing' : 'input_invalid',
    `twokey cannot start ${meant.workflow} on ${meant.branch}: ${sentences(meant, problems).join('; ')}.`,
    nextStep(meant, problems),
  )
}

/** One sentence for all inputs without a value, then one for each other problem. */
function sentences(meant: Meant, problems: readonly InputProblem[]): readonly string[] {
  const unfilled = problems.flatMap((each) => (each.problem === 'unfilled' ? [each.input] : []))
  const shown = unfilled
    .slice(0, named)
    .map((input) => `${nameOf(input)} (line ${input.line}, ${demand(input)})`)
  const all = and(shown, unfilled.length - shown.length)
  const verb = unfilled.length === 1 ? 'has' : 'have'
  const rest = problems.flatMap((each) => (each.problem === 'unfilled' ? [] : [each]))
  const others = rest.slice(0, named).map((each) => sentenceOf(each, meant))
  const more = rest.length > others.length ? [`and ${rest.length - others.length} more`] : []
  return [...(unfilled.length > 0 ? [`${all} ${verb} no value in twokey.yml`] : []), ...others, ...more]
}

function and(names: readonly string[], more: number): string {
  if (more > 0) return `${names.join(', ')} and ${more} more`
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function sentenceOf(
  problem: Exclude<InputProblem, { problem: 'unfilled' }>,
  { workflow, environment }: Meant,
): string {
  switch (problem.problem) {
    case 'undeclared':
      return `twokey.yml (line ${problem.line}) sets ${code(problem.name)}, but the workflow has no input with this name (its inputs: ${listed(problem.declared.map(foreign)) || 'none'})`
    case 'no-default':
      return `twokey.yml (line ${problem.line}) says \`$default\` for ${place(problem.input)}, which has no default`
    case 'misfit':
      return misfitSentence(problem)
    case 'other-environment':
      return `${place(problem.input)} is set to ${code(problem.bound.value)}${problem.bound.from === 'default' ? ' by default' : ''}, which is the environment ${problem.environment}, not ${environment}`
    case 'unknown-environment':
      return `${place(problem.input)} gets ${code(problem.bound.value)}, but the repository has no environment with this name`
    case 'ambiguous':
      return `${workflow} also deploys ${problem.sibling.service} in ${problem.sibling.environment}, but no input says which one to deploy`
    case 'too-large':
      return 'its inputs are longer than the 65,535 characters that GitHub takes'
  }
}

function misfitSentence({ input, bound, why }: Extract<InputProblem, { problem: 'misfit' }>): string {
  switch (why) {
    case 'empty':
      return `${place(input)} is required but gets no value`
    case 'option':
      return `${place(input)} accepts ${listed(input.options.map(foreign)) || 'no value'} but gets ${code(bound.value)}`
    case 'boolean':
      return `${place(input)} must be a boolean but is set to ${code(bound.value)}`
    case 'number':
      return `${place(input)} must be a number but is set to ${code(bound.value)}`
  }
}

function place(input: DeclaredInput): string {
  return `${nameOf(input)} (line ${input.line} of the workflow)`
}

function nameOf({ name }: DeclaredInput): string {
  return code(name)
}

/** Text from outside as code: it cannot end the code, nor mention anybody. */
function code(text: string): string {
  const short = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text
  return `\`${foreign(short.replaceAll('`', 'ˋ'))}\``
}

const longestShown = 60

function demand(input: DeclaredInput): string {
  return input.default === null || input.default === '' ? 'required' : `default ${code(input.default)}`
}

/** The lines for twokey.yml, and what to change if no line helps. */
function nextStep(meant: Meant, problems: readonly InputProblem[]): string {
  const { service, environment, workflow, branch } = meant
  const lines = suggestionsFor('service', problems)
  const own = suggestionsFor('environment', problems)
  const unclear = problems.flatMap((each) =>
    'suggestion' in each && each.suggestion === null ? [askFor(each.input, meant)] : [],
  )
  const undeclared = problems.flatMap((each) => (each.problem === 'undeclared' ? [each] : []))
  const rest = problems.some(
    ({ problem }) => problem === 'no-default' || problem === 'other-environment' || problem === 'too-large',
  )
  const unknown = problems.flatMap((each) => (each.problem === 'unknown-environment' ? [each] : []))
  const steps = [
    lines.length > 0 ? `Under \`services.${service}\` in twokey.yml, set ${inputsCode(lines)}.` : null,
    own.length > 0
      ? `Under \`services.${service}.environments.${environment}\`, set ${inputsCode(own)}.`
      : null,
    unclear.length > 0
      ? `${lines.length + own.length > 0 ? 'There, also set' : `Set in \`inputs:\` of \`services.${service}\``}: ${unclear.slice(0, named).join('; ')}.`
      : null,
    undeclared.length > 0
      ? `Remove ${undeclared.map(({ name, line }) => `${code(name)} (line ${line})`).join(', ')} from twokey.yml.`
      : null,
    unknown.length > 0
      ? `Create the environment on GitHub, or correct \`githubEnvironment\` of ${environment}.`
      : null,
    rest ? `Correct these values in twokey.yml, or the inputs of ${workflow} on ${branch}.` : null,
    ...apart(meant, problems, lines),
  ]
  return steps.filter((step) => step !== null).join(' ')
}

/** The longest block of lines. Only whole entries are shown, so that they can be copied. */
const longestLines = 1_200

function inputsCode(lines: readonly string[]): string {
  const kept = lines.filter((_, index) => lines.slice(0, index + 1).join(', ').length <= longestLines)
  return `\`inputs: { ${kept.join(', ')} }\`${kept.length < lines.length ? ` and ${lines.length - kept.length} more` : ''}`
}

function suggestionsFor(level: Suggestion['for'], problems: readonly InputProblem[]): readonly string[] {
  return problems.flatMap((each) =>
    'suggestion' in each && each.suggestion?.for === level
      ? [`${key(each.input.name)}: ${quoted(each.suggestion.value)}`]
      : [],
  )
}

/** Text that YAML would read as another type. */
const special = /^(null|true|false|yes|no|on|off|~)$/i

function key(name: string): string {
  return special.test(name) ? `"${name}"` : name
}

function quoted(value: string): string {
  return value.startsWith('$') ||
    value === 'false' ||
    (/^[A-Za-z][\w.-]*$/.test(value) && !special.test(value))
    ? value
    : JSON.stringify(value)
}

/** The question about an input that only somebody who knows the workflow can answer. */
function askFor(input: DeclaredInput, { environment }: Meant): string {
  const name = nameOf(input)
  if (input.type === 'choice')
    return `${name}, the one of its options (${listed(input.options.map(foreign)) || 'none'}) that means ${environment}; if none does, add one to the workflow`
  if (input.type === 'boolean') return `${name}, true or false`
  if (input.type === 'number') return `${name}, a number`
  if (choosesImage.test(input.name))
    return `\`inputs: { ${key(input.name)}: $sha }\` if the workflow checks that commit out or deploys its image, ${otherwise(input)} if it only labels the build`
  return `${name}, ${/^(from|source)/i.test(input.name) ? 'where to take it from' : 'its value'}`
}

function otherwise(input: DeclaredInput): string {
  return input.default === null || input.default === ''
    ? 'a value of its own'
    : `\`${key(input.name)}: $default\``
}

/** What would distinguish the service environments of one workflow, unless the lines above do. */
function apart(
  { service, environment, branch }: Meant,
  problems: readonly InputProblem[],
  lines: readonly string[],
): readonly string[] {
  const siblings = problems.flatMap((each) => (each.problem === 'ambiguous' ? [each.sibling] : []))
  const isGiven = (source: string) => lines.some((line) => line.endsWith(`: ${source}`))
  const services = siblings.some((sibling) => sibling.environment === environment) && !isGiven('$service')
  const environments = siblings.find((sibling) => sibling.environment !== environment)
  return [
    ...(environments && !isGiven('$environment')
      ? [
          `Declare the input \`environment\` under \`workflow_dispatch: inputs:\` on ${branch}, or write \`environmentFrom: branch\` under \`services.${service}\` if the branch decides.`,
          `If ${environments.environment} has its own workflow file, set it there: \`workflow: deploy-${environments.environment}.yml\` under \`services.${environments.service}.environments.${environments.environment}\`.`,
        ]
      : []),
    ...(services
      ? [
          `Declare an input for the service under \`workflow_dispatch: inputs:\` on ${branch}, and set \`inputs: { service: $service }\`.`,
        ]
      : []),
  ]
}
