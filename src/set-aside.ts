import type { Logger } from 'pino'
import { asideMs, type SetAside } from './store/store.ts'

/** Limit of things that are remembered. */
const maxKnown = 10_000

const next = {
  release: 'It holds its lane until it can be read. If a newer twokey wrote it, start that version again.',
  card: 'If a newer twokey wrote its release, start that version again; else report the error.',
  post: 'If a newer twokey wrote it, start that version again; else report the error.',
  request: 'The requester has to request it again. Report the error.',
} as const satisfies Record<SetAside['what'], string>

/** Reports what was set aside: each thing in the log, again if it happens again, and their number for `/metrics`. */
export class SetAsides {
  readonly #log: Logger
  readonly #now: () => number
  readonly #toldAt = new Map<string, number>()
  readonly #counts = { release: 0, card: 0, post: 0, request: 0 }

  constructor(log: Logger, now: () => number = Date.now) {
    this.#log = log
    this.#now = now
  }

  /** How many things of each kind since the start; the same thing counts once. */
  get counts(): Readonly<Record<SetAside['what'], number>> {
    return this.#counts
  }

  tell({ what, id, error }: SetAside): void {
    const key = `${what} ${id}`
    const reportedAt = this.#toldAt.get(key)
    if (reportedAt !== undefined && this.#now() - reportedAt < asideMs / 2) return
    if (reportedAt === undefined) this.#counts[what] += 1
    this.#toldAt.delete(key)
    this.#toldAt.set(key, this.#now())
    const [oldest] = this.#toldAt.keys()
    if (this.#toldAt.size > maxKnown && oldest !== undefined) this.#toldAt.delete(oldest)
    this.#log.error({ err: error, what, id, next: next[what] }, 'set aside; everything else goes on')
  }
}
