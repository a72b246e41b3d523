/** Where the assertions ask, and about what. Nothing that it names is changed, but for one message in the channel. */
export type Outside = {
  readonly slack: { readonly apiUrl: string; readonly token: string; readonly channel: string }
  readonly gitHub: {
    readonly apiUrl: string
    readonly token: string
    /** `owner/name`. */
    readonly repository: string
    /** File name of a workflow that can be dispatched. */
    readonly workflow: string
    readonly branch: string
  }
  readonly aws: {
    readonly region: string
    readonly cluster: string
    /** A service that ECS deploys itself. */
    readonly service: string
    /** Absent: the AWS of the SDK's own settings. */
    readonly endpoint?: string
    readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  }
}
