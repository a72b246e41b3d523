import { randomBytes } from 'node:crypto'
import { arn, home, lastPart, type Site, siteOf } from './arn.ts'
import { AwsError } from './error.ts'

/** The long-lived access key of the bot's own account. */
export const accessKey = { id: 'AKIASANDBOXSANDBOX00', secret: 'sandbox-secret-of-nothing' } as const

/** Who calls. */
export type Caller = { readonly account: string; readonly arn: string }

/** The caller of the access key. */
const bot: Caller = { account: home.account, arn: `arn:aws:sts::${home.account}:assumed-role/twokey/twokey` }

/** Temporary credentials of an assumed role. */
export type Session = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly token: string
  readonly roleArn: string
  readonly name: string
  readonly caller: Caller
  /** ms since the epoch. */
  expiresAt: number
}

type Role = { readonly trusts: readonly string[]; readonly maxSessionSeconds: number }

/** The roles of all accounts, and their sessions. */
export class Iam {
  /** By ARN. */
  readonly #roles = new Map<string, Role>()
  readonly sessions: Session[] = []

  /**
   * Creates a role, and returns its ARN.
   * @param trusts the accounts that its trust policy names
   */
  addRole(
    site: Pick<Site, 'account'>,
    name: string,
    { trusts = [home.account], maxSessionSeconds = 3_600 }: Partial<Role> = {},
  ): string {
    const roleArn = arn.role(site, name)
    this.#roles.set(roleArn, { trusts, maxSessionSeconds })
    return roleArn
  }

  deleteRole(roleArn: string): void {
    this.#roles.delete(roleArn)
  }

  /** Lets all sessions expire now. */
  expireSessions(): void {
    for (const session of this.sessions) session.expiresAt = 0
  }

  /** The caller of an access key. @throws {AwsError} if the key or the token is not valid */
  callerOf(keyId: string, token: string | undefined, now: number): Caller {
    if (keyId === accessKey.id && token === undefined) return bot
    const session = this.sessions.find(({ accessKeyId }) => accessKeyId === keyId)
    if (session === undefined || session.token !== token)
      throw new AwsError(
        'UnrecognizedClientException',
        'The security token included in the request is invalid.',
      )
    if (session.expiresAt <= now)
      throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired')
    return session.caller
  }

  /** A new session of a role. @throws {AwsError} if the role does not exist or does not trust the caller */
  assume(
    caller: Caller,
    wanted: { readonly roleArn: string; readonly sessionName: string; readonly seconds: number },
    now: number,
  ): Session {
    const { roleArn, sessionName: name, seconds } = wanted
    const role = this.#roles.get(roleArn)
    if (role === undefined || !role.trusts.includes(caller.account))
      throw new AwsError(
        'AccessDenied',
        `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
      )
    if (seconds > role.maxSessionSeconds)
      throw new AwsError(
        'ValidationError',
        'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      )
    const { account } = siteOf(roleArn)
    const session: Session = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      token: randomBytes(120).toString('base64'),
      roleArn,
      name,
      caller: { account, arn: `arn:aws:sts::${account}:assumed-role/${lastPart(roleArn)}/${name}` },
      expiresAt: now + seconds * 1_000,
    }
    this.sessions.push(session)
    return session
  }
}
