import { parse } from 'yaml'
import { z } from 'zod'
import type { WorkflowInput } from '../release/release.ts'

/** An input that `workflow_dispatch` declares. `needed`: GitHub refuses a dispatch without it. */
export type DeclaredInput = { readonly name: string; readonly needed: boolean }

/** What a workflow file says of being dispatched. */
export type Trigger =
  | { readonly trigger: 'dispatch'; readonly inputs: readonly DeclaredInput[] }
  | { readonly trigger: 'other'; readonly events: readonly string[] }
  | { readonly trigger: 'unreadable'; readonly why: string }

/** The inputs that twokey fills, in the order in which they are told. */
const ours: readonly WorkflowInput[] = ['environment', 'sha', 'release_id']

const events = z.union([
  z.string().transform((event) => ({ [event]: null })),
  z.array(z.string()).transform((names) => Object.fromEntries(names.map((name) => [name, null]))),
  z.record(z.string(), z.unknown()),
])

/** A YAML 1.1 document reads the key `on` as true. */
const file = z.object({ on: events }).or(z.object({ true: events }).transform(({ true: on }) => ({ on })))

const input = z.object({ required: z.unknown(), default: z.unknown() }).partial().nullish()
const dispatchTrigger = z.object({ inputs: z.record(z.string(), input).nullish() }).nullish()

/** Reads a workflow file as far as its triggers, in all the forms that `on` may have. */
export function readTrigger(text: string): Trigger {
  const document = parsed(text)
  if ('why' in document) return { trigger: 'unreadable', why: document.why }
  const { data } = file.safeParse(document.value)
  if (!data) return { trigger: 'unreadable', why: 'it has no `on` that names events' }
  if (!Object.hasOwn(data.on, 'workflow_dispatch')) return { trigger: 'other', events: Object.keys(data.on) }
  const dispatch = dispatchTrigger.safeParse(data.on.workflow_dispatch)
  if (!dispatch.success)
    return { trigger: 'unreadable', why: 'its `workflow_dispatch` declares no proper inputs' }
  const inputs = Object.entries(dispatch.data?.inputs ?? {}).map(([name, declared]) => ({
    name,
    needed: isTrue(declared?.required) && isMissing(declared?.default),
  }))
  return { trigger: 'dispatch', inputs }
}

function parsed(text: string): { readonly value: unknown } | { readonly why: string } {
  try {
    return { value: parse(text, { logLevel: 'error' }) }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { why: error.message.split('\n')[0]!.replace(/:$/, '') }
  }
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}

/** An empty default does not satisfy `required`. */
function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** Those of our inputs that it declares. */
export function inputsOf(declared: readonly DeclaredInput[]): readonly WorkflowInput[] {
  return ours.filter((name) => declared.some((each) => each.name === name))
}

/** The inputs that GitHub would refuse a dispatch without and that are not ours to fill. */
export function foreignInputs(declared: readonly DeclaredInput[]): readonly string[] {
  const known: readonly string[] = ours
  return declared.filter(({ name, needed }) => needed && !known.includes(name)).map(({ name }) => name)
}
