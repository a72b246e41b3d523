import type { AwsLocation } from '../release/names.ts'

/**
 * Where to look now, because of an event of AWS. What happened there is read from ECS or CodeDeploy, since
 * events get lost, come late, twice and out of order. `deployment`: CodeDeploy's events name a deployment, and no service;
 * null: not even that.
 */
export type AwsSignal = { readonly account: string; readonly region: string } & (
  | { readonly of: 'service'; readonly cluster: string | null; readonly service: string }
  | { readonly of: 'family'; readonly cluster: string; readonly family: string }
  | { readonly of: 'deployment'; readonly id: string | null }
)

/** A message of a queue. `signal`: null if it is not an event that twokey knows. `sentAt`: ms, by AWS's clock. */
export type AwsMessage = {
  readonly receipt: string
  readonly sentAt: number | null
  readonly signal: AwsSignal | null
}

/** A queue of events. Methods throw `Trouble`. */
export interface AwsQueue {
  readonly url: string
  /** Waits up to 20 seconds for messages; at most ten. */
  receive(abort: AbortSignal): Promise<readonly AwsMessage[]>
  /** Whether there is such a queue. Reads one message at most, and leaves it in the queue. */
  exists(): Promise<boolean>
  /** Returns how many could not be deleted: they come again. */
  delete(receipts: readonly string[]): Promise<number>
}

/** The queue of twokey.yml, and where its account is reached. */
export type QueueSettings = AwsLocation & { readonly url: string }
