/** twokey could not assume a role. The cause is the error of STS's client. */
export class RoleNotAssumed extends Error {
  readonly roleArn: string

  constructor(roleArn: string, cause: unknown) {
    super(`could not assume ${roleArn}`, { cause })
    this.name = 'RoleNotAssumed'
    this.roleArn = roleArn
  }
}
