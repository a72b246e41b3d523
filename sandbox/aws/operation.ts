import { z } from 'zod'
import { AwsError, invalidParameter } from './error.ts'
import type { World } from './world.ts'

/** A schema for every member of a request of the SDK, and for no other. */
export type Shape<Request> = { readonly [Member in keyof Request]-?: z.ZodType<Request[Member]> }

/** Executes a parsed JSON body; throws AwsError to refuse it. Dates in the answer are `Date` objects. */
export type Operation = (world: World, body: unknown) => object | Promise<object>

/** An operation whose requests and answers have the SDK's own types. */
export function operation<Request extends object, Response extends object>(
  shape: Shape<Request>,
  answer: (world: World, request: Request) => Response,
): Operation {
  const schema = z.strictObject(shape as z.ZodRawShape)
  return (world, body) => {
    const parsed = schema.safeParse(body)
    if (!parsed.success) throw refusal(parsed.error)
    return answer(world, parsed.data as Request)
  }
}

/**
 * The error for a request that does not parse: unknown members and wrong types are serialization errors, anything else
 * is a bad parameter.
 */
function refusal({ issues: [issue] }: z.ZodError): AwsError {
  const at = issue!.path.join('.') || 'request'
  const isMissing = issue!.code === 'invalid_type' && issue!.message.includes('undefined')
  if (issue!.code === 'unrecognized_keys' || (issue!.code === 'invalid_type' && !isMissing)) {
    return new AwsError('SerializationException', `${at}: ${issue!.message}`)
  }
  return invalidParameter(`${at}: ${issue!.message}`)
}

/** The failure that ECS returns for an unknown resource. */
export const missing = (arn: string) => ({ arn, reason: 'MISSING' })

export const text = z.string().min(1)
/** A point in time: epoch seconds, fractions allowed. */
export const time = z.number().transform((seconds) => new Date(seconds * 1000))
/** A member whose inner shape is not checked. */
export function inner<T>(): z.ZodType<T | undefined> {
  return z.custom<T>((value) => typeof value === 'object' && value !== null).optional()
}

export const networkConfiguration = z.strictObject({
  awsvpcConfiguration: z
    .strictObject({
      subnets: z.array(text).min(1).max(16),
      securityGroups: z.array(text).max(5).optional(),
      assignPublicIp: z.enum(['ENABLED', 'DISABLED']).optional(),
    })
    .optional(),
})

export const capacityProviderStrategy = z
  .array(
    z.strictObject({
      capacityProvider: text,
      weight: z.int().min(0).max(1_000).optional(),
      base: z.int().min(0).max(100_000).optional(),
    }),
  )
  .max(20)

type PageRequest = { maxResults?: number | undefined; nextToken?: string | undefined }

/** One page of a list, by an opaque token. AWS may return fewer items than requested. */
export function page<T>(
  { mostOfPage }: World,
  items: readonly T[],
  { maxResults, nextToken, size }: PageRequest & { readonly size: number },
): { items: T[]; nextToken: string | undefined } {
  const from = nextToken === undefined ? 0 : position(nextToken)
  const to = from + Math.min(maxResults ?? size, mostOfPage)
  return { items: items.slice(from, to), nextToken: to < items.length ? btoa(`from:${to}`) : undefined }
}

function position(token: string): number {
  const found = /^from:(\d+)$/.exec(Buffer.from(token, 'base64').toString())
  if (!found) throw invalidParameter('Invalid token')
  return Number(found[1])
}
