import { newInstallationToken, suspended } from '../access.ts'
import { type Answer, notFound, ok, refuse } from '../answer.ts'
import type { App } from '../apps.ts'
import { type Call, page, type RepositoryCall } from '../call.ts'
import { iso } from '../people.ts'
import { includes, type Level, type Permissions } from '../permissions.ts'
import type { Repository } from '../repository.ts'
import { grantedBy, installationOf, integrationOf } from '../shapes/apps.ts'
import { fullRepository } from '../shapes/repositories.ts'
import type { World } from '../world.ts'

/** `apps/get-authenticated`. */
export function authenticatedApp({ access, at }: Call): Answer {
  const app = access.app!
  return ok({ ...integrationOf(app, at), installations_count: app.state === 'removed' ? 0 : 1 })
}

/** `apps/list-installations`: the App's one installation, while it exists. */
export function installations(call: Call): Answer {
  const app = call.access.app!
  const all = app.state === 'removed' ? [] : [installationOf(app, call.world.repository(), call.at)]
  const { shown, headers } = page(call, all)
  return ok(shown, headers)
}

/** `apps/get-installation`. */
export function installation({ access, params, world, at }: Call): Answer {
  const app = access.app!
  const isKnown = Number(params.installation_id) === app.installationId && app.state !== 'removed'
  return isKnown ? ok(installationOf(app, world.repository(), at)) : notFound
}

/** `apps/get-repo-installation`. */
export function repositoryInstallation({ repository, access, at }: RepositoryCall): Answer {
  const app = access.app!
  return app.isInstalledOn(repository) ? ok(installationOf(app, repository, at)) : notFound
}

type TokenRequest = {
  readonly repositories?: readonly string[]
  readonly repository_ids?: readonly number[]
  readonly permissions?: Readonly<Record<string, Level>>
}

/** `apps/create-installation-access-token`, limited as the body says. */
export function installationToken({ params, access, body, world, at }: Call): Answer {
  const app = access.app!
  const id = Number(params.installation_id)
  const isOwn = [...app.ownInstallations.values()].includes(id)
  if ((id !== app.installationId && !isOwn) || app.state === 'removed') return notFound
  if (app.state === 'suspended') return suspended
  const wanted = (body ?? {}) as TokenRequest
  const there = world.repositories.filter((repository) => app.installationIdOf(repository) === id)
  const chosen = chosenRepositories(wanted, app, there)
  if (chosen === 'unknown')
    return refuse(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    )
  const granted = limited(app, wanted.permissions)
  if (!granted) return refuse(422, 'The permissions requested are not granted to this installation.')
  const expiresAt = Date.now() + world.installationTokensLiveFor
  const limits = chosen ?? (app.ownInstallations.size > 0 ? there : undefined)
  const repositories = limits && new Set(limits.map((repository) => repository.id))
  return {
    status: 201,
    body: {
      token: newInstallationToken(world, { app, permissions: granted, repositories, expiresAt }),
      expires_at: iso(expiresAt),
      permissions: grantedBy(granted),
      repository_selection: chosen || app.repositories !== 'all' ? 'selected' : 'all',
      ...(chosen && { repositories: chosen.map((repository) => fullRepository(repository, at)) }),
    },
  }
}

/** The repositories that a token is limited to; undefined: all of the installation. */
function chosenRepositories(
  { repositories, repository_ids: ids }: TokenRequest,
  app: App,
  there: readonly Repository[],
): readonly Repository[] | undefined | 'unknown' {
  if (!repositories && !ids) return undefined
  const known = there.filter((repository) => app.isInstalledOn(repository))
  const chosen = [
    ...(repositories ?? []).map((name) => known.find((each) => each.name === name)),
    ...(ids ?? []).map((id) => known.find((each) => each.id === id)),
  ].filter((repository) => repository !== undefined)
  const asked = (repositories?.length ?? 0) + (ids?.length ?? 0)
  return chosen.length < asked ? 'unknown' : chosen
}

/** The permissions of a token; undefined if the App was not granted one of those requested. */
function limited(app: App, wanted: TokenRequest['permissions']): Permissions | undefined {
  if (!wanted) return app.permissions
  const others = Object.entries(wanted).filter(([name]) => name !== 'metadata')
  const has = app.permissions as Readonly<Record<string, Level | undefined>>
  if (!others.every(([name, level]) => includes(has[name], level))) return undefined
  return {
    actions: 'none',
    contents: 'none',
    checks: 'none',
    statuses: 'none',
    ...Object.fromEntries(others),
  }
}

/** `rate-limit/get`. */
export function rateLimit({ world }: { readonly world: World }): Answer {
  const { limit, used, reset } = world.rate
  const core = { limit, used, remaining: Math.max(0, limit - used), reset }
  const search = { limit: 30, used: 0, remaining: 30, reset }
  return ok({ resources: { core, search }, rate: core })
}
