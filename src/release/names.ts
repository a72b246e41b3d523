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

/** Whether two names of repositories, environments or accounts mean the same. GitHub compares them without case. */
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

/**
 * Where in AWS something is. `region` absent: the one that twokey runs with. `roleArn`: the role that twokey assumes, and
 * so the account; absent: twokey's own credentials.
 */
export type AwsLocation = { readonly region?: string; readonly roleArn?: string }

/** The location of something that carries one, and nothing else of it. */
export function locationOf({ region, roleArn }: AwsLocation): AwsLocation {
  return { ...(region !== undefined && { region }), ...(roleArn !== undefined && { roleArn }) }
}

/** The account of an ARN: `123456789012`. */
export function accountIn(arn: string): string | undefined {
  return arn.split(':')[4]
}

/** An ECS service in a cluster. Each has a lane. */
export type Target = AwsLocation & { readonly cluster: string; readonly service: string }

/**
 * The name of a target's lane, in the one form in which lanes are compared. Roles of one account lead to the same
 * services; a target without a role is in twokey's own account.
 */
export function targetName({ cluster, service, ...location }: Target): string {
  return [...locationName(location), `${cluster}/${service}`].join(':')
}

function locationName({ region, roleArn }: AwsLocation): readonly string[] {
  return [roleArn === undefined ? undefined : accountIn(roleArn), region].filter((part) => part !== undefined)
}

/** Whether both are in the same account and region, as far as they are named. */
export function isSameLocation(one: AwsLocation, other: AwsLocation): boolean {
  return locationName(one).join(':') === locationName(other).join(':')
}
