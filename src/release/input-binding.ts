import {
  type BindingRules,
  type BoundInput,
  choosesImage,
  type DeclaredInput,
  type InputRule,
  type InputSource,
  type Sibling,
} from './inputs.ts'
import type { Refusal } from './refusal.ts'
import { type InputProblem, inputsRefused, type Suggestion } from './refusals/inputs.ts'

/** The inputs that twokey fills by their names if twokey.yml does not map them. */
const defaultNames = { environment: 'environment', sha: 'sha', release_id: 'release_id' } as const

/** The most characters of inputs that GitHub accepts, counted as JSON. Source: docs.github.com, `workflow_dispatch`. */
const largestInputs = 65_535

/** The name of the workflow in refusals. */
export type BoundWorkflow = { readonly workflow: string }

/**
 * Gives each declared input its value, or refuses with the lines to add to twokey.yml. Everything that decides what
 * the workflow does must be sent. Refuses `input_missing` and `input_invalid`.
 */
export function bindInputs(
  { workflow }: BoundWorkflow,
  declared: readonly DeclaredInput[],
  rules: BindingRules,
): { readonly inputs: readonly BoundInput[] } | { readonly refused: Refusal } {
  const bound = declared.flatMap((input) => boundInput(input, rules) ?? [])
  const problems = [
    ...undeclared(declared, rules),
    ...unfilled(declared, rules),
    ...declared.flatMap((input) => invalid(input, bound, rules)),
    ...ambiguousSiblings(bound, rules),
    ...tooLarge(bound),
  ]
  return problems.length === 0
    ? { inputs: bound }
    : { refused: inputsRefused({ workflow, ...rules }, problems) }
}

/** The inputs that a dispatch sends: all except those left to the workflow. */
export function sentInputs(inputs: readonly BoundInput[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    inputs.flatMap(({ name, from, value }) => (from === 'default' ? [] : [[name, value]])),
  )
}

/** Whether the workflow gets this value. Without the commit it always deploys the tip of its branch. */
export function takes(inputs: readonly BoundInput[], source: InputSource): boolean {
  return inputs.some(({ from }) => from === source)
}

/** Whether two bindings mean the same. */
export function isSameBinding(one: readonly BoundInput[], other: readonly BoundInput[]): boolean {
  const key = (inputs: readonly BoundInput[]) =>
    JSON.stringify(inputs.map(({ name, from, value }) => [name, from, value]).sort())
  return key(one) === key(other)
}

/** The input values that distinguish a service environment from others, by the names in lower case. */
export function distinctiveValues(
  map: BindingRules['map'],
  values: Pick<BindingRules['values'], 'environment' | 'service'>,
): Readonly<Record<string, string>> {
  const rules: BindingRules['map'] = { environment: { from: 'environment', line: 0 }, ...map }
  return Object.fromEntries(
    Object.entries(rules).flatMap(([name, rule]) => {
      if (rule.from === 'literal') return [[name, rule.value]]
      return rule.from === 'environment' || rule.from === 'service' ? [[name, values[rule.from]]] : []
    }),
  )
}

function ruleOf(name: string, { map }: BindingRules): InputRule | null {
  if (Object.hasOwn(map, name)) return map[name]!
  return Object.hasOwn(defaultNames, name)
    ? { from: defaultNames[name as keyof typeof defaultNames], line: 0 }
    : null
}

function boundInput(input: DeclaredInput, rules: BindingRules): BoundInput | null {
  const rule = ruleOf(input.name, rules)
  if (rule === null || (rule.from === 'default' && input.default === null)) return null
  return { name: input.name, from: rule.from, value: inputValue(rule, input, rules) }
}

function inputValue(rule: InputRule, input: DeclaredInput, { values }: BindingRules): string {
  switch (rule.from) {
    case 'literal':
      return rule.value
    case 'default':
      return input.default ?? ''
    default:
      return values[rule.from]
  }
}

/** Refuses a map that names an input which the workflow does not declare: GitHub would refuse the dispatch. */
function undeclared(declared: readonly DeclaredInput[], { map }: BindingRules): readonly InputProblem[] {
  return Object.entries(map).flatMap(([name, { line }]) =>
    declared.some((input) => input.name === name)
      ? []
      : [{ problem: 'undeclared', name, line, declared: declared.map((input) => input.name) }],
  )
}

/** Refuses an unmapped input on which the workflow depends: it is required, or has a default of its own. */
function unfilled(declared: readonly DeclaredInput[], rules: BindingRules): readonly InputProblem[] {
  return declared
    .filter((input) => ruleOf(input.name, rules) === null && (input.required || isDecided(input)))
    .map((input) => ({ problem: 'unfilled', input, suggestion: suggestionFor(input, rules) }))
}

/** An empty default decides nothing. */
function isDecided(input: DeclaredInput): boolean {
  return input.default !== null && input.default !== ''
}

function invalid(
  input: DeclaredInput,
  bound: readonly BoundInput[],
  rules: BindingRules,
): readonly InputProblem[] {
  const rule = ruleOf(input.name, rules)
  if (rule?.from === 'default' && input.default === null)
    return [{ problem: 'no-default', input, line: rule.line }]
  const found = bound.find(({ name }) => name === input.name)
  if (!found) return []
  const why = misfit(input, found.value)
  if (why !== null)
    return [{ problem: 'misfit', input, bound: found, why, suggestion: suggestionFor(input, rules) }]
  const other = otherEnvironment(input, found, rules)
  return other === null ? [] : [{ problem: 'other-environment', input, bound: found, environment: other }]
}

/** Why GitHub would refuse the value; null: it would not. */
function misfit(
  { type, options, required }: DeclaredInput,
  value: string,
): 'empty' | 'option' | 'boolean' | 'number' | null {
  if (value === '') return required ? 'empty' : null
  switch (type) {
    case 'choice':
      return options.includes(value) ? null : 'option'
    case 'boolean':
      return value === 'true' || value === 'false' ? null : 'boolean'
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? null : 'number'
    case 'string':
    case 'environment':
      return null
  }
}

/**
 * The other environment of twokey.yml that the value names; null: none. GitHub's expressions compare text regardless
 * of case. An input that says where something comes from, as in a promotion, names no target.
 */
function otherEnvironment(
  input: DeclaredInput,
  { from, value }: BoundInput,
  rules: BindingRules,
): string | null {
  const mayName = from === 'literal' || from === 'default' || (from === 'branch' && namesEnvironment(input))
  if (!mayName || /^(from|source)/i.test(input.name)) return null
  return otherEnvironmentNamed(value, rules)
}

/** Another environment of twokey.yml that has this name, there or on GitHub; null: none. */
export function otherEnvironmentNamed(name: string, rules: BindingRules): string | null {
  if (isSameText(name, rules.environment) || isSameText(name, rules.values.environment)) return null
  const other = rules.otherEnvironments.find(({ names }) => names.some((each) => isSameText(each, name)))
  return other?.environment ?? null
}

/** Whether the input chooses the environment of the workflow, by its type or its name. */
export function namesEnvironment({ name, type }: Pick<DeclaredInput, 'name' | 'type'>): boolean {
  return type === 'environment' || /(^|[_-])(env|environment|stage|tier)([_-]?name)?$/i.test(name)
}

/**
 * Refuses a binding that equals that of another service environment of the same workflow, because either could be
 * meant.
 */
function ambiguousSiblings(bound: readonly BoundInput[], rules: BindingRules): readonly InputProblem[] {
  return rules.siblings
    .filter((sibling) => !isDistinguished(bound, sibling, rules))
    .map((sibling) => ({ problem: 'ambiguous', sibling }))
}

function isDistinguished(bound: readonly BoundInput[], sibling: Sibling, rules: BindingRules): boolean {
  if (rules.environmentFrom === 'branch' && sibling.branch !== rules.branch) return true
  return bound.some(({ name, from, value }) => {
    const other = Object.hasOwn(sibling.values, name) ? sibling.values[name]! : null
    const distinguishes = from === 'literal' || from === 'environment' || from === 'service'
    return distinguishes && other !== null && !isSameText(value, other)
  })
}

function tooLarge(bound: readonly BoundInput[]): readonly InputProblem[] {
  return JSON.stringify(sentInputs(bound)).length > largestInputs ? [{ problem: 'too-large' }] : []
}

function isSameText(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** The usual meaning of input names. Only whole names count, because a part of a name says too little. */
const usualNames: readonly (readonly [RegExp, Exclude<InputSource, 'default' | 'literal'>])[] = [
  [/^(release|request|correlation|distinct|deploy|deployment)[_-]?id$|^correlation$/i, 'release_id'],
  [/^(requester|actor|(requested|triggered|deployed)[_-]by)$/i, 'requester'],
  [/^branch([_-]name)?$/i, 'branch'],
  [/^(service|app|application|component)s?([_-]name)?$/i, 'service'],
  [/^(git[_-]|commit[_-])?(sha|ref|commit|commitish)$/i, 'sha'],
]

/**
 * A mapping that twokey.yml could have for the input, as it would be written; null if only somebody who knows the
 * workflow can say. It is never the workflow's own environment, and never the commit for the name of an image, which
 * may be built from another.
 */
function suggestionFor(input: DeclaredInput, rules: BindingRules): Suggestion | null {
  const fits = (value: string) => misfit(input, value) === null
  if (/^(from|source)/i.test(input.name)) return null
  // If its default is a branch, the workflow checks out what the input chooses.
  if (choosesImage.test(input.name))
    return namesBranch(input, rules) && fits(rules.values.sha) ? { for: 'service', value: '$sha' } : null
  if (namesEnvironment(input)) {
    if (fits(rules.values.environment)) return { for: 'service', value: '$environment' }
    const option = input.options.find(
      (each) => isSameText(each, rules.environment) || isSameText(each, rules.values.environment),
    )
    return option === undefined ? null : { for: 'environment', value: option }
  }
  const usual = usualNames.find(([pattern]) => pattern.test(input.name))?.[1]
  if (usual) return fits(rules.values[usual]) ? { for: 'service', value: `$${usual}` } : null
  if (input.type === 'boolean' && /dry|noop|simulat|plan/i.test(input.name))
    return { for: 'service', value: 'false' }
  return isDecided(input) && isHarmless(input, rules) ? { for: 'service', value: '$default' } : null
}

function namesBranch({ default: otherwise }: DeclaredInput, { branch }: BindingRules): boolean {
  return otherwise !== null && [branch, 'main', 'master', 'develop', 'HEAD'].includes(otherwise)
}

function isHarmless(input: DeclaredInput, rules: BindingRules): boolean {
  const value = input.default ?? ''
  return (
    misfit(input, value) === null &&
    otherEnvironment(input, { name: input.name, from: 'default', value }, rules) === null
  )
}
