import type { Refusal } from '../release/refusal.ts'
import type { Commit, Release } from '../release/release.ts'
import type { PastRevision } from './ports.ts'

/** An answer to one person alone. Rendered by Slack's cards; also what is stored until it is sent. */
export type Reply =
  | { readonly reply: 'refusal'; readonly refusal: Refusal }
  | {
      readonly reply: 'help'
      readonly command: string
      readonly services: readonly string[]
      readonly environments: readonly string[]
    }
  | {
      readonly reply: 'unclear'
      readonly said: string
      readonly why: string
      readonly nearest: string | null
      readonly command: string
    }
  /** The release is asked for: where its card is. */
  | {
      readonly reply: 'asked'
      readonly releaseId: string
      readonly headline: string
      readonly channel: string
    }
  | { readonly reply: 'done'; readonly sentence: string }
  | { readonly reply: 'status'; readonly rows: readonly StatusRow[] }
  | { readonly reply: 'history'; readonly releases: readonly Release[] }
  | {
      readonly reply: 'revisions'
      readonly service: string
      readonly environment: string
      readonly revisions: readonly PastRevision[]
      readonly serving: string | null
    }
  /** Several releases of the caller are in flight: each with its button. */
  | { readonly reply: 'pick-cancel'; readonly releases: readonly Release[] }

export type StatusRow = {
  readonly service: string
  readonly environment: string
  /** Null with `why`: it could not be seen. */
  readonly serving: { readonly revision: string; readonly commit: Commit['sha'] | null } | null
  readonly why: string | null
  readonly inFlight: readonly Release[]
  /** `none`: no keys are asked for. `detected`: others can start the workflow on GitHub; that is only told. */
  readonly policy: 'none' | 'enforced' | 'detected'
}
