/**
 * Cuts the operations that the sandbox serves out of GitHub's OpenAPI description, into
 * sandbox/github/openapi.json, and the webhooks that it sends into webhooks.json. The description weighs hundreds of MB, so it is no dependency:
 *
 *   npm install --no-save @octokit/openapi
 *   npm run openapi -- node_modules/@octokit/openapi
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { coverage } from '../sandbox/github/coverage.ts'
import { type HookEvent, hookActions, hookName } from '../sandbox/github/hooks/events.ts'

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
type Tree = { [key: string]: Json }

const target = (file: string) => new URL(`../sandbox/github/${file}`, import.meta.url)
const source = join(process.argv[2] ?? 'node_modules/@octokit/openapi', 'generated/api.github.com.json')
if (!existsSync(source)) {
  console.error(
    `Nothing at ${source}. Run: npm install --no-save @octokit/openapi\n` +
      'then: npm run openapi -- node_modules/@octokit/openapi',
  )
  process.exit(2)
}
const whole = JSON.parse(readFileSync(source, 'utf8')) as Tree

/** Keys for readers that a validator does not need. */
const prose = new Set([
  'description',
  'example',
  'examples',
  'title',
  'summary',
  'externalDocs',
  'deprecated',
  'readOnly',
  'discriminator',
  'default',
])
const checkedFormats = new Set(['date-time', 'date', 'email', 'uri', 'uuid', 'int64'])
const maps = new Set(['properties', 'patternProperties'])

/** A schema without prose, with `nullable` in the form of JSON Schema. */
function schema(tree: Json): Json {
  if (Array.isArray(tree)) return tree.map(schema)
  if (!isTree(tree)) return tree
  const kept: Tree = {}
  for (const [key, value] of Object.entries(tree)) {
    if (prose.has(key) || key.startsWith('x-') || key === 'nullable') continue
    // An address that is empty by default is no address.
    if (key === 'format' && (!checkedFormats.has(String(value)) || tree.default === '')) continue
    if (key === '$ref') kept[key] = keepSchema(String(value))
    else if (key === 'enum') kept[key] = value
    else if (maps.has(key) && isTree(value))
      kept[key] = Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, schema(entry)]))
    else kept[key] = schema(value)
  }
  return tree.nullable === true ? orNull(kept) : kept
}

function orNull(kept: Tree): Tree {
  if (typeof kept.type !== 'string') return { anyOf: [{ type: 'null' }, kept] }
  const nullable: Tree = { ...kept, type: [kept.type, 'null'] }
  if (Array.isArray(kept.enum)) nullable.enum = [...kept.enum, null]
  return nullable
}

/** The schemas of the file in hand. */
let schemas: Tree = {}

/** Keeps the schema that a reference names, once, and returns the reference. */
function keepSchema(reference: string): string {
  const name = reference.replace('#/components/schemas/', '')
  if (!(name in schemas)) {
    schemas[name] = {}
    schemas[name] = schema(at(reference))
  }
  return `#/components/schemas/${name}`
}

function at(reference: string): Json {
  let place: Json = whole
  for (const part of reference.replace('#/', '').split('/'))
    place = asTree(place)[part.replaceAll('~1', '/').replaceAll('~0', '~')]!
  return place
}

function isTree(value: Json | undefined): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The schema of a list's items is named elsewhere too; there it is right. */
const corrections: Readonly<Record<string, { readonly status: string; readonly items: string }>> = {
  // Here `account` is described as a user and an enterprise at once.
  'GET /app/installations': { status: '200', items: '#/components/schemas/installation' },
}

function asTree(value: Json | undefined): Tree {
  if (!isTree(value)) throw new Error(`An object was expected, not ${JSON.stringify(value)}`)
  return typeof value.$ref === 'string' ? asTree(at(value.$ref)) : value
}

function content(of: Tree): Tree {
  const json = isTree(of.content) ? of.content['application/json'] : undefined
  return json ? { content: { 'application/json': { schema: schema(asTree(json).schema!) } } } : {}
}

/** GitHub rejects unknown keys in a body; its description does not say so. */
function requestBody(body: Json | undefined): Tree {
  if (!body) return {}
  const kept = content(asTree(body))
  const json = asTree(asTree(kept.content)['application/json']).schema!
  const required = asTree(body).required === true
  return { requestBody: { required, content: { 'application/json': { schema: closed(json) } } } }
}

function closed(shape: Json): Tree {
  const named = isTree(shape) && typeof shape.$ref === 'string' ? shape.$ref : undefined
  const json = named ? asTree(schemas[named.replace('#/components/schemas/', '')]) : asTree(shape)
  if (Array.isArray(json.anyOf)) return { ...json, anyOf: json.anyOf.map(closed) }
  const isObject = [json.type].flat().includes('object')
  return isObject ? { ...json, additionalProperties: false } : json
}

function operation(route: string): Tree {
  const [method, path] = route.split(' ') as [string, string]
  const found = asTree(asTree(asTree(whole.paths)[path])[method.toLowerCase()])
  const parameters = ((found.parameters ?? []) as Json[]).map((parameter) => {
    const { name, in: place, required, schema: shape } = asTree(parameter)
    // Formats of parameters are too narrow: `created` is described as a date, but accepts `>=2026-11-23`.
    const { format: _, oneOf, ...kept } = asTree(schema(shape!))
    // On the wire an id is text, and so are both types of "an integer or a string".
    const wire: Tree = oneOf ? { ...kept, anyOf: oneOf } : kept
    return { name: name!, in: place!, required: required ?? false, schema: wire }
  })
  const corrected = corrections[route]
  const responses = Object.entries(asTree(found.responses)).map(([status, response]) => [
    status,
    status === corrected?.status
      ? {
          content: {
            'application/json': { schema: { type: 'array', items: { $ref: keepSchema(corrected.items) } } },
          },
        }
      : content(asTree(response)),
  ])
  return {
    operationId: found.operationId!,
    parameters,
    ...requestBody(found.requestBody),
    responses: Object.fromEntries(responses),
  }
}

const paths: Tree = {}
for (const route of Object.keys(coverage)) {
  const [method, path] = route.split(' ') as [string, string]
  paths[path] = { ...(paths[path] as Tree), [method.toLowerCase()]: operation(route) }
}
const slice = {
  openapi: whole.openapi!,
  info: { title: 'GitHub REST API, the slice the sandbox serves', version: asTree(whole.info).version! },
  paths,
  components: { schemas },
}
const text = `${JSON.stringify(slice)}\n`
writeFileSync(target('openapi.json'), text)
console.log(`${Object.keys(coverage).length} operations, ${Math.round(text.length / 1000)} kB`)

schemas = {}
const webhooks: Tree = {}
for (const [event, actions] of Object.entries(hookActions))
  for (const action of actions) {
    const name = hookName(event as HookEvent, action)
    const { post } = asTree(asTree(whole['x-webhooks'])[name])
    const json = asTree(asTree(asTree(asTree(post).requestBody).content)['application/json'])
    webhooks[name] = schema(json.schema!)
  }
const hooksText = `${JSON.stringify({ webhooks, components: { schemas } })}\n`
writeFileSync(target('webhooks.json'), hooksText)
console.log(`${Object.keys(webhooks).length} webhooks, ${Math.round(hooksText.length / 1000)} kB`)
