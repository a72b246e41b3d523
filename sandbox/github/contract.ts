import { readFileSync } from 'node:fs'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import type { Route } from './coverage.ts'

type Place = { readonly content?: Readonly<Record<string, { readonly schema: object }>> }
type Operation = {
  readonly parameters: readonly {
    readonly name: string
    readonly in: 'path' | 'query' | 'header'
    readonly required: boolean
    readonly schema: object
  }[]
  readonly requestBody?: Place & { readonly required: boolean }
  readonly responses: Readonly<Record<string, Place>>
}
type Description = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

const json = 'application/json'
const id = 'github'
/** Most schemas check a few values only: to optimize their code would take far longer than it saves. */
const options = { strict: false, allErrors: true, code: { optimize: false } }

let contract: Contract | undefined

/** The contract, created once per process: its only state is the compiled schemas. */
export function theContract(): Contract {
  contract ??= new Contract()
  return contract
}

/** Checks requests, and the sandbox's answers, against GitHub's own description of its API. */
export class Contract {
  readonly #operations: Description['paths']
  readonly #bodies = formats.default(new Ajv(options))
  readonly #parameters = new Ajv({ ...options, coerceTypes: true })
  readonly #compiled = new Map<string, ValidateFunction>()

  constructor() {
    const file = new URL('./openapi.json', import.meta.url)
    const { paths, components } = JSON.parse(readFileSync(file, 'utf8')) as Description
    this.#operations = paths
    this.#bodies.addSchema({ $id: id, components })
  }

  #operation(route: Route): Operation {
    const [method, path] = route.split(' ') as [string, string]
    return this.#operations[path]![method.toLowerCase()]!
  }

  /** The problems that GitHub would refuse a request for, in GitHub's words; empty if the request is valid. */
  refused(
    route: Route,
    request: {
      readonly params: Readonly<Record<string, string>>
      readonly query: URLSearchParams
      readonly body: unknown
    },
  ): string[] {
    const { parameters, requestBody } = this.#operation(route)
    const values = { path: request.params, query: Object.fromEntries(request.query) }
    const wrong = (['path', 'query'] as const).flatMap((location) => {
      const here = parameters.filter((parameter) => parameter.in === location)
      const check = this.#check(`${route} ${location}`, this.#parameters, () => ({
        type: 'object',
        properties: Object.fromEntries(here.map(({ name, schema }) => [name, schema])),
        required: here.filter(({ required }) => required).map(({ name }) => name),
      }))
      return problems(check, { ...values[location] })
    })
    const schema = requestBody?.content?.[json]?.schema
    if (!schema) return wrong
    const check = this.#check(`${route} body`, this.#bodies, () => local(schema))
    return [...wrong, ...problems(check, request.body ?? {})]
  }

  /** Where an answer of the sandbox differs from GitHub's description; empty if it does not. */
  broken(route: Route, status: number, body: unknown): string[] {
    const { responses } = this.#operation(route)
    const response = responses[status]
    if (!response) return status < 300 ? [`${status} is not an answer of this route`] : []
    const schema = response.content?.[json]?.schema
    if (!schema) return []
    const check = this.#check(`${route} ${status}`, this.#bodies, () => local(schema))
    return check(body) ? [] : check.errors!.map((error) => `${error.instancePath} ${error.message}`)
  }

  #check(name: string, ajv: Ajv, schema: () => object): ValidateFunction {
    const known = this.#compiled.get(name)
    if (known) return known
    const made = ajv.compile(schema())
    this.#compiled.set(name, made)
    return made
  }
}

/** A schema whose references point into the description. */
function local(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', `"${id}#/components/`)) as object
}

function problems(check: ValidateFunction, value: unknown): string[] {
  if (check(value)) return []
  const unknown = check.errors!.filter(({ keyword }) => keyword === 'additionalProperties')
  const others = check.errors!.filter(({ keyword }) => keyword !== 'additionalProperties')
  return [...(unknown.length > 0 ? [notPermitted(unknown)] : []), ...others.map(inGitHubsWords)]
}

function notPermitted(unknown: readonly ErrorObject[]): string {
  const keys = unknown.map(({ params }) => `"${params.additionalProperty}"`).join(', ')
  return unknown.length === 1 ? `${keys} is not a permitted key.` : `${keys} are not permitted keys.`
}

function inGitHubsWords(error: ErrorObject): string {
  const at = error.instancePath.replace(/^\//, '').replaceAll('/', '/properties/')
  switch (error.keyword) {
    case 'required':
      return `"${error.params.missingProperty}" wasn't supplied.`
    case 'type':
      return `For 'properties/${at}', the value is not of type ${error.params.type}.`
    case 'maxProperties':
      return `For 'properties/${at}', no more than ${error.params.limit} properties are allowed.`
    default:
      return `For 'properties/${at}', the value ${error.message}.`
  }
}
