import { Trouble } from '../../ports/ports.ts'

/**
 * Thrown for a stored value that cannot be read: a newer twokey wrote it, or it is damaged. Nothing may be decided
 * without it, so it never counts as absent.
 */
export class Unreadable extends Trouble {
  constructor(what: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super('terminal', `${what} cannot be read from the store: ${why.replace(/\.$/, '')}`, { cause })
    this.name = 'Unreadable'
  }
}

/** Something that could not be read or rendered, and is left out for a while so that everything else continues. */
export type SetAside = {
  readonly what: 'release' | 'card' | 'post' | 'request'
  /** Id of the release (for its card too), of the post, or of the request in the inbox. */
  readonly id: string
  readonly error: unknown
}

/** Called for each thing that is set aside, also if the same one is again. */
export type OnSetAside = (aside: SetAside) => void

/**
 * When something that was set aside is tried again, ms: a newer twokey may run again by then, or the row may be
 * repaired.
 */
export const asideMs = 600_000
