import type { Time } from './names.ts'
import type { RunSighting, RunVerdict } from './sighting.ts'

/** The last attempt of a run. `none`: GitHub does not have the run. */
export type LastAttempt =
  | { readonly found: 'none' }
  | {
      readonly found: 'run'
      readonly attempt: number
      readonly verdict: RunVerdict
      /** GitHub login of who started it; null: not known. */
      readonly login: string | null
      /** When its first attempt was created, by GitHub's clock. */
      readonly createdAt: Time
    }

/** The attempts after a known one. `others`: not exactly the next one, alone, can be twokey's; each with its starter. */
export type AttemptSearch =
  | { readonly found: 'one'; readonly run: RunSighting }
  | { readonly found: 'none' }
  | {
      readonly found: 'others'
      readonly attempts: readonly { readonly attempt: number; readonly login: string | null }[]
    }
