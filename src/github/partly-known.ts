import { data } from '@actions/expressions'

/** The expression asks for what is only known once the run is under way. */
export class NotKnown extends Error {}

/** A context of which a part is known. */
export class PartlyKnown extends data.Dictionary {
  override get(key: string): data.ExpressionData {
    const found = super.get(key)
    if (found === undefined) throw new NotKnown(key)
    return found
  }

  override values(): data.ExpressionData[] {
    throw new NotKnown('*')
  }

  override pairs(): never {
    throw new NotKnown('*')
  }
}

/** Variables: the names of a runner's have case on Linux, which those of all other contexts have not. */
export class PartlyKnownByCase extends PartlyKnown {
  readonly #values: ReadonlyMap<string, data.ExpressionData>

  constructor(...pairs: ConstructorParameters<typeof data.Dictionary>) {
    super(...pairs)
    this.#values = new Map(pairs.map(({ key, value }) => [key, value]))
  }

  override get(key: string): data.ExpressionData {
    const found = this.#values.get(key)
    if (found === undefined) throw new NotKnown(key)
    return found
  }
}
