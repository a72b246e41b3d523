import { AwsError } from './error.ts'

/** A service as signatures name it. */
export type Service = Target['service'] | 'sts' | 'iam' | 'ec2' | 'elasticloadbalancing'

/** A service with the operation, as `x-amz-target` names them. */
export type Target = {
  readonly service: 'ecs' | 'logs' | 'codedeploy' | 'ecr' | 'sqs' | 'secretsmanager'
  readonly operation: string
}

const prefixes = {
  AmazonEC2ContainerServiceV20141113: 'ecs',
  Logs_20140328: 'logs',
  CodeDeploy_20141006: 'codedeploy',
  AmazonEC2ContainerRegistry_V20150921: 'ecr',
  AmazonSQS: 'sqs',
  secretsmanager: 'secretsmanager',
} as const

/** Reads `x-amz-target`. @throws {AwsError} UnknownOperationException */
export function readTarget(header: string | undefined): Target {
  const [prefix = '', operation = ''] = header?.split('.') ?? []
  const service = Object.entries(prefixes).find(([name]) => name === prefix)?.[1]
  if (!service) throw unknownOperation()
  return { service, operation }
}

export const unknownOperation = () => new AwsError('UnknownOperationException', 'The operation is not known.')

/** What a SigV4 `authorization` header is for. */
export type Scope = { readonly key: string; readonly region: string; readonly service: string }

const signed =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}$/

/** Reads the scope of a SigV4 `authorization` header. @throws {AwsError} if it is missing or has another form */
export function readScope(authorization: string | undefined): Scope {
  if (!authorization)
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token')
  const [, key, region, service] = signed.exec(authorization) ?? []
  if (key === undefined || region === undefined || service === undefined)
    throw new AwsError('IncompleteSignatureException', 'Authorization header is not as it should be.')
  return { key, region, service }
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
