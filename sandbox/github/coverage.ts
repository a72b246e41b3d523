/** How far a route is supported; the note of a `partial` one names what is missing. */
export type Coverage = { readonly support: 'supported' | 'partial'; readonly note: string }

const supported = (note = ''): Coverage => ({ support: 'supported', note })
const partial = (note: string): Coverage => ({ support: 'partial', note })

/**
 * The routes of GitHub's REST API that the sandbox serves, spelled as in GitHub's OpenAPI description. Faults and the
 * request log use the same names.
 */
export const coverage = {
  'GET /rate_limit': supported('the core budget; the others are constants'),
  'GET /user': partial('the public profile; a token of an installation: 403'),
  'GET /repos/{owner}/{repo}': supported(),
  'GET /app': supported(),
  'GET /app/hook/config': supported('404 without a webhook'),
  'GET /app/hook/deliveries': supported('those of the last three days'),
  'GET /app/hook/deliveries/{delivery_id}': supported(),
  'POST /app/hook/deliveries/{delivery_id}/attempts': supported(),
  'GET /app/installations': partial('one installation per App'),
  'GET /app/installations/{installation_id}': supported(),
  'GET /repos/{owner}/{repo}/installation': supported('404 if the App is not installed'),
  'POST /app/installations/{installation_id}/access_tokens': supported(
    'limited by repositories, repository_ids and permissions',
  ),

  'GET /repos/{owner}/{repo}/git/ref/{ref}': supported('heads/… and tags/…'),
  'GET /repos/{owner}/{repo}/git/tags/{tag_sha}': supported(),
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}': supported(),
  'GET /repos/{owner}/{repo}/git/trees/{tree_sha}': supported('a tree, a commit or a branch; ?recursive'),
  'GET /repos/{owner}/{repo}/branches/{branch}': partial('of its protection the required checks'),
  'GET /repos/{owner}/{repo}/rules/branches/{branch}': partial('rules for required checks'),
  'GET /repos/{owner}/{repo}/commits': partial('sha, page and per_page; no other filter'),
  'GET /repos/{owner}/{repo}/commits/{ref}/status': supported(),
  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': partial('filters: status, check_name, app_id'),
  'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': supported(),
  'GET /repos/{owner}/{repo}/commits/{ref}': partial(
    'a renamed file is shown as one removed and one added; 300 files at most',
  ),
  'GET /repos/{owner}/{repo}/compare/{basehead}': partial(
    'within one repository; files on the first page, as above',
  ),
  'GET /repos/{owner}/{repo}/contents/{path}': supported(
    'files, folders, symlinks and submodules; base64 and raw',
  ),

  'GET /repos/{owner}/{repo}/actions/workflows': supported(),
  'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs': partial(
    'filters: branch, event, status, head_sha, actor',
  ),
  'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}': supported('by id or by file name'),
  'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches': supported(),
  'GET /repos/{owner}/{repo}/actions/runs': partial('filters: branch, event, status, head_sha, actor'),
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}': supported(),
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}': supported(),
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs': supported(),
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs': supported('filter: latest or all'),
  'GET /repos/{owner}/{repo}/actions/jobs/{job_id}': supported(),
  'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs': supported(
    '302 to an address outside the API, valid for a minute',
  ),
  'POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel': supported(),
  'POST /repos/{owner}/{repo}/actions/runs/{run_id}/force-cancel': supported(),
  'POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun': supported(),
  'POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs': supported(
    'a called workflow runs again as a whole',
  ),
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments': supported(),
  'POST /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments': supported(
    'by a token of a required reviewer only',
  ),
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals': supported(),

  'GET /repos/{owner}/{repo}/actions/runs/{run_id}/concurrency_groups': supported(
    'GitHub Enterprise Server: 404',
  ),
  'GET /repos/{owner}/{repo}/actions/concurrency_groups/{concurrency_group_name}': partial(
    'always the whole queue, even if ahead_of_* is given',
  ),

  'GET /repos/{owner}/{repo}/actions/oidc/customization/sub': supported('the usual template'),

  'GET /repos/{owner}/{repo}/environments': supported(),
  'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules/apps': supported(),
  'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules': supported(),
  'POST /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules': supported(
    'by a token with Administration',
  ),
  'DELETE /repos/{owner}/{repo}/environments/{environment_name}/deployment_protection_rules/{protection_rule_id}':
    supported('by a token with Administration'),
  'GET /repos/{owner}/{repo}/environments/{environment_name}': supported(
    'a custom rule has the type `custom`, which GitHub does not document',
  ),
  'POST /repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule': supported(
    'by the App of the rule only; status reports are kept and shown nowhere',
  ),
  'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': supported(),
  'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': partial('`environment` is ignored'),
  'GET /repos/{owner}/{repo}/deployments/{deployment_id}': supported(),
  'GET /repos/{owner}/{repo}/deployments': supported(),
  'POST /repos/{owner}/{repo}/deployments': partial(
    'never merges: a branch that is behind the default branch answers 409 unless `auto_merge` is false',
  ),
} as const satisfies Record<string, Coverage>

/** A supported route, such as `GET /repos/{owner}/{repo}`. */
export type Route = keyof typeof coverage
