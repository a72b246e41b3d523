/** Maximum characters evaluated in one look at a workflow and everything it calls: a tenth of a second on an idle machine. */
const maxCharacters = 500_000

/** Minimum cost of an expression: evaluating the shortest one takes as long as this many characters. */
const minCost = 100

/**
 * The evaluation budget of one look. A file that is cheap to evaluate may be called hundreds of times. Expressions
 * beyond the budget count as not known.
 */
export class Allowance {
  #left = maxCharacters

  /** Whether more was requested than the budget allows. */
  get isExceeded(): boolean {
    return this.#left < 0
  }

  /** Takes this many characters from the budget; false if they exceed it. */
  take(characters: number): boolean {
    this.#left -= Math.max(characters, minCost)
    return !this.isExceeded
  }
}
