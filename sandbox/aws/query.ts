import type { Cloud } from './cloud.ts'
import { ec2 } from './ec2.ts'
import { AwsError } from './error.ts'
import { iamApi } from './iam-operations.ts'
import { loadBalancing } from './load-balancing.ts'
import type { Form, QueryService } from './query-service.ts'
import { sts } from './sts.ts'
import { readScope } from './wire.ts'
import { element, type Xml } from './xml.ts'

type Headers = (name: string) => string | undefined

/** The services with the query protocols. */
export const queryServices: readonly QueryService[] = [sts, iamApi, ec2, loadBalancing]

/** The name of the operation that a form names. */
export function actionOf(form: Form): string {
  return form.get('Action') ?? 'unknown'
}

/** Answers a request in the query protocols. */
export function answerQuery(cloud: Cloud, form: Form, headers: Headers): Response {
  const service = serviceOf(headers)
  const action = actionOf(form)
  try {
    return xml(200, answered(service, action, execute(cloud, service, form, headers)))
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const { code, status } = errorOf(service, error.type)
    return xml(status, refused(service, code, error.message))
  }
}

/** An unsigned request is answered as STS does. */
function serviceOf(headers: Headers): QueryService {
  try {
    const { service } = readScope(headers('authorization'))
    return queryServices.find(({ name }) => name === service) ?? sts
  } catch (error) {
    if (error instanceof AwsError) return sts
    throw error
  }
}

function execute(cloud: Cloud, service: QueryService, form: Form, headers: Headers): Xml {
  const now = Date.now()
  const { caller, world } = cloud.enter(headers, service.name, now)
  const action = actionOf(form)
  const operation = Object.hasOwn(service.operations, action) ? service.operations[action] : undefined
  if (form.get('Version') !== service.version || operation === undefined)
    throw new AwsError(
      'InvalidAction',
      `Could not find operation ${action} for version ${form.get('Version') ?? 'NO_VERSION_SPECIFIED'}`,
    )
  // GetCallerIdentity needs no permission.
  if (action !== 'GetCallerIdentity') world.authorize(`${service.name}:${action}`, caller.arn)
  return operation({ form, cloud, world, caller, now })
}

function answered({ style, namespace }: QueryService, action: string, result: Xml): string {
  const id = crypto.randomUUID()
  const content =
    style === 'ec2'
      ? element({ requestId: id, ...result })
      : element({ [`${action}Result`]: result, ResponseMetadata: { RequestId: id } })
  return `<${action}Response xmlns="${namespace}">${content}</${action}Response>`
}

function refused({ style, namespace }: QueryService, code: string, message: string): string {
  const id = crypto.randomUUID()
  if (style === 'ec2')
    return `<Response>${element({ Errors: { Error: { Code: code, Message: message } }, RequestID: id })}</Response>`
  const error = element({ Error: { Type: 'Sender', Code: code, Message: message }, RequestId: id })
  return `<ErrorResponse xmlns="${namespace}">${error}</ErrorResponse>`
}

/** What the query protocols call errors that the JSON protocols name otherwise. */
const queryErrors: Readonly<Record<string, { readonly code: string; readonly status: number }>> = {
  AccessDenied: { code: 'AccessDenied', status: 403 },
  AccessDeniedException: { code: 'AccessDenied', status: 403 },
  ExpiredTokenException: { code: 'ExpiredToken', status: 403 },
  IncompleteSignatureException: { code: 'IncompleteSignature', status: 403 },
  InvalidSignatureException: { code: 'SignatureDoesNotMatch', status: 403 },
  MissingAuthenticationTokenException: { code: 'MissingAuthenticationToken', status: 403 },
  NoSuchEntity: { code: 'NoSuchEntity', status: 404 },
  UnrecognizedClientException: { code: 'InvalidClientTokenId', status: 403 },
}

function errorOf({ style }: QueryService, type: string): { readonly code: string; readonly status: number } {
  const known = queryErrors[type] ?? { code: type, status: 400 }
  return style === 'ec2' && known.code === 'AccessDenied'
    ? { ...known, code: 'UnauthorizedOperation' }
    : known
}

function xml(status: number, body: string): Response {
  return new Response(body, {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': crypto.randomUUID() },
  })
}
