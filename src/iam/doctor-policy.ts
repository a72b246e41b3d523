import type { ServiceEnvironment } from '../settings/settings.ts'
import { arn, iamArn } from './arns.ts'
import { placesOf } from './places.ts'
import type { Policy } from './statement.ts'
import { all, text } from './text.ts'
import { deployRoles, secrets, taskRoles } from './values.ts'

/** Permissions for `/deploy doctor`, beside those to follow releases and to roll back. None of them is required. */
export function doctorPolicy(serviceEnvironments: readonly ServiceEnvironment[], issuer: string): Policy {
  return {
    feature: 'doctor',
    statements: [
      {
        sid: 'ReadDeployRoles',
        why: 'Doctor evaluates which jobs the trust policies of the deploy roles let in.',
        actions: ['iam:GetRole'],
        resources: placesOf(serviceEnvironments, (place) => iamArn(place, text`role/${deployRoles}`)),
      },
      {
        sid: 'ReadOidcProvider',
        why: 'It reads which audiences the provider of the tokens accepts.',
        actions: ['iam:GetOpenIDConnectProvider'],
        resources: placesOf(serviceEnvironments, (place) => iamArn(place, `oidc-provider/${issuer}`)),
      },
      {
        sid: 'FindOidcProvider',
        why: 'It looks for that provider. IAM can limit this to no provider.',
        actions: ['iam:ListOpenIDConnectProviders'],
        resources: all,
      },
      {
        sid: 'SimulateExecutionRoles',
        why: 'It checks that the execution roles may read the secrets of their tasks.',
        actions: ['iam:SimulatePrincipalPolicy'],
        resources: placesOf(serviceEnvironments, (place) => iamArn(place, text`role/${taskRoles}`)),
      },
      {
        sid: 'ReadSurroundings',
        why: 'It reads the free addresses of subnets, the health checks of target groups, and which log groups exist. IAM can limit this to none of them.',
        actions: [
          'ec2:DescribeSubnets',
          'elasticloadbalancing:DescribeTargetGroups',
          'logs:DescribeLogGroups',
        ],
        resources: all,
      },
      {
        sid: 'FindSecrets',
        why: 'It checks that the secrets of the containers exist. This does not show their values.',
        actions: ['secretsmanager:DescribeSecret'],
        resources: placesOf(serviceEnvironments, (place) =>
          arn('secretsmanager', place, text`secret:${secrets}`),
        ),
      },
    ],
  }
}
