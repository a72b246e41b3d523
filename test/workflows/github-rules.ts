import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml'
import type { Answer } from './kinds.ts'

/** An input of `workflow_dispatch`, as the file declares it. */
export type Input = {
  readonly description?: string
  readonly type?: string
  readonly required?: boolean
  readonly default?: unknown
  readonly options?: readonly unknown[]
}

/** An empty default does not satisfy `required`. */
export function hasDefault({ default: value }: Input): boolean {
  return value !== undefined && value !== null && value !== ''
}

/** GitHub's errors for a dispatch with these inputs; `type: environment` is compared with the sandbox's. */
export function dispatchFaults(answer: Answer, declared: Readonly<Record<string, Input>>): readonly string[] {
  if (answer.answer === 'refused') return answer.problems.length === 0 ? ['refused for nothing'] : []
  const { inputs, commits } = answer
  const sendsCommit = Object.values(inputs).includes('$sha')
  return [
    ...Object.keys(inputs).filter((name) => !Object.hasOwn(declared, name)),
    ...Object.entries(declared).flatMap(([name, input]) => {
      const value = inputs[name]
      if (value === undefined) return input.required && !hasDefault(input) ? [`${name} is required`] : []
      return takes(input, value) ? [] : [`${name} cannot be ${value}`]
    }),
    ...(sendsCommit === (commits === 'any') ? [] : [`commits: ${commits}`]),
  ]
}

function takes({ type, options }: Input, value: string): boolean {
  switch (type) {
    case 'choice':
      return options!.includes(value)
    case 'boolean':
      return value === 'true' || value === 'false'
    case 'environment':
      return value === 'dev' || value === 'production'
    default:
      return value !== ''
  }
}

const inputKeys = ['description', 'type', 'required', 'default', 'options']
const types = ['string', 'boolean', 'number', 'choice', 'environment']
const mostInputs = 25

/** GitHub's errors for the inputs of a workflow file: the rules of its workflow schema, and its limit. */
export function faultsOf(text: string): readonly string[] {
  const document = parseDocument(text)
  if (document.errors.length > 0) return document.errors.map(({ message }) => message)
  const inputs = document.getIn(['on', 'workflow_dispatch', 'inputs'])
  if (inputs === undefined) return []
  if (!isMap<Node, Node>(inputs)) return ['inputs are no mapping']
  const names = inputs.items.map(({ key }) => String(key))
  const lower = names.map((name) => name.toLowerCase())
  return [
    ...(names.length > mostInputs ? [`${names.length} inputs`] : []),
    ...names.filter((name) => !/^[A-Za-z_][\w-]*$/.test(name)).map((name) => `${name} is no name`),
    ...lower.filter((name, at) => lower.indexOf(name) < at).map((name) => `${name} is declared twice`),
    ...inputs.items.flatMap(({ key, value }) => {
      const input = isAlias(value) ? value.resolve(document) : value
      return inputFaults(input).map((fault) => `${key}: ${fault}`)
    }),
  ]
}

function inputFaults(input: unknown): readonly string[] {
  if (!isMap<Node, Node>(input)) return ['no mapping']
  const unknown = input.items.map(({ key }) => String(key)).filter((key) => !inputKeys.includes(key))
  const { type = 'string', required = false, default: standard, options } = input.toJSON() as Input
  const isChoice = type === 'choice'
  const choices = (isSeq(input.get('options')) ? options! : []).map(String)
  return [
    ...unknown.map((key) => `unknown key ${key}`),
    ...(types.includes(type) ? [] : [`unknown type ${type}`]),
    ...(typeof required === 'boolean' ? [] : ['required is no boolean']),
    ...(isChoice === choices.length > 0 ? [] : ['options are for a choice']),
    ...(standard === undefined || isScalar(input.get('default', true)) ? [] : ['default is no scalar']),
    ...(String(standard).includes('${{') ? ['default is an expression'] : []),
    ...(isChoice && standard !== undefined && !choices.includes(String(standard))
      ? ['default is no option']
      : []),
    ...(type === 'boolean' && standard !== undefined && typeof standard !== 'boolean'
      ? ['default is no boolean']
      : []),
  ]
}
