/** A point in time, ms since the epoch. */
export type Time = number

/** A Slack user id. */
export type PersonId = string

/** A service in an environment, by their names. */
export type ServiceEnvironmentName = { readonly service: string; readonly environment: string }

/** An ECS service in a cluster. Each has a lane. */
export type Target = { readonly cluster: string; readonly service: string; readonly region?: string }

/** The name of a target's lane, in the one form in which lanes are compared. */
export function targetName({ cluster, service, region }: Target): string {
  return region === undefined ? `${cluster}/${service}` : `${region}:${cluster}/${service}`
}
