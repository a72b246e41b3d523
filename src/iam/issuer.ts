/** The issuer of GitHub's tokens for jobs, without `https://`: the name of the OIDC provider in IAM. */
export const gitHubIssuer = 'token.actions.githubusercontent.com'

/** The audience that aws-actions/configure-aws-credentials requests. */
export const audience = 'sts.amazonaws.com'

/** A value as GitHub writes it in a subject, in which a colon would look like the end of it. */
export function inSubject(value: string): string {
  return value.replaceAll(':', '%3A')
}

/**
 * The issuer that belongs to an address of GitHub's API. GitHub Enterprise Server has its own, and so has a tenant of
 * ghe.com. An enterprise with an issuer of its own has `gitHubIssuer` with `/<enterprise>`.
 */
export function issuerOf(apiUrl: string): string {
  const { hostname } = new URL(apiUrl)
  if (hostname === 'api.github.com') return gitHubIssuer
  const tenant = /^api\.([a-z0-9-]+)\.ghe\.com$/.exec(hostname)?.[1]
  return tenant === undefined ? `${hostname}/_services/token` : `token.actions.${tenant}.ghe.com`
}

/**
 * Whether STS checks GitHub's own claims of this issuer, beside `aud` and `sub`: since January 2026, and not for GitHub
 * Enterprise Server.
 */
export function hasOwnClaims(issuer: string): boolean {
  return issuer === gitHubIssuer || issuer.startsWith(`${gitHubIssuer}/`) || issuer.endsWith('.ghe.com')
}

/** What to decide before the OIDC provider of an issuer is created. IAM refuses a second one. */
export function providerQuestion(issuer: string): string {
  return `whether to create the OIDC provider ${issuer}: only if \`aws iam list-open-id-connect-providers\` does not list it`
}
