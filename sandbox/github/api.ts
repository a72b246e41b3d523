import { createHash, randomBytes } from 'node:crypto'
import { authenticate, missingPermission, reaches } from './access.ts'
import { type Answer, notFound, refuse } from './answer.ts'
import type { Call } from './call.ts'
import type { Contract } from './contract.ts'
import type { Route } from './coverage.ts'
import { requirementOf } from './permissions.ts'
import { appRoutes, isRepositoryRoute, otherRoutes, repositoryRoutes } from './routes/index.ts'
import type { World } from './world.ts'

/** A request as received, before its sender is known. */
export type Incoming = Omit<Call, 'world' | 'access' | 'version'> & {
  readonly authorization: string | undefined
  readonly version: string | undefined
  readonly ifNoneMatch: string | undefined
}

const versions = ['2022-11-28', '2026-03-10']

/** GitHub's API on a world: checks access, rate limits and the request's format, then calls the route. */
export class Api {
  readonly #world: World
  readonly #contract: Contract

  constructor(world: World, contract: Contract) {
    this.#world = world
    this.#contract = contract
  }

  /** Answers a request, with the headers that GitHub sends with every answer. */
  answer(route: Route, incoming: Incoming): Answer {
    this.#renewRate()
    const answer = this.#checked(route, this.#answer(route, incoming))
    const isCounted = answer.status !== 304 && route !== 'GET /rate_limit'
    if (isCounted && answer.status !== 401) this.#world.rate.used += 1
    const { limit, used, reset } = this.#world.rate
    return {
      ...answer,
      headers: {
        'x-github-request-id': randomBytes(8).toString('hex').toUpperCase(),
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(Math.max(0, limit - used)),
        'x-ratelimit-used': String(Math.min(limit, used)),
        'x-ratelimit-reset': String(reset),
        'x-ratelimit-resource': 'core',
        ...answer.headers,
      },
    }
  }

  #renewRate(): void {
    const { rate } = this.#world
    if (Date.now() < rate.reset * 1000) return
    rate.used = 0
    rate.reset = Math.floor(Date.now() / 1000) + 3600
  }

  #answer(route: Route, incoming: Incoming): Answer {
    const { secondary, rate } = this.#world
    if (secondary) return secondaryLimitAnswer(secondary)
    const access = authenticate(incoming.authorization, appRoutes.has(route) ? 'app' : 'token', this.#world)
    if ('status' in access) return access
    if (rate.used >= rate.limit && route !== 'GET /rate_limit')
      return refuse(403, `API rate limit exceeded for user ID ${access.account.id}.`)
    const { version = versions[0]! } = incoming
    if (!versions.includes(version)) return refuse(400, `"${version}" is not a supported version`)

    const call: Call = { ...incoming, world: this.#world, access, version }
    const answer = withAccepted(this.#routed(route, call), route)
    return answer.status === 200 ? withETag(answer, incoming.ifNoneMatch) : answer
  }

  #routed(route: Route, call: Call): Answer {
    const { owner, repo } = call.params
    const repository = this.#world.repositories.find(({ fullName }) => fullName === `${owner}/${repo}`)
    if (isRepositoryRoute(route) && !(repository && reaches(call.access, repository))) return notFound
    const refused =
      call.access.kind === 'app' ? undefined : missingPermission(call.access, requirementOf(route))
    if (refused) return refused
    const wrong = this.#contract.refused(route, call)
    if (wrong.length > 0) return refuse(422, `Invalid request.\n\n${wrong.join('\n')}`)
    if (!isRepositoryRoute(route)) return otherRoutes[route](call)
    return repositoryRoutes[route]({ ...call, repository: repository! })
  }

  /** Checks an answer against GitHub's description, so that tests cannot rely on answers that GitHub would not send. */
  #checked(route: Route, answer: Answer): Answer {
    if (answer.status === 304) return answer
    const isJson = answer.headers?.['content-type'] === undefined
    const broken = this.#contract.broken(route, answer.status, answer.body)
    if (broken.length === 0 || !isJson) return answer
    const violation = `${route} ${answer.status}: ${broken.join('; ')}`
    this.#world.violations.push(violation)
    return refuse(500, violation)
  }
}

function secondaryLimitAnswer({ status, retryAfterSeconds }: NonNullable<World['secondary']>): Answer {
  const answer = refuse(
    status,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  )
  return { ...answer, headers: { 'retry-after': String(retryAfterSeconds) } }
}

/** Names the permission that a route requires, as GitHub does in every answer to a token. */
function withAccepted(answer: Answer, route: Route): Answer {
  const needs = requirementOf(route)
  if (!needs) return answer
  const accepted = `${needs.permission}=${needs.level}`
  return { ...answer, headers: { ...answer.headers, 'x-accepted-github-permissions': accepted } }
}

function withETag(answer: Answer, ifNoneMatch: string | undefined): Answer {
  const hash = createHash('sha256').update(JSON.stringify(answer.body)).digest('hex')
  const etag = `W/"${hash}"`
  if (ifNoneMatch === etag) return { status: 304, headers: { etag } }
  return { ...answer, headers: { ...answer.headers, etag } }
}
