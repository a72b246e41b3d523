/** Keeps what comes before somebody takes it, up to a number of items; more are dropped. */
export class Later<Item> {
  readonly #most: number
  readonly #kept: Item[] = []
  #receive: ((item: Item) => void) | null = null

  constructor(most: number) {
    this.#most = most
  }

  receive(item: Item): void {
    if (this.#receive) this.#receive(item)
    else if (this.#kept.length < this.#most) this.#kept.push(item)
  }

  /** Hands over what was kept, and everything from now on. */
  goTo(receive: (item: Item) => void): void {
    this.#receive = receive
    for (const item of this.#kept.splice(0)) receive(item)
  }
}
