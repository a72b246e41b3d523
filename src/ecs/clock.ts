import { z } from 'zod'
import type { Clock } from '../shepherd/ports.ts'

const dated = z.object({ headers: z.object({ date: z.string() }) })

/** AWS's clock, by the `Date` header of its answers. The host's may be minutes off, and AWS takes its requests all the same. */
export class AwsClock {
  #aheadMs = 0
  readonly #ours: Clock

  constructor(ours: Clock = Date.now) {
    this.#ours = ours
  }

  /** @param answer as the SDK received it, right now; one without a readable date tells nothing */
  hear(answer: unknown): void {
    const said = Date.parse(dated.safeParse(answer).data?.headers.date ?? '')
    if (!Number.isNaN(said)) this.#aheadMs = said - this.#ours()
  }

  /** The time by AWS's clock, a second late at most where answers are quick; ours until AWS has answered. */
  now(): number {
    return this.#ours() + this.#aheadMs
  }
}
