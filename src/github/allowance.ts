/** Characters that are evaluated in a look at a workflow with all that it calls, a tenth of a second of a quiet machine. */
const mostEvaluated = 500_000

/** What the shortest expression counts for: to evaluate it takes as long as many characters do. */
const leastEach = 100

/**
 * What is left to be evaluated in one look: a file that is evaluated in no time may be called hundreds of times. What is asked for
 * beyond it is not known.
 */
export class Allowance {
  #left = mostEvaluated

  /** Whether more was asked for than there is. */
  get isExceeded(): boolean {
    return this.#left < 0
  }

  /** Whether so many characters may still be evaluated. */
  take(characters: number): boolean {
    this.#left -= Math.max(characters, leastEach)
    return !this.isExceeded
  }
}
