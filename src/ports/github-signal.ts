/**
 * What a webhook of GitHub is good for: it says where to look now. What happened there is read from GitHub, since webhooks
 * get lost, come late, twice and out of order.
 */
export type GitHubSignal = {
  /** Full name. */
  readonly repository: string
  readonly runId: number | null
  /** Whether a run may wait at a gate, so that people wait for the look. */
  readonly isUrgent: boolean
}
