import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { type HookEvent, hookEvents } from './hooks/events.ts'
import { type Account, account } from './people.ts'
import { type Permissions, permissions } from './permissions.ts'

let nextInstallationId = 31_415_926

/**
 * The id of a new installation. All installations on GitHub have ids of their own, those of other worlds in the same
 * process included: auth-app shares a token that is being requested among all clients of an id.
 */
export const installationId = (): number => nextInstallationId++

/** A GitHub App, with an installation for all owners that have none of their own. Its key is created on first use. */
export class App {
  readonly id: number
  readonly slug: string
  readonly clientId: string
  readonly installationId = installationId()
  readonly account: Account
  readonly createdAt = Date.now()
  /** What its installation may do, besides reading metadata. */
  permissions: Permissions = permissions
  /** The events that it is subscribed to. */
  events: readonly HookEvent[] = hookEvents
  /** Of its installation. While suspended, its tokens answer 403. A removed one is unknown. */
  state: 'installed' | 'suspended' | 'removed' = 'installed'
  /** By the name of an owner: the id of an installation for this owner alone. */
  readonly ownInstallations = new Map<string, number>()
  /** The ids of the repositories that it is installed on. */
  repositories: 'all' | ReadonlySet<number> = 'all'
  #key: string | undefined

  constructor(slug: string, id: number) {
    this.slug = slug
    this.id = id
    this.clientId = `Iv23li${String(id).padStart(14, '0')}`
    this.account = account(`${slug}[bot]`)
  }

  /** PEM, PKCS #8. */
  get privateKey(): string {
    this.#key ??= generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }).privateKey
    return this.#key
  }

  /** The id of the installation that an owner's repositories are in. */
  installationIdOf({ owner }: { readonly owner: string }): number {
    return this.ownInstallations.get(owner) ?? this.installationId
  }

  /** Whether its installation includes a repository. */
  isInstalledOn({ id }: { readonly id: number }): boolean {
    return this.state !== 'removed' && (this.repositories === 'all' || this.repositories.has(id))
  }

  /** Whether a signature of this text was made with the App's key. */
  hasSigned(text: string, signature: string): boolean {
    return verify(
      'sha256',
      Buffer.from(text),
      createPublicKey(this.privateKey),
      Buffer.from(signature, 'base64url'),
    )
  }
}

/** A JWT is valid for 10 minutes at most, s. */
const longestJwt = 600

/** The App that a JWT identifies, or GitHub's reason to refuse it. */
export function appOfJwt(jwt: string, apps: readonly App[]): App | { status: 401 | 404; why: string } {
  const [head, claims, signature] = jwt.split('.')
  const { iss, iat, exp } = claimsOf(claims)
  if (!head || !signature || iss === undefined)
    return { status: 401, why: 'A JSON web token could not be decoded' }
  const app = apps.find(({ id, clientId }) => String(iss) === String(id) || iss === clientId)
  if (!app) return { status: 404, why: 'Integration not found' }
  if (!app.hasSigned(`${head}.${claims}`, signature))
    return { status: 401, why: 'A JSON web token could not be decoded' }
  const now = Date.now() / 1000
  if (!(Number(exp) > now))
    return {
      status: 401,
      why: "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    }
  if (Number(exp) > now + longestJwt)
    return { status: 401, why: "'Expiration time' claim ('exp') is too far in the future" }
  if (!(Number(iat) <= now + 1))
    return {
      status: 401,
      why: "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    }
  return app
}

function claimsOf(part: string | undefined): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString())
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {}
  } catch (trouble) {
    if (trouble instanceof SyntaxError) return {}
    throw trouble
  }
}
