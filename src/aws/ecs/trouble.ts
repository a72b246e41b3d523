import { ClientException } from '@aws-sdk/client-ecs'
import { z } from 'zod'
import { Trouble } from '../../ports/ports.ts'
import { TooLarge } from '../../runtime/bounded.ts'
import { RoleNotAssumed } from '../accounts/role-not-assumed.ts'
import { words } from './words.ts'

/**
 * What kind of error the SDK threw. `denied`: no permission. `credentials`: expired, unknown or none. `misnamed`: a
 * cluster or a request that AWS will never accept. `not offered`: this endpoint has no such operation. `refused`:
 * another 4xx. `throttled` and `unanswered` (network, timeout, 5xx, an answer that is not JSON) may pass.
 */
export type Failing =
  | 'denied'
  | 'credentials'
  | 'misnamed'
  | 'not offered'
  | 'refused'
  | 'throttled'
  | 'unanswered'

const byName: readonly (readonly [RegExp, Failing])[] = [
  [/^AccessDenied|^UnauthorizedOperation|^NotAuthorized/, 'denied'],
  [
    /^ExpiredToken|^RequestExpired|^UnrecognizedClient|^InvalidClientTokenId|^InvalidAccessKeyId/,
    'credentials',
  ],
  [
    /^InvalidSignature|^SignatureDoesNotMatch|^IncompleteSignature|^MissingAuthenticationToken/,
    'credentials',
  ],
  [/^CredentialsProviderError$|^TokenProviderError$/, 'credentials'],
  [/Throttl|^TooManyRequests|^RequestLimitExceeded|^SlowDown|^LimitExceeded/, 'throttled'],
  [
    /^UnknownOperation|^InvalidAction|^NotImplemented|^UnsupportedFeature|^UnsupportedOperation/,
    'not offered',
  ],
  [/^ClusterNotFound|^InvalidParameter|^Validation|^Serialization|^Unsupported/, 'misnamed'],
]

/** Classifies an error of the SDK. */
export function failing(error: unknown): Failing {
  if (error instanceof NotOffered) return 'not offered'
  if (error instanceof RoleNotAssumed) return failingToAssume(error)
  const name = error instanceof Error ? error.name : ''
  const status = statusOf(error)
  const message = error instanceof Error ? error.message : ''
  if (status === 501 || unknownToStandIn(error)) return 'not offered'
  // LocalStack reports an operation that it lacks with this message and status 500 or 501.
  if (name === 'InternalFailure' && /not (?:yet |been )*implemented/i.test(message)) return 'not offered'
  if (status !== undefined && status >= 500) return 'unanswered'
  const known = byName.find(([pattern]) => pattern.test(name))?.[1]
  return known ?? (status !== undefined ? 'refused' : 'unanswered')
}

/** Without the role, twokey has no credentials: whether it lacks only one permission is not known. */
function failingToAssume({ cause }: RoleNotAssumed): Failing {
  const kind = failing(cause)
  return kind === 'throttled' || kind === 'unanswered' ? kind : 'credentials'
}

/** Whether a substitute for AWS reports an unknown operation, with a message that AWS does not use. */
function unknownToStandIn(error: unknown): boolean {
  return [400, 404, 405, 501].includes(answeredWith(error) ?? 0) && isShapeless(error)
}

/**
 * Whether a substitute for AWS failed with a page that AWS does not send: moto does so for an operation that it lacks,
 * and any server does temporarily.
 */
export function isStandInFailure(error: unknown): boolean {
  return answeredWith(error) === 500 && isShapeless(error) && !isJson(error)
}

/** An operation that counts as missing: a substitute for AWS failed on it again and again. */
class NotOffered extends Error {}

/** The error for an operation that counts as missing. */
export function notOffered(error: unknown, action: string): Trouble {
  const message = unanswered(error, '')
  return new Trouble('terminal', `AWS does not offer ${action} there: ${message}`, {
    cause: new NotOffered(message, { cause: error }),
  })
}

/**
 * Whether the answer is not an AWS error: an HTML page, or JSON without a type. Such an answer from AWS's own frontend
 * says nothing about its operations.
 */
export function isShapeless(error: unknown): boolean {
  if (ofAws.test(answer.safeParse(error).data?.$response?.answeredBy ?? '')) return false
  if (error instanceof SyntaxError) return !isJson(error)
  return error instanceof Error && isServiceError(error) && /^Unknown(?:Error)?$/.test(error.name)
}

/** Hosts of AWS. Source: partitions.json of the AWS SDKs, `dnsSuffix` and `dualStackDnsSuffix`. */
const ofAws =
  /\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws|api\.amazonwebservices\.(?:com\.cn|eu)|(?:c2s\.ic|sc2s\.sgov|csp\.hci\.ic)\.gov|cloud\.adc-e\.uk)$/

/** A truncated JSON answer does not come from another server. */
function isJson(error: unknown): boolean {
  return /json/i.test(answer.safeParse(error).data?.$response?.headers['content-type'] ?? '')
}

const answer = z.object({
  $metadata: z.object({ httpStatusCode: z.number() }),
  $response: z
    .object({ answeredBy: z.string().optional(), headers: z.record(z.string(), z.string()) })
    .optional()
    .catch(undefined),
})

/** HTTP status of an answer, even of one that is not an AWS error. */
function answeredWith(error: unknown): number | undefined {
  return answer.safeParse(error).data?.$metadata.httpStatusCode
}

/** HTTP status of an AWS error of any service; undefined if there is none. */
function statusOf(error: unknown): number | undefined {
  return serviceError.safeParse(error).data?.$metadata.httpStatusCode
}

function isServiceError(error: Error): boolean {
  return serviceError.safeParse(error).success
}

/** The SDK says of each error of a service whose fault it was. */
const serviceError = z.object({
  $fault: z.enum(['client', 'server']),
  $metadata: z.object({ httpStatusCode: z.number().optional() }),
})

/**
 * Converts an error of the SDK to `Trouble`.
 * @param action the IAM action that was called, as in `ecs:ListTasks`
 */
export function trouble(error: unknown, action: string): Trouble {
  if (error instanceof TooLarge)
    return new Trouble('terminal', `${action}: ${error.message}`, { cause: error })
  if (error instanceof RoleNotAssumed) return roleTrouble(error)
  const kind = failing(error)
  const cause = { cause: error }
  const message = saidBy(error)
  switch (kind) {
    case 'denied':
      return new Trouble('terminal', `AWS refused ${action}: ${message}; ${grant(error, action)}`, cause)
    case 'credentials':
      return new Trouble('terminal', `AWS refused ${action}: ${message}; ${renewal(error)}`, cause)
    case 'misnamed':
      return new Trouble('terminal', `AWS refused ${action}: ${message}; ${check(error)}`, cause)
    case 'not offered':
      return new Trouble(
        'terminal',
        `AWS does not offer ${action} there: ${unanswered(error, message)}`,
        cause,
      )
    case 'refused':
      return new Trouble('passing', `AWS refused ${action}: ${message}`, cause)
    case 'throttled':
      return new Trouble('passing', `AWS throttled ${action}: ${message}`, cause)
    case 'unanswered':
      return new Trouble('passing', `AWS did not answer ${action}: ${unanswered(error, message)}`, cause)
  }
}

function roleTrouble(error: RoleNotAssumed): Trouble {
  const kind = failing(error)
  const { roleArn, cause } = error
  const said = trouble(cause, `sts:AssumeRole on ${roleArn}`)
  const message = failing(cause) === 'denied' ? refusedRole(roleArn, cause) : said.message
  return new Trouble(kind === 'credentials' ? 'terminal' : 'passing', message, { cause: error })
}

/** AWS answers the same for a role that does not exist, that does not trust twokey, and that twokey may not assume. */
function refusedRole(roleArn: string, cause: unknown): string {
  return `AWS did not let twokey assume ${roleArn}: ${saidBy(cause)}; check that the role exists, that its trust policy names the role that twokey runs as, and that this one may call sts:AssumeRole on it`
}

function saidBy(error: unknown): string {
  return error instanceof Error ? words(error.message) : 'no error was given'
}

/** AWS may require another permission than that of the call itself, such as `iam:PassRole`. */
function grant(error: unknown, action: string): string {
  const [, missing = action, resource] =
    (error instanceof Error &&
      /not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)(?:.*?on resource: (arn:[^\s"',]+))?/.exec(
        error.message,
      )) ||
    []
  const on = missing === 'iam:PassRole' && resource !== undefined ? ` on ${resource}` : ''
  return `grant ${missing}${on} to the role that twokey runs as`
}

function renewal(error: unknown): string {
  const name = error instanceof Error ? error.name : ''
  if (/^ExpiredToken|^RequestExpired/.test(name)) return 'renew the AWS credentials that twokey runs with'
  if (/ProviderError$/.test(name))
    return 'give twokey AWS credentials: a task role, or AWS_ACCESS_KEY_ID and so on'
  return 'check the AWS credentials, the region and the clock that twokey runs with'
}

function check(error: unknown): string {
  return error instanceof Error && error.name.startsWith('ClusterNotFound')
    ? 'check the cluster and the region in the config file'
    : 'check the names in the config file'
}

function unanswered(error: unknown, said: string): string {
  const status = answeredWith(error)
  const came = isShapeless(error) && !isJson(error) ? 'what came back was not JSON' : said
  return status === undefined ? came : `HTTP ${status}, ${came}`
}

/** Waits for an answer of the SDK; throws `Trouble` that names the action. */
export async function namingAction<T>(action: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw trouble(error, action)
  }
}

/** Whether this is our error for a missing permission, or for an operation that the endpoint does not offer. */
export function isDenied(error: unknown): boolean {
  return isNotOffered(error) || isForbidden(error)
}

/** Whether this is our error for an operation that the endpoint does not offer. */
export function isNotOffered(error: unknown): boolean {
  return error instanceof Trouble && error.cause instanceof Error && failing(error.cause) === 'not offered'
}

function isForbidden(error: unknown): boolean {
  return error instanceof Trouble && error.cause instanceof Error && failing(error.cause) === 'denied'
}

/** Whether a request about several objects may have failed for only one of them. */
export function mayBeOfOne(error: unknown): boolean {
  if (!(error instanceof Trouble) || !(error.cause instanceof Error)) return false
  return isForbidden(error) || /^InvalidParameter|^ClientException/.test(error.cause.name)
}

/** Whether AWS knows no such task definition: a plain `ClientException`, recognized by its message. */
export function isUnknownDefinition(error: unknown): boolean {
  return (
    error instanceof Trouble &&
    error.cause instanceof ClientException &&
    /unable to describe task definition/i.test(error.cause.message)
  )
}

/** Returns undefined if the read is denied or not offered. */
export async function unlessDenied<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isDenied(error)) return undefined
    throw error
  }
}
