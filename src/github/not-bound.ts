import type { WorkflowNote } from '../release/inputs.ts'
import type { Link } from './tree.ts'
import { byOwner, isPinned } from './uses.ts'
import type { Unbound } from './workspace.ts'

/** Limits: entries of each kind, and characters of each name. */
const maxOfKind = 200
const longestName = 300

/** Collects what a run executes without being bound by approvals. */
export class NotBound {
  readonly #repository: string
  readonly #uses = new Set<string>()
  readonly #checkouts = new Map<string, Unbound & { readonly jobs: Set<string> }>()
  readonly #links = new Map<string, Link>()
  readonly #unread = new Map<string, string>()

  constructor(repository: string) {
    this.#repository = repository
  }

  /** Adds an external action, reusable workflow or image, as written in the file. */
  uses(uses: string): void {
    if (!isPinned(uses) && this.#mayList(this.#uses)) this.#uses.add(uses.slice(0, longestName))
  }

  /**
   * Adds the result of a checkout.
   * @param found null: all of it is bound
   */
  checkout(found: Unbound | null, job: string): void {
    if (found === null) return
    const { repository, ref } = found
    const unbound = { repository: repository.slice(0, longestName), ref: ref?.slice(0, longestName) ?? null }
    const key = JSON.stringify(unbound)
    const jobs = this.#checkouts.get(key)?.jobs ?? new Set<string>()
    if (jobs.size > 0 || this.#mayList(this.#checkouts)) this.#checkouts.set(key, { ...unbound, jobs })
    jobs.add(job.slice(0, longestName))
  }

  link(link: Link): void {
    if (this.#mayList(this.#links)) this.#links.set(link.path, link)
  }

  unread(what: string, why: string): void {
    this.#unread.set(what.slice(0, longestName), why)
  }

  /** Notes in the order of importance: a card shows only the first of each kind. */
  notes(): readonly WorkflowNote[] {
    const uses = byOwner(this.#uses, this.#repository, (each) => each)
    const checkouts = byOwner(this.#checkouts.values(), this.#repository, ({ repository }) => repository)
    return [
      ...(uses.length > 0 ? [{ note: 'not-bound', uses } as const] : []),
      ...checkouts.map(
        ({ jobs, ...what }) => ({ note: 'checkout-not-bound', ...what, jobs: [...jobs] }) as const,
      ),
      ...[...this.#links.values()].map((link) => ({ note: 'leads-outside', ...link }) as const),
      ...[...this.#unread].map(([what, why]) => ({ note: 'not-read', what, why }) as const),
    ]
  }

  #mayList({ size }: { readonly size: number }): boolean {
    if (size >= maxOfKind) this.unread('the rest', `no more than ${maxOfKind} of a kind are listed`)
    return size < maxOfKind
  }
}
