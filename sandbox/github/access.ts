import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto'
import { type Answer, refuse } from './answer.ts'
import { account, iso } from './people.ts'
import type { Account } from './runs.ts'

/** What a token may do. A route that it has no permission for answers 403. */
export type Access = {
  readonly account: Account
  readonly kind: 'user' | 'installation' | 'app'
  readonly permissions: {
    readonly actions: 'none' | 'read' | 'write'
    readonly contents: 'none' | 'read'
    readonly checks: 'none' | 'read'
    readonly statuses: 'none' | 'read'
  }
  /** ms since the epoch; absent: it never expires. */
  readonly expiresAt?: number
}

/** The permissions that twokey needs. */
export const permissions = { actions: 'write', contents: 'read', checks: 'read', statuses: 'read' } as const

/** A GitHub App that is installed on every repository. Its key is created on first use. */
export class App {
  readonly id = 271_828
  readonly slug = 'twokey'
  readonly installationId = 31_415_926
  readonly account = account('twokey[bot]')
  #key: string | undefined

  /** PEM, PKCS #8. */
  get privateKey(): string {
    this.#key ??= generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }).privateKey
    return this.#key
  }

  /** Whether a JWT is signed by the App's key, issued by the App and not expired. */
  signed(jwt: string): boolean {
    const [head, claims, signature] = jwt.split('.')
    if (!head || !claims || !signature) return false
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      createPublicKey(this.privateKey),
      Buffer.from(signature, 'base64url'),
    )
    if (!isSigned) return false
    const { iss, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
    return String(iss) === String(this.id) && Number(exp) * 1000 > Date.now()
  }
}

type Known = { readonly tokens: Map<string, Access>; readonly app: App }

/** Creates an installation token, valid for an hour. */
export function newInstallationToken({ tokens, app }: Known): { token: string; expires_at: string } {
  const token = `ghs_${randomBytes(18).toString('hex')}`
  const expiresAt = Date.now() + 3_600_000
  tokens.set(token, { account: app.account, kind: 'installation', permissions, expiresAt })
  return { token, expires_at: iso(expiresAt) }
}

/** The caller, by the `authorization` header; 401 if the token is unknown or expired. */
export function authenticate(header: string | undefined, as: 'token' | 'app', known: Known): Access | Answer {
  const credential = header?.replace(/^(token|bearer)\s+/i, '')
  if (!credential) return refuse(401, 'Requires authentication')
  if (as === 'app') {
    if (!known.app.signed(credential)) return refuse(401, 'A JSON web token could not be decoded')
    return { account: known.app.account, kind: 'app', permissions }
  }
  const access = known.tokens.get(credential)
  const isGood = access && (access.expiresAt === undefined || access.expiresAt > Date.now())
  return isGood ? access : refuse(401, 'Bad credentials')
}

/** The 403 answer if the access does not include a route. */
export function missingPermission(access: Access, route: string): Answer | undefined {
  const { actions, contents, checks, statuses } = access.permissions
  const word = access.kind === 'user' ? 'personal access token' : 'integration'
  const refused = refuse(403, `Resource not accessible by ${word}`)
  const acts = route.startsWith('POST ') && !route.endsWith('/pending_deployments')
  if (/\/actions\//.test(route))
    return actions === 'none' || (acts && actions === 'read') ? refused : undefined
  if (/\/check-runs$/.test(route)) return checks === 'none' ? refused : undefined
  if (/\/commits\/[^/]+\/status$/.test(route)) return statuses === 'none' ? refused : undefined
  if (/\/(git|commits|compare|branches|contents)\b/.test(route))
    return contents === 'none' ? refused : undefined
  return undefined
}
