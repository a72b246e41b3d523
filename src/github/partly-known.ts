import { data } from '@actions/expressions'

/** The expression refers to a value that is known only in the run. */
export class NotKnown extends Error {}

/** A context that is known in part. */
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

/** Variables: their names are case-sensitive on Linux, unlike those of all other contexts. */
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
