import { patience } from '../pace.ts'

/** What changes, and may be waited for. */
export abstract class Changes {
  #listeners = new Set<() => void>()

  /** Must be called after each change that somebody may wait for. */
  changed(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Calls a function on each change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Waits until the predicate returns a value, re-checked on each change, and returns that value. Throws after `ms`
   * (default a minute), or when the signal is aborted.
   */
  until<T>(
    predicate: (changing: this) => T | undefined | false | null,
    { ms = patience, signal }: { readonly ms?: number; readonly signal?: AbortSignal } = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (how: () => void) => {
        clearTimeout(timer)
        this.#listeners.delete(look)
        signal?.removeEventListener('abort', aborted)
        how()
      }
      const look = () => {
        const value = predicate(this)
        if (value) end(() => resolve(value))
      }
      const aborted = () => end(() => reject(signal?.reason))
      const late = () =>
        end(() => reject(new Error(`The condition was not met within ${ms} ms: ${predicate}`)))
      const timer = setTimeout(late, Math.min(ms, 2 ** 31 - 1))
      this.#listeners.add(look)
      signal?.addEventListener('abort', aborted)
      if (signal?.aborted) aborted()
      else look()
    })
  }
}
