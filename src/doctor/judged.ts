/**
 * `warning`: it may hurt, or cannot be told for certain. `not readable`: doctor could not read it; counts as a warning.
 */
export type Verdict = 'ok' | 'warning' | 'error' | 'not readable'

/** What a check found about one thing. */
export type Judged = {
  /** The thing: `blog-api in prod`, `#deploys`. */
  readonly about: string
  readonly verdict: Verdict
  /** What was read, with its values, without a full stop. May quote text from outside; never a secret. */
  readonly evidence: string
  /** What to do, one sentence, with the command or the line to change; null: nothing. */
  readonly next: string | null
}

export function ok(about: string, evidence: string): Judged {
  return { about, verdict: 'ok', evidence, next: null }
}

export function warning(about: string, evidence: string, next: string | null): Judged {
  return { about, verdict: 'warning', evidence, next }
}

export function fault(about: string, evidence: string, next: string | null): Judged {
  return { about, verdict: 'error', evidence, next }
}
