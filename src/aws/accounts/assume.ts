import { STS } from '@aws-sdk/client-sts'
import { z } from 'zod'
import { RoleNotAssumed } from './role-not-assumed.ts'
import type { SessionCredentials } from './session.ts'

const answer = z.object({
  Credentials: z.object({
    AccessKeyId: z.string(),
    SecretAccessKey: z.string(),
    SessionToken: z.string(),
    Expiration: z.date(),
  }),
})

/** The name of sessions that only read. */
export const readingSession = 'twokey'

/** The name of the session in which a release changes something: CloudTrail shows it beside each request. */
export function actingSession(releaseId: string): string {
  return `twokey-${releaseId}`
}

/**
 * Starts sessions of a role, with the credentials that twokey itself has.
 * @param settings of the SDK's client
 */
export function assuming(
  settings: ConstructorParameters<typeof STS>[0],
  { roleArn, sessionName }: { readonly roleArn: string; readonly sessionName: string },
): () => Promise<SessionCredentials> {
  const sts = new STS({ ...settings, maxAttempts: 3 })
  return async () => {
    try {
      const { Credentials } = answer.parse(
        await sts.assumeRole({ RoleArn: roleArn, RoleSessionName: sessionName }),
      )
      return {
        accessKeyId: Credentials.AccessKeyId,
        secretAccessKey: Credentials.SecretAccessKey,
        sessionToken: Credentials.SessionToken,
        expiration: Credentials.Expiration,
      }
    } catch (error) {
      throw new RoleNotAssumed(roleArn, error)
    }
  }
}
