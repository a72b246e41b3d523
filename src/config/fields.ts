import { z } from 'zod'
import type { Path } from './problems.ts'
import { configSchema } from './schema.ts'

/** The schema of one field: JSON Schema, with our own `allowed`. */
export type Field = {
  readonly description?: string
  readonly allowed?: string
  /** Where people find such a value. */
  readonly where?: string
  /** The default that zod fills in. */
  readonly default?: unknown
  /** The default in words, if zod does not fill it in. */
  readonly defaultText?: unknown
  readonly properties?: Readonly<Record<string, Field>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Field | boolean
  readonly items?: Field
  readonly anyOf?: readonly Field[]
  readonly not?: object
}

/** The schema of the whole file. */
export const wholeFile = z.toJSONSchema(configSchema, { io: 'input' }) as Field

/** The schema of the field at this path, if there is one. */
export function fieldAt(path: Path): Field | undefined {
  return path.reduce<Field | undefined>((field, part) => field && below(field, part), wholeFile)
}

function below(field: Field, part: string | number): Field | undefined {
  if (typeof part === 'number') return field.items ?? field.anyOf?.find((option) => option.items)?.items
  return (
    field.properties?.[part] ?? (isField(field.additionalProperties) ? field.additionalProperties : undefined)
  )
}

/** The allowed values of a field, in words. */
export function allowedText(field: Field | undefined): string {
  if (field?.allowed) return field.allowed
  return field?.properties ? `a mapping with ${knownKeys(field).join(', ')}` : 'another value'
}

/** The keys allowed here, without those that are not supported yet. */
export function knownKeys(field: Field): readonly string[] {
  const entries = Object.entries(field.properties ?? {})
  return entries.filter(([, value]) => !isUnsupported(value)).map(([key]) => key)
}

/** Whether the field is reserved for something that is not supported yet. */
export function isUnsupported(field: Field | undefined): boolean {
  return field?.not !== undefined
}

function isField(value: Field | boolean | undefined): value is Field {
  return typeof value === 'object'
}
