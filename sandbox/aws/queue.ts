import { createHash, randomBytes } from 'node:crypto'

type QueuedMessage = {
  readonly id: string
  readonly body: string
  readonly md5: string
  readonly sentAt: number
  visibleAt: number
  /** Of the last receive. */
  receipt: string | null
}

/** A standard queue of SQS. A received message comes again, unless it is deleted within the visibility timeout. */
export class Queue {
  readonly url: string
  visibilityMs = 30_000
  #messages: QueuedMessage[] = []
  #waiting = new Set<() => void>()

  constructor(url: string) {
    this.url = url
  }

  /** The number of messages that are not deleted. */
  get size(): number {
    return this.#messages.length
  }

  /** `md5`: the checksum that SQS sends with it, if it is a wrong one. `ageMs`: how long ago it was sent. */
  send(body: string, { md5, ageMs = 0 }: { readonly md5?: string; readonly ageMs?: number } = {}): void {
    const right = createHash('md5').update(body).digest('hex')
    this.#messages.push({
      id: crypto.randomUUID(),
      body,
      md5: md5 ?? right,
      sentAt: Date.now() - ageMs,
      visibleAt: 0,
      receipt: null,
    })
    for (const go of this.#waiting) go()
  }

  /** The visible messages, once there is one; none after `waitMs`. */
  async receive({ most, waitMs, visibilityMs }: { most: number; waitMs: number; visibilityMs?: number }) {
    const until = Date.now() + waitMs
    while (this.#visible().length === 0 && Date.now() < until) await this.#change(until - Date.now())
    return this.#visible()
      .slice(0, most)
      .map((message) => {
        message.visibleAt = Date.now() + (visibilityMs ?? this.visibilityMs)
        message.receipt = randomBytes(24).toString('base64')
        return { ...message, receipt: message.receipt }
      })
  }

  /** Deletes the message of a receipt; that of an earlier receive deletes nothing. */
  delete(receipt: string): void {
    this.#messages = this.#messages.filter((message) => message.receipt !== receipt)
  }

  #visible(): QueuedMessage[] {
    return this.#messages.filter(({ visibleAt }) => visibleAt <= Date.now())
  }

  async #change(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const go = () => {
        clearTimeout(timer)
        this.#waiting.delete(go)
        resolve()
      }
      const timer = setTimeout(go, Math.min(ms, 50))
      this.#waiting.add(go)
    })
  }
}
