import type { Outside } from './outside.ts'

/** What somebody outside does, which twokey and the sandbox rely on. */
export type Assertion = {
  /** A sentence about Slack, GitHub or AWS. */
  readonly what: string
  readonly expected: unknown
  /** Asks there, and returns what it did, in the form of `expected`. */
  readonly observe: (outside: Outside) => Promise<unknown>
}

/** Assertions about one party outside. */
export type Party = { readonly name: 'Slack' | 'GitHub' | 'AWS'; readonly assertions: readonly Assertion[] }
