import { parse, stringify } from 'yaml'

/**
 * A link that creates a Slack app from a manifest in YAML.
 * https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests
 */
export function slackAppLink(manifest: string): string {
  // Comments would only make the link longer.
  const data = stringify(parse(manifest), { lineWidth: 0 })
  return `https://api.slack.com/apps?${new URLSearchParams({ new_app: '1', manifest_yaml: data })}`
}

/** The parts of a GitHub App's manifest that its form takes. */
export type GitHubAppManifest = {
  readonly name: string
  readonly url: string
  readonly hook_attributes: { readonly url: string }
  readonly default_permissions: Readonly<Record<string, string>>
  readonly default_events: readonly string[]
}

/**
 * A link to the form that creates a GitHub App of an organization, filled in. `web`: the address of GitHub's pages.
 * https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-using-url-parameters
 */
export function gitHubAppLink(
  manifest: GitHubAppManifest,
  { owner, web }: { readonly owner: string; readonly web: string },
): string {
  const { name, url, hook_attributes: hook, default_permissions: permissions, default_events } = manifest
  const parameters = new URLSearchParams({
    name,
    url,
    public: 'false',
    webhook_active: 'true',
    webhook_url: hook.url,
    ...permissions,
  })
  for (const event of default_events) parameters.append('events[]', event)
  return `${web}/organizations/${owner}/settings/apps/new?${parameters}`
}

/** The address of the pages of the GitHub that an address of its API belongs to. */
export function gitHubPages(apiUrl: string): string {
  const { protocol, host } = new URL(apiUrl)
  return `${protocol}//${host.replace(/^api\.(?=github\.com$|[a-z0-9-]+\.ghe\.com$)/, '')}`
}
