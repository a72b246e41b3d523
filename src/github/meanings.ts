import type { Failure } from './failure.ts'

type Answered = Extract<Failure, { failure: 'answered' }>

/** GitHub's wording of a refusal, and what to do about it: one phrase without a full stop. */
export type Meaning = { readonly says: RegExp; next(answered: Answered): string }

/**
 * GitHub uses the same status for many reasons, so its message decides. The messages come from public reports, named
 * beside each row; the first match counts.
 */
export const meanings: readonly Meaning[] = [
  {
    // cli/cli#2661, ossf/scorecard#1504
    says: /SAML enforcement/i,
    next: (answered) =>
      `authorize the token for the single sign-on of ${organization(answered)}: "Configure SSO" beside it in the token settings of the account that it belongs to`,
  },
  {
    // aquasecurity/trivy#10567
    says: /IP allow list/i,
    next: (answered) =>
      `an owner of ${organization(answered)} has to add the address that twokey runs at to its IP allow list`,
  },
  {
    // NixOS/org#247
    says: /token's lifetime is greater than/i,
    next: (answered) =>
      `${organization(answered)} accepts only tokens that expire sooner: shorten the lifetime of the token, or set another as GITHUB_TOKEN`,
  },
  {
    // git-harness/git-harness#4609
    says: /forbids access via a personal access token \(classic\)/i,
    next: (answered) =>
      `${organization(answered)} does not accept classic tokens: set a fine-grained token as GITHUB_TOKEN`,
  },
  {
    // mislav/hub#3363
    says: /forbids access via a (?:fine-grained )?personal access token/i,
    next: (answered) =>
      `${organization(answered)} does not accept fine-grained tokens: an owner has to allow them, or set another token as GITHUB_TOKEN`,
  },
  {
    // gitbutlerapp/gitbutler#5190
    says: /OAuth App access restrictions/i,
    next: (answered) =>
      `${organization(answered)} does not allow the app that the token belongs to: an owner has to approve it, or set a personal access token as GITHUB_TOKEN`,
  },
  {
    says: /archived so is read-only/i,
    next: (answered) =>
      `${repository(answered)} is archived, so no workflow of it can be started: an admin has to unarchive it on GitHub`,
  },
  {
    // benc-uk/workflow-dispatch#72
    says: /on a disabled workflow/i,
    next: (answered) => `enable it: gh workflow enable ${workflow(answered)} --repo ${repository(answered)}`,
  },
  {
    says: /Actions has been disabled for this user/i,
    next: () =>
      'GitHub does not let the account of the token use Actions: ask GitHub Support, or set the token of another account as GITHUB_TOKEN',
  },
  {
    says: /Actions (?:has been|have been|is|are) (?:disabled|not enabled)/i,
    next: (answered) => `an admin has to enable Actions in the settings of ${repository(answered)}`,
  },
  {
    says: /spending limit|account payments have failed|billing issue/i,
    next: (answered) => `an owner of ${organization(answered)} has to check its billing on GitHub`,
  },
  {
    // zeitlos/lucity#86
    says: /account was suspended/i,
    next: () =>
      'the account of the token is suspended: ask GitHub Support, or set the token of another account as GITHUB_TOKEN',
  },
  {
    // seart-group/ghs#263
    says: /Repository access blocked|repository has been (?:disabled|locked)/i,
    next: (answered) => `GitHub blocks ${repository(answered)}: its owner has to ask GitHub Support`,
  },
  {
    // ACCESS-NRI/access-spack-packages#30
    says: /Must have (?:admin|push|write) (?:rights|access) to Repository/i,
    next: (answered) =>
      `the account of the token needs write access to ${repository(answered)}, and the token ${permission(answered)} (a classic token: the scope repo)`,
  },
  {
    says: /Resource not accessible by/i,
    next: (answered) => `the token lacks ${permission(answered)}`,
  },
  {
    // cli/cli#9221
    says: /^This workflow is already running/i,
    next: () => 'somebody has started the run again on GitHub: look at it there',
  },
  {
    // metabase/metabase#70916
    says: /^This workflow run cannot be retried/i,
    next: (answered) =>
      `GitHub does not run it again: request a new deploy, or enable the workflow of ${repository(answered)} if it is disabled`,
  },
  {
    // cli/cli#9989
    says: /this workflow run because it was created over a month ago/i,
    next: () => 'request a new deploy',
  },
  {
    says: /^No ref found for/i,
    next: (answered) => `${repository(answered)} has no such branch: correct \`branch\` in twokey.yml`,
  },
  {
    says: /^Unexpected inputs provided/i,
    next: (answered) =>
      `${workflow(answered)} on the branch does not declare them: request the release again`,
  },
  {
    says: /^Required input '.*' not provided/i,
    next: (answered) => `${workflow(answered)} requires an input that twokey does not send`,
  },
  {
    // cli/cli#5246
    says: /not in the list of allowed values/i,
    next: (answered) => `add the value to the options of that input in ${workflow(answered)}`,
  },
  {
    says: /does not have 'workflow_dispatch' trigger/i,
    next: (answered) => `add \`workflow_dispatch:\` under \`on:\` of ${workflow(answered)}`,
  },
]

/** What to do about an answer, by GitHub's message; null if the message is not known. */
export function meaningOf(answered: Answered): string | null {
  return meanings.find(({ says }) => says.test(answered.message))?.next(answered) ?? null
}

/** The permission that a request needs. GitHub names it in a header; without the header it is derived from the URL. */
export function permission({ headers, request }: Answered): string {
  const named = headers['x-accepted-github-permissions']
  if (typeof named === 'string' && named !== '') return named.replaceAll('=', ': ')
  const level = request.method === 'GET' ? 'read' : 'write'
  return request.path.includes('/actions/') ? `actions: ${level}` : `contents: ${level}`
}

/** The organization whose rules refused: GitHub names it in the single sign-on header; else it is the repository's owner. */
function organization({ headers, request }: Answered): string {
  const signOn = headers['x-github-sso']
  const named = typeof signOn === 'string' ? /\/orgs\/([\w-]+)\//.exec(signOn)?.[1] : undefined
  return named ?? /\/repos\/([^/]+)\//.exec(request.path)?.[1] ?? 'the organization'
}

function repository({ request }: Answered): string {
  return /\/repos\/([^/]+\/[^/]+)/.exec(request.path)?.[1] ?? 'the repository'
}

function workflow({ request }: Answered): string {
  return /\/actions\/workflows\/([^/]+)/.exec(request.path)?.[1] ?? 'the workflow'
}
