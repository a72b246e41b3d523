import type { ServiceEnvironmentName } from './names.ts'

/** `missing`: null if the commit has succeeded wherever it has to. */
export type OrderSighting = { readonly missing: MissingFirst | null }

/** An environment where a commit has to succeed first, and has not. */
export type MissingFirst = {
  readonly environment: string
  /** The branch that it deploys, if that is another. */
  readonly branch?: string
  /** The service environment that requires it, if the release's own does not: another one at the same gate. */
  readonly of?: ServiceEnvironmentName
  /** The last release of the commit there, or the one in progress, whose outcome is null. Null: there was none. */
  readonly last: { readonly release: string; readonly outcome: string | null } | null
}
