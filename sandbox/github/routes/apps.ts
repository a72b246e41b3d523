import { newInstallationToken } from '../access.ts'
import { type Answer, notFound, ok } from '../answer.ts'
import type { Call, RepositoryCall } from '../call.ts'
import { account, iso } from '../people.ts'
import { simpleUser } from '../shapes/accounts.ts'
import type { World } from '../world.ts'

const granted = {
  actions: 'write',
  contents: 'read',
  checks: 'read',
  statuses: 'read',
  deployments: 'write',
  metadata: 'read',
}

/** `apps/get-repo-installation`: the App is installed everywhere. */
export function repositoryInstallation({ repository, world, at }: RepositoryCall): Answer {
  const { app } = world
  const owner = account(repository.owner)
  const created = iso(repository.createdAt)
  return ok({
    id: app.installationId,
    account: simpleUser(owner, at),
    repository_selection: 'all',
    access_tokens_url: `${at.api}/app/installations/${app.installationId}/access_tokens`,
    repositories_url: `${at.api}/installation/repositories`,
    html_url: `${at.html}/organizations/${repository.owner}/settings/installations/${app.installationId}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: owner.id,
    target_type: 'Organization',
    permissions: granted,
    events: ['workflow_job', 'workflow_run'],
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
    created_at: created,
    updated_at: created,
  })
}

/** `apps/create-installation-access-token`. */
export function installationToken({ params, world }: Call): Answer {
  if (Number(params.installation_id) !== world.app.installationId) return notFound
  const body = { ...newInstallationToken(world), permissions: granted, repository_selection: 'all' }
  return { status: 201, body }
}

/** `rate-limit/get`. */
export function rateLimit({ world }: { readonly world: World }): Answer {
  const { limit, used, reset } = world.rate
  const core = { limit, used, remaining: Math.max(0, limit - used), reset }
  const search = { limit: 30, used: 0, remaining: 30, reset }
  return ok({ resources: { core, search }, rate: core })
}
