import type { Cloud } from './cloud.ts'
import { AwsError } from './error.ts'
import type { Caller } from './iam.ts'
import type { World } from './world.ts'
import type { Xml } from './xml.ts'

/** The members of a request in the query protocols, such as `SubnetId.1`. */
export type Form = ReadonlyMap<string, string>

/** What an operation may use. */
export type Call = {
  readonly form: Form
  readonly cloud: Cloud
  readonly world: World
  readonly caller: Caller
  /** ms since the epoch. */
  readonly now: number
}

/** A service with a form as request and XML as answer. `style`: EC2 has no element for the result, and other errors. */
export type QueryService = {
  /** As signatures name it. */
  readonly name: 'sts' | 'iam' | 'ec2' | 'elasticloadbalancing'
  readonly style: 'query' | 'ec2'
  readonly version: string
  readonly namespace: string
  readonly operations: Readonly<Record<string, (call: Call) => Xml>>
}

/** A member that has to be there and to match. @throws {AwsError} ValidationError */
export function field(form: Form, name: string, pattern: RegExp): string {
  const value = form.get(name)
  if (value === undefined)
    throw new AwsError('ValidationError', `1 validation error detected: ${name} is null`)
  if (!pattern.test(value)) throw invalidField(name, value)
  return value
}

/** The values of a list, `PREFIX.1`, `PREFIX.2` and so on. */
export function listed(form: Form, prefix: string): readonly string[] {
  return [...form].flatMap(([name, value]) =>
    name.startsWith(`${prefix}.`) && /^\d+$/.test(name.slice(prefix.length + 1)) ? [value] : [],
  )
}

export function invalidField(name: string, value: string): AwsError {
  const member = name[0]!.toLowerCase() + name.slice(1)
  return new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint`,
  )
}
