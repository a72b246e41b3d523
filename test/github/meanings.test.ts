import { describe, expect, test } from 'vitest'
import { meaningOf, meanings } from '../../src/github/meanings.ts'
import { explain, limitEnd } from '../../src/github/trouble.ts'

const path = '/repos/myorg/blog-api/actions/workflows/deploy.yml/dispatches'

const answered = (status: number, message: string, headers: Record<string, string> = {}) =>
  ({ failure: 'answered', status, message, headers, request: { method: 'POST', path } }) as const

/** Status, GitHub's message from public reports, and what the explanation must contain. */
const rows: readonly (readonly [number, string, RegExp])[] = [
  [
    403,
    'Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.',
    /single sign-on of myorg/,
  ],
  [
    403,
    'Although you appear to have the correct authorization credentials, the `myorg` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.',
    /IP allow list/,
  ],
  [
    403,
    "The 'myorg' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 90 days. Please adjust your token's lifetime.",
    /expire sooner/,
  ],
  [
    403,
    '`myorg` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.',
    /does not accept classic tokens/,
  ],
  [
    403,
    '`myorg` forbids access via a personal access token with fine-grained permissions. Please use a GitHub App, or an OAuth App.',
    /does not accept fine-grained tokens/,
  ],
  [
    403,
    'Although you appear to have the correct authorization credentials, the `myorg` organization has enabled OAuth App access restrictions, meaning that data access to third-parties is limited.',
    /approve it/,
  ],
  [403, 'Repository was archived so is read-only.', /myorg\/blog-api is archived/],
  [422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow", /gh workflow enable deploy\.yml/],
  [422, 'Actions has been disabled for this user.', /account of the token/],
  [403, 'Actions is disabled for this repository', /enable Actions/],
  [403, 'Recent account payments have failed or your spending limit needs to be increased.', /billing/],
  [403, 'Sorry. Your account was suspended.', /suspended/],
  [403, 'Repository access blocked', /GitHub Support/],
  [403, 'Must have admin rights to Repository.', /write access to myorg\/blog-api/],
  [403, 'Resource not accessible by personal access token', /lacks actions: write/],
  [403, 'Resource not accessible by integration', /lacks actions: write/],
  [403, 'This workflow is already running', /started the run again on GitHub/],
  [403, 'This workflow run cannot be retried', /request a new deploy/],
  [403, 'Unable to retry this workflow run because it was created over a month ago', /request a new deploy/],
  [422, 'No ref found for: main', /no such branch/],
  [422, 'Unexpected inputs provided: ["x"]', /does not declare/],
  [422, "Required input 'x' not provided", /requires an input/],
  [422, "Provided value 'a' for input 'x' not in the list of allowed values", /options/],
  [422, "Workflow does not have 'workflow_dispatch' trigger", /workflow_dispatch:/],
]

describe('refusals of GitHub', () => {
  test.each(rows)('explains %d %s by its message', (status, message, next) => {
    const said = explain(answered(status, message))
    expect(said).toContain(message)
    expect(said).toMatch(next)
    if (!message.startsWith('Resource not accessible') && !message.startsWith('Must have'))
      expect(said).not.toContain('lacks')
  })

  test('every row of the table explains one of the samples, and is its first match', () => {
    const met = rows.map(([status, message]) =>
      meanings.findIndex(({ says }) => says.test(answered(status, message).message)),
    )
    expect([...new Set(met)].toSorted((one, other) => one - other)).toEqual([...meanings.keys()])
  })

  test('explains a refusal with an unknown message by its status', () => {
    expect(meaningOf(answered(403, 'Forbidden'))).toBeNull()
    expect(explain(answered(403, 'Forbidden'))).toContain('may lack actions: write')
    expect(explain(answered(409, 'Conflict'))).toBe('Conflict (409)')
  })

  test('names the organization of single sign-on, without the address that grants access', () => {
    const url = 'https://github.com/orgs/otherorg/sso?authorization_request=AABBCC'
    const said = explain(
      answered(403, 'Resource protected by organization SAML enforcement.', {
        'x-github-sso': `required; url=${url}`,
      }),
    )
    expect(said).toContain('otherorg')
    expect(said).not.toContain('AABBCC')
  })

  test('a refusal with the last request of the hour is not a rate limit', () => {
    const last = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '90' }
    expect(limitEnd(answered(403, 'Repository was archived so is read-only.', last), 1_000)).toBeNull()
    expect(limitEnd(answered(403, 'API rate limit exceeded', last), 1_000)).toBe(90_000)
  })
})
