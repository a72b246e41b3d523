/** Temporary credentials, as the SDK's clients take them. */
export type SessionCredentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiration: Date
}

/** A session of a role, which renews itself. */
export type Session = {
  /** For the SDK's clients. `memoized`: the clients keep no credentials of their own. */
  readonly credentials: (() => Promise<SessionCredentials>) & { readonly memoized: true }
  /** Gives these credentials up, because AWS says that they have expired. */
  readonly forget: () => void
}

/** How long before its end a session is renewed, ms. */
const renewBeforeMs = 5 * 60_000

/** A session with less time than this is not used, ms: a request may take as long. */
const leastMs = 30_000

/**
 * Keeps a session of a role, and renews it before its end. If it cannot be renewed, it is used as long as it lasts.
 * @param assume starts a session
 */
export function renewing(assume: () => Promise<SessionCredentials>, now: () => number = Date.now): Session {
  let current: SessionCredentials | null = null
  let pending: Promise<SessionCredentials> | null = null

  const lasts = (ms: number) => current !== null && current.expiration.getTime() - now() > ms

  async function renew(): Promise<SessionCredentials> {
    try {
      current = await assume()
      return current
    } catch (error) {
      if (current !== null && lasts(leastMs)) return current
      throw error
    } finally {
      pending = null
    }
  }

  const credentials = async () => {
    if (current !== null && lasts(renewBeforeMs)) return current
    pending ??= renew()
    return pending
  }
  return {
    credentials: Object.assign(credentials, { memoized: true as const }),
    forget: () => {
      current = null
    },
  }
}
