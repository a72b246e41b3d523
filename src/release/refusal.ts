import type { RefusalCode } from './refusals/codes.ts'

/** An expected "no": why, and what the person can do next. `code` is stable, the sentences are not. */
export type Refusal = {
  readonly code: RefusalCode
  /** What is refused and why, in one sentence. */
  readonly sentence: string
  /** The next step, with a command to copy in backticks if there is one. */
  readonly next: string
  /** A person's words that explain it, to be escaped where they are shown. */
  readonly said?: string
  /** A page about it. */
  readonly link?: { readonly url: string; readonly text: string }
  /** Id of the release that it concerns, whose card says more. */
  readonly about?: string
}
