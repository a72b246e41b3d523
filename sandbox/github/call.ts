import type { Access } from './access.ts'
import type { Answer } from './answer.ts'
import type { Route } from './coverage.ts'
import type { Repository } from './repository.ts'
import type { Addresses } from './shapes/accounts.ts'
import type { World } from './world.ts'

/** One authorized request to the API, valid by GitHub's description. */
export type Call = {
  readonly world: World
  readonly access: Access
  readonly at: Addresses
  /** Path and query as received. */
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: unknown
  readonly accept: string
  /** `X-GitHub-Api-Version`. */
  readonly version: string
}

/** A call to a route under `/repos/{owner}/{repo}`. */
export type RepositoryCall = Call & { readonly repository: Repository }

export type RepositoryRoute = Extract<Route, `${string} /repos/${string}`>
/** The handlers of the repository routes that one file serves. */
export type RepositoryRoutes = Partial<Record<RepositoryRoute, (call: RepositoryCall) => Answer>>

/** The page of a list that the call requests (default 30 items, at most 100), and its `Link` header. */
export function page<T>(
  call: Call,
  all: readonly T[],
): { readonly shown: readonly T[]; readonly headers: Readonly<Record<string, string>> } {
  const size = Math.min(100, Math.max(1, Number(call.query.get('per_page') ?? 30)))
  const at = Math.max(1, Number(call.query.get('page') ?? 1))
  const last = Math.max(1, Math.ceil(all.length / size))
  const shown = all.slice((at - 1) * size, at * size)
  const links = [
    ...(at > 1 ? [link(call, at - 1, 'prev')] : []),
    ...(at < last ? [link(call, at + 1, 'next'), link(call, last, 'last')] : []),
    ...(at > 1 ? [link(call, 1, 'first')] : []),
  ]
  return { shown, headers: links.length > 0 ? { link: links.join(', ') } : {} }
}

function link(call: Call, to: number, rel: string): string {
  const url = new URL(call.path, call.at.api)
  url.searchParams.set('page', String(to))
  return `<${url}>; rel="${rel}"`
}
