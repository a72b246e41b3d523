import type { Logger } from 'pino'
import type { FormSource } from '../messages/form.ts'
import type { InboxItem } from '../messages/intent.ts'
import type { Checkpoint } from '../ports/ports.ts'
import type { Signals } from '../runtime/signals.ts'
import type { Vocabulary } from './vocabulary.ts'

/** What a connection to Slack needs. */
export type SlackDeps = {
  readonly botToken: string
  readonly appToken: string
  /** Slack's own unless named. */
  readonly apiUrl?: string
  readonly log: Logger
  /** Slack refuses the tokens for good: the process should end, with an exit status other than 0. */
  readonly onFatal: (error: Error) => void
}

/** Where what people do in Slack goes. */
export type SlackInput = {
  readonly vocabulary: Vocabulary
  /** Writes down what was asked; Slack is acknowledged once it resolves. */
  readonly receive: (item: InboxItem) => Promise<'new' | 'seen'>
  /** What forms ask while people fill them in. */
  readonly source: FormSource
  /** Told once what was written down is acknowledged, so that no work delays the acknowledgement. */
  readonly signals: Pick<Signals, 'changed'>
  /** Where tests stop it. */
  readonly checkpoint?: Checkpoint
}
