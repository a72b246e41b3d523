import { type Call, field, invalidField, type QueryService } from './query-service.ts'
import type { Xml } from './xml.ts'

const version = '2011-06-15'

/** STS. */
export const sts: QueryService = {
  name: 'sts',
  style: 'query',
  version,
  namespace: `https://sts.amazonaws.com/doc/${version}/`,
  operations: {
    GetCallerIdentity: ({ caller }) => ({
      UserId: 'AROASANDBOX:twokey',
      Account: caller.account,
      Arn: caller.arn,
    }),
    AssumeRole: assumeRole,
  },
}

function assumeRole({ form, cloud, caller, now }: Call): Xml {
  const roleArn = field(form, 'RoleArn', /^arn:aws:iam::\d{12}:role\/[\u0021-\u007e]{1,512}$/)
  const sessionName = field(form, 'RoleSessionName', /^[\w+=,.@-]{2,64}$/)
  const seconds = Number(form.get('DurationSeconds') ?? 3_600)
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200)
    throw invalidField('DurationSeconds', String(seconds))
  const session = cloud.iam.assume(caller, { roleArn, sessionName, seconds }, now)
  const { accessKeyId, secretAccessKey, token, expiresAt } = session
  return {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: token,
      Expiration: new Date(expiresAt).toISOString().replace(/\.\d+Z$/, 'Z'),
    },
    AssumedRoleUser: { AssumedRoleId: `AROASANDBOX:${sessionName}`, Arn: session.caller.arn },
  }
}
