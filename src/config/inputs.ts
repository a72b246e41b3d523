import type { InputMap, InputRule, InputSource } from '../release/inputs.ts'

/** Sources of a value, as written after `$`. */
export const sources: readonly Exclude<InputSource, 'literal'>[] = [
  'environment',
  'sha',
  'branch',
  'release_id',
  'service',
  'requester',
  'default',
]

/** What a value of `inputs` may be, in words. */
export const inputValueRule = `a text, a number, true, false, or ${sources.map((source) => `$${source}`).join(', ')}`

/** A value of `inputs` without its line; undefined if it begins with a `$` that has no meaning. */
export type InputValue =
  | { readonly from: (typeof sources)[number] }
  | { readonly from: 'literal'; readonly value: string }

/**
 * Parses a value of `inputs`: `$sha` and the like name a source, `$$sha` is the text `$sha`, anything else is text as
 * written.
 */
export function inputValue(written: string): InputValue | undefined {
  if (written.startsWith('$$')) return { from: 'literal', value: written.slice(1) }
  if (!written.startsWith('$')) return { from: 'literal', value: written }
  const from = sources.find((source) => written === `$${source}`)
  return from && { from }
}

/** The values of one `inputs:` without mistakes, with their lines. */
export function inputMap(
  written: Readonly<Record<string, string>> | undefined,
  lineOf: (name: string) => number,
): InputMap {
  const rules = Object.entries(written ?? {}).map(([name, text]): [string, InputRule] => {
    const value = inputValue(text)
    if (!value) throw new Error(`not a value of an input: ${text}`)
    return [name, { ...value, line: lineOf(name) }]
  })
  return Object.fromEntries(rules)
}
