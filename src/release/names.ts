/** A point in time, ms since the epoch. */
export type Time = number

/** A Slack user id. Somebody who acts on GitHub, and whose Slack account twokey.yml does not name, is `github:LOGIN`. */
export type PersonId = string

const onGitHub = 'github:'

/** The person with this GitHub login, who has no Slack account as far as twokey.yml says. */
export function githubPerson(login: string): PersonId {
  return `${onGitHub}${login}`
}

/** Somebody on GitHub whom GitHub does not name, as when the account was deleted. No login has a bracket. */
export const somebodyOnGitHub: PersonId = githubPerson('(unknown)')

/** The GitHub login of such a person; null for a Slack account. */
export function githubLogin(id: PersonId): string | null {
  return id.startsWith(onGitHub) ? id.slice(onGitHub.length) : null
}

/** The mention of a person, which cards and answers render; the login of somebody on GitHub. */
export function personText(id: PersonId): string {
  const login = githubLogin(id)
  return login === null ? `<@${id}>` : `${login} (GitHub)`
}

/** Whether two names of repositories or environments mean the same. GitHub compares them without case. */
export function isSameOnGitHub(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** The name of an environment's gate on GitHub, in the one form in which gates are compared. */
export function gateName({
  repository,
  githubEnvironment,
}: {
  readonly repository: string
  readonly githubEnvironment: string
}): string {
  return `${repository}:${githubEnvironment}`.toLowerCase()
}

/** A service in an environment, by their names. */
export type ServiceEnvironmentName = { readonly service: string; readonly environment: string }

/** An ECS service in a cluster. Each has a lane. */
export type Target = { readonly cluster: string; readonly service: string; readonly region?: string }

/** The name of a target's lane, in the one form in which lanes are compared. */
export function targetName({ cluster, service, region }: Target): string {
  return region === undefined ? `${cluster}/${service}` : `${region}:${cluster}/${service}`
}
