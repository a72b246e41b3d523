/** An ECS service, as a list shows it. */
export type SeenService = {
  readonly cluster: string
  readonly service: string
  /** Who deploys it. `ECS`: ECS itself, by whatever strategy. */
  readonly controller: 'ECS' | 'CODE_DEPLOY' | 'EXTERNAL'
  /** The ARN of the task definition that it runs. */
  readonly definition: string
}

/** With what CodeDeploy deploys a service, and to which container and port its load balancer sends traffic. */
export type SeenCodeDeploy = {
  readonly application: string
  readonly group: string
  readonly container: string
  readonly port: number
}

/** What a task definition says of itself. */
export type SeenDefinition = {
  readonly family: string
  /** The essential containers. */
  readonly containers: readonly { readonly name: string; readonly image: string }[]
  /** The names of its task role and execution role. */
  readonly roles: readonly string[]
  readonly logGroups: readonly string[]
}

/** What `twokey init` reads of an account and region. Methods throw `Trouble`. */
export interface AwsInventory {
  readonly region: string
  /** Of the credentials. */
  account(): Promise<string>
  services(): Promise<readonly SeenService[]>
  /** Of a service that CodeDeploy deploys. */
  codeDeploy(service: SeenService): Promise<SeenCodeDeploy>
  /** Families with an active task definition. */
  families(): Promise<readonly string[]>
  /** Of a family's newest revision, or of an ARN. */
  definition(name: string): Promise<SeenDefinition>
}

/** What `twokey init` reads of GitHub. Methods throw `Trouble`. */
export interface GitHubInventory {
  /** The names of the repository's environments. */
  environments(repository: string): Promise<readonly string[]>
  /** The repository's ID, and the beginning of the subject in tokens of its jobs. */
  identity(repository: string): Promise<{ readonly id: number; readonly subjectPrefix: string }>
}
