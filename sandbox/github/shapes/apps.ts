import type { App } from '../apps.ts'
import { account, iso } from '../people.ts'
import type { Permissions } from '../permissions.ts'
import type { Repository } from '../repository.ts'
import { type Addresses, nodeId, simpleUser } from './accounts.ts'

/** OpenAPI `app-permissions`: everybody may read metadata; what is not granted is absent. */
export function grantedBy(permissions: Permissions): Record<string, string> {
  const granted = Object.entries(permissions).filter(([, level]) => level !== 'none')
  return { ...Object.fromEntries(granted), metadata: 'read' }
}

/** OpenAPI `integration`. */
export function integrationOf(app: App, at: Addresses) {
  const created = iso(app.createdAt)
  return {
    id: app.id,
    client_id: app.clientId,
    slug: app.slug,
    node_id: nodeId('App', app.id),
    owner: simpleUser(account('myorg'), at),
    name: app.slug,
    description: null,
    external_url: `https://example.com/${app.slug}`,
    html_url: `${at.html}/apps/${app.slug}`,
    created_at: created,
    updated_at: created,
    permissions: grantedBy(app.permissions),
    events: [...app.events],
  }
}

/** OpenAPI `installation`, of the owner of a repository. */
export function installationOf(app: App, { owner: name }: Pick<Repository, 'owner'>, at: Addresses) {
  const owner = account(name)
  const id = app.installationIdOf({ owner: name })
  const created = iso(app.createdAt)
  const isSuspended = app.state === 'suspended'
  return {
    id,
    client_id: app.clientId,
    account: simpleUser(owner, at),
    repository_selection: app.repositories === 'all' ? 'all' : 'selected',
    access_tokens_url: `${at.api}/app/installations/${id}/access_tokens`,
    repositories_url: `${at.api}/installation/repositories`,
    html_url: `${at.html}/organizations/${name}/settings/installations/${id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: owner.id,
    target_type: 'Organization',
    permissions: grantedBy(app.permissions),
    events: [...app.events],
    single_file_name: null,
    suspended_by: isSuspended ? simpleUser(account('ana'), at) : null,
    suspended_at: isSuspended ? created : null,
    created_at: created,
    updated_at: created,
  }
}
