import { region } from '../seed.ts'
import { AwsError } from './error.ts'

/** The only access key that the sandbox accepts. */
export const accessKey = { id: 'AKIASANDBOXSANDBOX00', secret: 'sandbox-secret-of-nothing' } as const

/** A service with the operation, as `x-amz-target` names them. */
export type Target = { readonly service: 'ecs' | 'logs' | 'codedeploy'; readonly operation: string }

const prefixes = {
  AmazonEC2ContainerServiceV20141113: 'ecs',
  Logs_20140328: 'logs',
  CodeDeploy_20141006: 'codedeploy',
} as const

/** Reads `x-amz-target`. @throws {AwsError} UnknownOperationException */
export function readTarget(header: string | undefined): Target {
  const [prefix = '', operation = ''] = header?.split('.') ?? []
  const service = Object.entries(prefixes).find(([name]) => name === prefix)?.[1]
  if (!service) throw unknownOperation()
  return { service, operation }
}

export const unknownOperation = () => new AwsError('UnknownOperationException', 'The operation is not known.')

/** Checks the caller by the SigV4 `authorization` header: the key and its scope. The signature is not verified. */
export function authenticate(
  authorization: string | undefined,
  service: Target['service'],
  token: string,
): void {
  if (!authorization) {
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token')
  }
  const scope =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}$/
  const found = scope.exec(authorization)
  if (!found)
    throw new AwsError('IncompleteSignatureException', 'Authorization header is not as it should be.')
  const [, key, , scopedRegion, scopedService] = found
  if (key !== accessKey.id) {
    throw new AwsError(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    )
  }
  if (token === 'expired') {
    throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired')
  }
  if (scopedService !== service) {
    throw new AwsError(
      'InvalidSignatureException',
      `Credential should be scoped to correct service: '${service}'.`,
    )
  }
  if (scopedRegion !== region) {
    throw new AwsError(
      'InvalidSignatureException',
      `Credential should be scoped to a valid region, not '${scopedRegion}'.`,
    )
  }
}

/** An answer in awsJson1_1: dates as epoch seconds, absent members left out. */
export function toJson(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, toJson(member)]),
  )
}
