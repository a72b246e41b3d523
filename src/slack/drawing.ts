/** Thrown where something stored cannot be drawn as a message; `cause` says why. It stays so until code or row change. */
export class Undrawn extends Error {
  constructor(cause: unknown) {
    super('it cannot be drawn', { cause })
    this.name = 'Undrawn'
  }
}

/** What this draws; throws `Undrawn`, also where a kind of another version falls through every case and gives nothing. */
export function drawing<T extends object>(draw: () => T): T {
  let drawn: T | undefined
  try {
    drawn = draw()
  } catch (error) {
    throw new Undrawn(error)
  }
  if (drawn === undefined) throw new Undrawn(new Error('this version of twokey does not know its kind'))
  return drawn
}
