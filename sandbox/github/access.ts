import { randomBytes } from 'node:crypto'
import { type Answer, refuse } from './answer.ts'
import { type App, appOfJwt } from './apps.ts'
import { includes, type Permissions, permissions, type Requirement } from './permissions.ts'
import type { Account } from './runs.ts'

export { permissions } from './permissions.ts'

/** What a token may do. A route that it has no permission for answers 403. */
export type Access = {
  readonly account: Account
  readonly kind: 'user' | 'installation' | 'app'
  readonly permissions: Permissions
  /** The App of an installation's token, or of a JWT. */
  readonly app?: App
  /** The ids of the repositories that it is limited to; absent: all those of the installation. */
  readonly repositories?: ReadonlySet<number>
  /** ms since the epoch; absent: it never expires. */
  readonly expiresAt?: number
}

type Known = { readonly tokens: Map<string, Access>; readonly apps: readonly App[] }

/** Creates an installation token with these limits. */
export function newInstallationToken(
  { tokens }: Known,
  access: Pick<Access, 'permissions' | 'repositories'> & { readonly app: App; readonly expiresAt: number },
): string {
  const token = `ghs_${randomBytes(18).toString('hex')}`
  tokens.set(token, { account: access.app.account, kind: 'installation', ...access })
  return token
}

/**
 * The caller, by the `authorization` header; 401 if the token is unknown or expired, or its installation removed,
 * 403 if that is suspended.
 */
export function authenticate(header: string | undefined, as: 'token' | 'app', known: Known): Access | Answer {
  const credential = header?.replace(/^(token|bearer)\s+/i, '')
  if (!credential) return refuse(401, 'Requires authentication')
  if (as === 'app') {
    const app = appOfJwt(credential, known.apps)
    return 'why' in app
      ? refuse(app.status, app.why)
      : { account: app.account, kind: 'app', permissions, app }
  }
  const access = known.tokens.get(credential)
  const isGood = access && (access.expiresAt === undefined || access.expiresAt > Date.now())
  if (!isGood || access.app?.state === 'removed') return refuse(401, 'Bad credentials')
  return access.app?.state === 'suspended' ? suspended : access
}

/** GitHub's answer to an App whose installation is suspended. */
export const suspended = refuse(403, 'This installation has been suspended')

/** Whether the access includes the repository. An installation sees only those that it was given. */
export function reaches({ kind, app, repositories }: Access, repository: { readonly id: number }): boolean {
  if (kind !== 'installation') return true
  if (app && !app.isInstalledOn(repository)) return false
  return repositories === undefined || repositories.has(repository.id)
}

/** The 403 answer if the access does not include what a route requires. */
export function missingPermission(access: Access, needs: Requirement | undefined): Answer | undefined {
  if (!needs || includes(access.permissions[needs.permission], needs.level)) return undefined
  const word = access.kind === 'user' ? 'personal access token' : 'integration'
  return refuse(403, `Resource not accessible by ${word}`)
}
