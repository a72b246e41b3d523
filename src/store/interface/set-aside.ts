import { Trouble } from '../../ports/ports.ts'

/**
 * Thrown in place of something stored that cannot be read: a newer twokey wrote it, or it is damaged. Nothing may be
 * decided without it, so it is never taken for something that is not there.
 */
export class Unreadable extends Trouble {
  constructor(what: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super('terminal', `${what} cannot be read from the store: ${why.replace(/\.$/, '')}`, { cause })
    this.name = 'Unreadable'
  }
}

/** Something that could not be read or drawn, and is left out for a while so that everything else goes on. */
export type SetAside = {
  readonly what: 'release' | 'card' | 'post' | 'request'
  /** Of the release, for its card too; of the post; of the request in the inbox. */
  readonly id: string
  readonly error: unknown
}

/** Told of each thing that is set aside, also of the same one again. */
export type OnSetAside = (aside: SetAside) => void

/** What was set aside is tried again after this time, ms: a newer twokey may be back, or the row mended. */
export const asideMs = 600_000
