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

/** A role. `mayRead`: the beginnings of the ARNs of what its policies let it read. */
type Role = {
  /** The accounts whose principals may assume it. */
  readonly trusts: readonly string[]
  readonly maxSessionSeconds: number
  readonly trustPolicy: object
  readonly mayRead: readonly string[]
}

/** An OIDC provider. `url`: without `https://`. */
export type Provider = { readonly url: string; readonly audiences: readonly string[] }

/** The roles of all accounts, and their sessions. */
export class Iam {
  /** By ARN. */
  readonly #roles = new Map<string, Role>()
  /** By account. */
  readonly #providers = new Map<string, readonly Provider[]>()
  readonly sessions: Session[] = []

  /**
   * Creates a role, and returns its ARN.
   * @param role by default, principals of the bot's own account may assume it
   */
  addRole(
    site: Pick<Site, 'account'>,
    name: string,
    {
      trusts = [home.account],
      maxSessionSeconds = 3_600,
      trustPolicy = trustOfAccounts(trusts),
      mayRead = [],
    }: Partial<Role> = {},
  ): string {
    const roleArn = arn.role(site, name)
    this.#roles.set(roleArn, { trusts, maxSessionSeconds, trustPolicy, mayRead })
    return roleArn
  }

  role(roleArn: string): Role | undefined {
    return this.#roles.get(roleArn)
  }

  /** Sets the OIDC providers of an account. */
  setProviders(account: string, providers: readonly Provider[]): void {
    this.#providers.set(account, providers)
  }

  providersOf(account: string): readonly Provider[] {
    return this.#providers.get(account) ?? []
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

function trustOfAccounts(accounts: readonly string[]): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: accounts.map((account) => `arn:aws:iam::${account}:root`) },
        Action: 'sts:AssumeRole',
      },
    ],
  }
}
