/**
 * Thrown when something stored cannot be drawn as a message; `cause` says why. Only another version of twokey, or another row, can change that.
 */
export class DrawError extends Error {
  constructor(cause: unknown) {
    super('it cannot be drawn', { cause })
    this.name = 'Undrawn'
  }
}

/** Runs `draw`. Throws `Undrawn` if it fails, or returns nothing because no case handles a kind that another version stored. */
export function drawing<T extends object>(draw: () => T): T {
  let drawn: T | undefined
  try {
    drawn = draw()
  } catch (error) {
    throw new DrawError(error)
  }
  if (drawn === undefined) throw new DrawError(new Error('this version of twokey does not know its kind'))
  return drawn
}
