import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseConfig } from '../../src/config/load.ts'
import { badText, textOf, withMap } from './files.ts'
import { dispatchFaults, faultsOf, hasDefault, type Input } from './github-rules.ts'
import { bad, environments, kinds, type Problem, type Properties } from './kinds.ts'

type Job = {
  readonly uses?: string
  readonly environment?: unknown
  readonly strategy?: { readonly matrix?: unknown }
}
type Workflow = {
  readonly on: string | readonly string[] | Readonly<Record<string, unknown>>
  readonly jobs: Readonly<Record<string, Job>>
}

const workflowOf = (file: string): Workflow => parse(textOf(`files/${file}`))

function eventsOf({ on }: Workflow): readonly string[] {
  if (typeof on === 'string') return [on]
  return Array.isArray(on) ? on : Object.keys(on)
}

function inputsOf({ on }: Workflow): Readonly<Record<string, Input>> {
  if (typeof on === 'string' || !('workflow_dispatch' in on)) return {}
  const trigger = on.workflow_dispatch as { readonly inputs?: Readonly<Record<string, Input>> } | null
  return trigger?.inputs ?? {}
}

const files = (folder: string) => readdirSync(new URL(`${folder}/`, import.meta.url)).toSorted()

test('every workflow file is in a table', () => {
  expect(kinds.map(({ file }) => file).toSorted()).toEqual(files('files'))
  expect(bad.map(({ file }) => file).toSorted()).toEqual([...files('bad'), 'large-inputs.yml'].toSorted())
  expect([...new Set(kinds.flatMap(({ companions }) => companions))].toSorted()).toEqual(files('companions'))
})

/** The numbers in the 27 public workflows. */
const counts: readonly (readonly [string, (properties: Properties) => boolean, number])[] = [
  ['no inputs', ({ inputs }) => inputs === 0, 9],
  ['inputs', ({ inputs }) => inputs > 0, 18],
  ['`environment` as a choice', ({ environment }) => environment === 'choice', 8],
  ['`environment` of the type environment', ({ environment }) => environment === 'environment', 1],
  ['`environment` as a string', ({ environment }) => environment === 'string', 2],
  ['the environment under another name', ({ environment }) => Array.isArray(environment), 3],
  ['an input for what ships', ({ version }) => version !== null, 8],
  ['an input for what ships, main or latest by default', ({ version }) => !!version?.default, 4],
  ['an input for the service', ({ service }) => service !== null, 6],
  ['a required input that twokey cannot fill', ({ unfilled }) => unfilled.length > 0, 11],
  ['a GitHub environment', ({ githubEnvironment }) => githubEnvironment, 13],
  ['a called workflow', ({ reusable }) => reusable, 10],
  ['a push trigger', ({ push }) => push, 10],
  ['a call trigger', ({ call }) => call, 5],
  ['several AWS identities', ({ severalIdentities }) => severalIdentities, 5],
  ['several regions', ({ severalRegions }) => severalRegions, 2],
  ['a wait for stability', ({ waits }) => waits, 10],
  ['a matrix', ({ matrix }) => matrix, 3],
  ['the branch that decides', ({ decidedBy }) => decidedBy === 'branch', 3],
  ['a file for each environment', ({ decidedBy }) => decidedBy === 'file', 1],
]

test.each(counts)('the kinds include as many with %s as real workflows do', (_, has, count) => {
  expect(kinds.filter(({ properties }) => has(properties)).map(({ file }) => file)).toHaveLength(count)
})

describe.each(kinds)('$file', (kind) => {
  const workflow = workflowOf(kind.file)
  const declared = inputsOf(workflow)

  test('the workflow starts on workflow_dispatch, and GitHub accepts it', () => {
    expect(eventsOf(workflow)).toContain('workflow_dispatch')
    expect(faultsOf(textOf(`files/${kind.file}`))).toEqual([])
  })

  test('the workflow has the properties that the table states', () => {
    const { decidedBy: _, ...properties } = kind.properties
    expect(propertiesOf(kind.file)).toEqual(properties)
  })

  test('the workflow comes with the workflows of the repository that it calls', () => {
    const called = Object.values(workflow.jobs).flatMap(({ uses }) =>
      uses?.startsWith('./.github/workflows/') ? [uses.slice('./.github/workflows/'.length)] : [],
    )
    expect(kind.companions).toEqual(expect.arrayContaining(called))
  })

  test('the workflow has a service entry that twokey.yml accepts, unless the table marks it as wrong', () => {
    if (kind.before.outcome === 'config error') return
    const config = parseConfig(`slack: { channel: C0DEPLOYS }\n${environments}${kind.services}`)
    expect(config).not.toHaveProperty('problems')
    expect(Object.keys(kind.before.requests).toSorted()).toEqual(requestsOf(kind.services))
  })

  test('the workflow is sent only what GitHub accepts', () => {
    const answers = Object.values({
      ...(kind.before.outcome === 'requests' ? kind.before.requests : {}),
    }).concat(kind.map.is === 'needed' ? Object.values(kind.map.after) : [])
    expect(answers.flatMap((answer) => dispatchFaults(answer, declared))).toEqual([])
  })

  test('the workflow has an input for each problem', () => {
    const problems = [
      ...(kind.before.outcome === 'requests'
        ? Object.values(kind.before.requests).flatMap((answer) =>
            answer.answer === 'refused' ? answer.problems : [],
          )
        : []),
      ...kind.wrongMaps.flatMap((map) => ('problem' in map ? [map.problem] : [])),
    ]
    expect(problems.filter((problem) => !isPlausible(problem, declared))).toEqual([])
  })

  test('the workflow has maps for the services of the entry and all of their requests', () => {
    const lines = kind.wrongMaps.map((map) => map.lines)
    if (kind.map.is === 'needed') {
      lines.push(kind.map.lines)
      expect(Object.keys(kind.map.after).toSorted()).toEqual(requestsOf(kind.services))
    }
    for (const each of lines)
      expect(requestsOf(withMap(kind.services, each))).toEqual(requestsOf(kind.services))
  })
})

describe('invalid workflow files', () => {
  test.each(bad)('$name: GitHub accepts it: $valid', ({ file, valid }) => {
    expect(faultsOf(badText(file)).length === 0).toBe(valid)
  })

  test('the large workflow file is larger than an answer of GitHub', () => {
    expect(badText('large-inputs.yml').length).toBeGreaterThan(1024 ** 2)
  })
})

/** The requests that a `services:` block allows. */
function requestsOf(services: string): readonly string[] {
  const block = parse(services) as { services: Record<string, { environments: Record<string, unknown> }> }
  return Object.entries(block.services)
    .flatMap(([service, entry]) => Object.keys(entry.environments).map((name) => `${service} ${name}`))
    .toSorted()
}

const versionInputs = ['image_tag', 'tag', 'version', 'ref']
const serviceInputs = ['service', 'services', 'app_name']
const environmentInputs = ['env', 'from_env', 'to_env']
const filled = ['environment', 'sha', 'release_id']

function propertiesOf(file: string): Omit<Properties, 'decidedBy'> {
  const text = textOf(`files/${file}`)
  const workflow = workflowOf(file)
  const inputs = inputsOf(workflow)
  const names = Object.keys(inputs)
  const jobs = Object.values(workflow.jobs)
  const version = names.find((name) => versionInputs.includes(name))
  const others = names.filter((name) => environmentInputs.includes(name))
  return {
    inputs: names.length,
    environment: inputs.environment ? typeOf(inputs.environment) : others.length > 0 ? others : null,
    version: version ? { input: version, default: (inputs[version]?.default as string) ?? null } : null,
    service: names.find((name) => serviceInputs.includes(name)) ?? null,
    unfilled: names.filter(
      (name) => inputs[name]!.required && !hasDefault(inputs[name]!) && !filled.includes(name),
    ),
    githubEnvironment: jobs.some(({ environment }) => environment !== undefined),
    reusable: jobs.some(({ uses }) => uses !== undefined),
    push: eventsOf(workflow).includes('push'),
    call: eventsOf(workflow).includes('workflow_call'),
    severalIdentities: distinct(text, /arn:aws:iam::\d+:role\/[\w-]+/g) > 1,
    severalRegions: distinct(text, /\b[a-z]{2}-[a-z]+-\d\b/g) > 1,
    waits: /wait-for-service-stability: true|wait services-stable/.test(text),
    matrix: jobs.some(({ strategy }) => strategy?.matrix !== undefined),
  }
}

function typeOf(input: Input): 'choice' | 'environment' | 'string' {
  return (input.type ?? 'string') as 'choice' | 'environment' | 'string'
}

function distinct(text: string, pattern: RegExp): number {
  return new Set([...text.matchAll(pattern)].map(([found]) => found)).size
}

/** A missing input is undeclared, required, or has a default that nobody chose; an invalid one is declared. */
function isPlausible({ code, input: name }: Problem, declared: Readonly<Record<string, Input>>): boolean {
  const input = declared[name]
  if (code === 'input_invalid') return input !== undefined
  return input === undefined || input.required === true || hasDefault(input)
}
