import { arn, lastPart } from './arn.ts'
import { AwsError } from './error.ts'
import { type Call, field, listed, type QueryService } from './query-service.ts'
import type { Xml } from './xml.ts'

const version = '2010-05-08'

/** IAM: what a check of roles and of the OIDC provider needs. */
export const iamApi: QueryService = {
  name: 'iam',
  style: 'query',
  version,
  namespace: `https://iam.amazonaws.com/doc/${version}/`,
  operations: {
    GetRole: getRole,
    ListOpenIDConnectProviders: ({ cloud, caller }) => ({
      OpenIDConnectProviderList: {
        member: cloud.iam.providersOf(caller.account).map(({ url }) => ({ Arn: arn.provider(caller, url) })),
      },
    }),
    GetOpenIDConnectProvider: getProvider,
    SimulatePrincipalPolicy: simulate,
  },
}

const roleName = /^[\w+=,.@-]{1,64}$/

function getRole({ form, cloud, caller }: Call): Xml {
  const name = field(form, 'RoleName', roleName)
  const roleArn = arn.role(caller, name)
  const role = cloud.iam.role(roleArn)
  if (role === undefined) throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`)
  return {
    Role: {
      Path: '/',
      RoleName: name,
      RoleId: 'AROASANDBOXSANDBOX00',
      Arn: roleArn,
      CreateDate: '2026-01-05T09:00:00Z',
      AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(role.trustPolicy)),
      MaxSessionDuration: String(role.maxSessionSeconds),
    },
  }
}

function getProvider({ form, cloud, caller }: Call): Xml {
  const providerArn = field(form, 'OpenIDConnectProviderArn', /^arn:aws:iam::\d{12}:oidc-provider\/\S+$/)
  const provider = cloud.iam
    .providersOf(caller.account)
    .find(({ url }) => arn.provider(caller, url) === providerArn)
  if (provider === undefined)
    throw new AwsError('NoSuchEntity', `OpenIDConnect Provider not found for arn ${providerArn}`)
  return { Url: provider.url, ClientIDList: { member: provider.audiences } }
}

/** By the policies of a role alone: there are no boundaries and no policies of an organization. */
function simulate({ form, cloud }: Call): Xml {
  const source = field(form, 'PolicySourceArn', /^arn:aws:iam::\d{12}:role\/\S+$/)
  const role = cloud.iam.role(source)
  if (role === undefined)
    throw new AwsError('NoSuchEntity', `The role with name ${lastPart(source)} cannot be found.`)
  const actions = listed(form, 'ActionNames.member')
  if (actions.length === 0) throw new AwsError('ValidationError', 'ActionNames is empty')
  const resources = listed(form, 'ResourceArns.member')
  return {
    IsTruncated: false,
    EvaluationResults: {
      member: actions.flatMap((action) =>
        (resources.length === 0 ? ['*'] : resources).map((resource) => ({
          EvalActionName: action,
          EvalResourceName: resource,
          EvalDecision: role.mayRead.some((each) => resource.startsWith(each)) ? 'allowed' : 'implicitDeny',
        })),
      ),
    },
  }
}
