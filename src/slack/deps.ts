import type { Logger } from 'pino'
import type { FormSource } from '../messages/form.ts'
import type { InboxItem } from '../messages/intent.ts'
import type { Checkpoint } from '../ports/ports.ts'
import type { HandleSlackRequest } from '../ports/slack-request.ts'
import type { ProxySettings } from '../runtime/proxy.ts'
import type { Signals } from '../runtime/signals.ts'
import type { Vocabulary } from './vocabulary.ts'

/** How events arrive: over connections that twokey opens, or as requests to its server. */
type Arrival =
  | { readonly appToken: string }
  | { readonly onRequest: (handle: HandleSlackRequest | null) => void }

/** What a connection to Slack needs. */
export type SlackDeps = Arrival & {
  readonly botToken: string
  /** Default: Slack's own API. */
  readonly apiUrl?: string
  /** Absent: no proxy. */
  readonly proxy?: ProxySettings
  readonly log: Logger
  /** Called when Slack refuses the tokens for good. The process should then exit with a status other than 0. */
  readonly onFatal: (error: Error) => void
}

/** Handles what people do in Slack. */
export type SlackInput = {
  readonly vocabulary: Vocabulary
  /** Stores the request. Slack is acknowledged once this resolves. */
  readonly receive: (item: InboxItem) => Promise<'new' | 'seen'>
  /** Answers forms while people fill them in. */
  readonly source: FormSource
  /** Signaled after the acknowledgement of a stored request, so that no work delays the acknowledgement. */
  readonly signals: Pick<Signals, 'changed'>
  /** Lets tests stop the process at a named point. */
  readonly checkpoint?: Checkpoint
}
