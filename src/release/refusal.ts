import type { RefusalCode } from './refusals/codes.ts'

/** An expected "no": why, and what the person can do next. `code` is stable, the words are not. */
export type Refusal = {
  readonly code: RefusalCode
  /** What and why, in one sentence. */
  readonly sentence: string
  /** The next step; a command to copy where there is one, in backticks. */
  readonly next: string
  /** A person's words that it rests on, to be escaped where they are shown. */
  readonly said?: string
  /** Id of the release that it is about, whose card tells more. */
  readonly about?: string
}
