import type { EventQueue } from './event-queue.ts'
import type { Role } from './statement.ts'

/** What to create in an AWS account. */
export type AwsParts = {
  readonly roles: readonly Role[]
  /**
   * The issuer of the tokens of jobs, without `https://`, whose OIDC provider may have to be created; null: nobody asked
   * for it. An account has one for all repositories.
   */
  readonly provider: string | null
  /** Of the region that the parts are created in; null: none is wanted. */
  readonly queue: EventQueue | null
}

/** Roles, and nothing else. */
export function rolesAlone(roles: readonly Role[]): AwsParts {
  return { roles, provider: null, queue: null }
}
