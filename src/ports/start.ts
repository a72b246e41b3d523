import type { Time } from '../release/names.ts'

/** A run as the list of its workflow shows it, with its last attempt. */
export type Start = {
  readonly runId: number
  /** As GitHub shows it to people. Absent: not known. */
  readonly number?: number
  readonly attempt: number
  /** GitHub's word for what started it: `push`, `workflow_dispatch` … */
  readonly event: string
  readonly branch: string | null
  readonly headSha: string
  /** Text from outside. */
  readonly title: string
  /** The person who started this attempt. */
  readonly login: string | null
  readonly url: string
  readonly at: Time | null
  readonly isOver: boolean
  /** How an ended run ended; `failed`: in any other way. Absent: it has not ended. */
  readonly conclusion?: 'succeeded' | 'cancelled' | 'failed'
  /** When an ended run last changed; null if it has not ended, or if that is not known. */
  readonly endedAt: Time | null
}

/** A run of any workflow of a repository. `workflow`: its file name. */
export type RepositoryStart = Start & { readonly workflow: string }
