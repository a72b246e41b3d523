import { IAM } from '@aws-sdk/client-iam'
import type { RoleSeen } from '../../ports/doctor.ts'
import { Trouble } from '../../ports/ports.ts'
import type { Access } from '../accounts/access.ts'
import { namingAction } from '../ecs/trouble.ts'
import { lastPart } from '../ecs/words.ts'
import { secretAction, secretArn } from './secret-name.ts'

/** Reads of IAM in the account of the credentials. Throw `Trouble`. */
export type IamReads = {
  role(arn: string): Promise<RoleSeen | null>
  audiences(issuer: string): Promise<readonly string[] | null>
  refusedSecrets(role: string, names: readonly string[]): Promise<readonly string[]>
}

/** The SDK chooses IAM's own region by the partition of the one in the settings. */
export function iamReads({ settings, prepare }: Access): IamReads {
  const iam = prepare(new IAM({ ...settings, maxAttempts: 3 }))
  return {
    async role(arn) {
      try {
        const { Role } = await namingAction('iam:GetRole', iam.getRole({ RoleName: lastPart(arn) }))
        if (Role?.Arn !== arn)
          throw new Trouble(
            'terminal',
            `the credentials are of another account: they show ${Role?.Arn}, and the workflow assumes ${arn}`,
          )
        return {
          arn,
          trustPolicy: Role.AssumeRolePolicyDocument ?? '',
          maxSessionSeconds: Role.MaxSessionDuration ?? 3_600,
        }
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
    },
    async audiences(issuer) {
      const { OpenIDConnectProviderList = [] } = await namingAction(
        'iam:ListOpenIDConnectProviders',
        iam.listOpenIDConnectProviders({}),
      )
      const arn = OpenIDConnectProviderList.find(({ Arn }) =>
        Arn?.toLowerCase().endsWith(`:oidc-provider/${issuer.toLowerCase()}`),
      )?.Arn
      if (arn === undefined) return null
      const { ClientIDList = [] } = await namingAction(
        'iam:GetOpenIDConnectProvider',
        iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn: arn }),
      )
      return ClientIDList
    },
    async refusedSecrets(role, names) {
      const refused: string[] = []
      for (const [action, ofAction] of Map.groupBy(names, secretAction)) {
        if (action === null) continue
        const { EvaluationResults = [] } = await namingAction(
          'iam:SimulatePrincipalPolicy',
          iam.simulatePrincipalPolicy({
            PolicySourceArn: role,
            ActionNames: [action],
            ResourceArns: ofAction.map(secretArn),
          }),
        )
        // A condition on something that the simulation does not know decides nothing.
        for (const { EvalDecision, EvalResourceName, MissingContextValues = [] } of EvaluationResults)
          if (EvalDecision !== 'allowed' && MissingContextValues.length === 0 && EvalResourceName)
            refused.push(EvalResourceName)
      }
      return refused
    },
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Trouble && error.cause instanceof Error && /^NoSuchEntity/.test(error.cause.name)
}
