import type { Cloud } from './cloud.ts'
import { AwsError } from './error.ts'

const version = '2011-06-15'
const namespace = `https://sts.amazonaws.com/doc/${version}/`

type Form = ReadonlyMap<string, string>
type Headers = (name: string) => string | undefined

/** The name of the operation that a form names. */
export function actionOf(form: Form): string {
  return form.get('Action') ?? 'unknown'
}

/** Answers a request of STS in the query protocol: a form, and an answer in XML. */
export function answerSts(cloud: Cloud, form: Form, headers: Headers): Response {
  try {
    const action = actionOf(form)
    const result = execute(cloud, form, headers)
    return xml(
      200,
      `<${action}Response xmlns="${namespace}"><${action}Result>${result}</${action}Result>` +
        `<ResponseMetadata><RequestId>${crypto.randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
    )
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const { code, status } = queryErrors[error.type] ?? { code: error.type, status: 400 }
    return xml(
      status,
      `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code>` +
        `<Message>${escaped(error.message)}</Message></Error>` +
        `<RequestId>${crypto.randomUUID()}</RequestId></ErrorResponse>`,
    )
  }
}

/** What the query protocol calls errors that the JSON protocols name otherwise. */
const queryErrors: Readonly<Record<string, { readonly code: string; readonly status: number }>> = {
  AccessDenied: { code: 'AccessDenied', status: 403 },
  AccessDeniedException: { code: 'AccessDenied', status: 403 },
  ExpiredTokenException: { code: 'ExpiredToken', status: 403 },
  IncompleteSignatureException: { code: 'IncompleteSignature', status: 403 },
  InvalidSignatureException: { code: 'SignatureDoesNotMatch', status: 403 },
  MissingAuthenticationTokenException: { code: 'MissingAuthenticationToken', status: 403 },
  UnrecognizedClientException: { code: 'InvalidClientTokenId', status: 403 },
}

function execute(cloud: Cloud, form: Form, headers: Headers): string {
  const now = Date.now()
  const { caller, world } = cloud.enter(headers, 'sts', now)
  const action = stsOperations.find((name) => name === actionOf(form))
  if (form.get('Version') !== version || action === undefined)
    throw new AwsError(
      'InvalidAction',
      `Could not find operation ${actionOf(form)} for version ${form.get('Version') ?? 'NO_VERSION_SPECIFIED'}`,
    )
  switch (action) {
    case 'GetCallerIdentity':
      return element({ UserId: 'AROASANDBOX:twokey', Account: caller.account, Arn: caller.arn })
    case 'AssumeRole': {
      world.authorize('sts:AssumeRole', caller.arn)
      const roleArn = field(form, 'RoleArn', /^arn:aws:iam::\d{12}:role\/[\u0021-\u007e]{1,512}$/)
      const sessionName = field(form, 'RoleSessionName', /^[\w+=,.@-]{2,64}$/)
      const seconds = Number(form.get('DurationSeconds') ?? 3_600)
      if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200)
        throw invalid('DurationSeconds', String(seconds))
      const session = cloud.iam.assume(caller, { roleArn, sessionName, seconds }, now)
      const { accessKeyId, secretAccessKey, token, expiresAt } = session
      return (
        `<Credentials>${element({
          AccessKeyId: accessKeyId,
          SecretAccessKey: secretAccessKey,
          SessionToken: token,
          Expiration: new Date(expiresAt).toISOString().replace(/\.\d+Z$/, 'Z'),
        })}</Credentials>` +
        `<AssumedRoleUser>${element({
          AssumedRoleId: `AROASANDBOX:${sessionName}`,
          Arn: session.caller.arn,
        })}</AssumedRoleUser>`
      )
    }
  }
}

/** The supported operations of STS. */
export const stsOperations = ['AssumeRole', 'GetCallerIdentity'] as const

function field(form: Form, name: string, pattern: RegExp): string {
  const value = form.get(name)
  if (value === undefined)
    throw new AwsError('ValidationError', `1 validation error detected: ${name} is null`)
  if (!pattern.test(value)) throw invalid(name, value)
  return value
}

function invalid(name: string, value: string): AwsError {
  const member = name[0]!.toLowerCase() + name.slice(1)
  return new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint`,
  )
}

function element(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `<${name}>${escaped(value)}</${name}>`)
    .join('')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function xml(status: number, body: string): Response {
  return new Response(body, {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': crypto.randomUUID() },
  })
}
