/** The state of a step. */
export type Mark = 'done' | 'under way' | 'ahead' | 'failed' | 'stopped' | 'unclear'

/** Each emoji always stands beside its word, never alone. */
const emoji: Record<Mark, string> = {
  done: 'white_check_mark',
  'under way': 'large_blue_circle',
  ahead: 'white_circle',
  failed: 'x',
  stopped: 'no_entry_sign',
  unclear: 'large_yellow_circle',
}

/** One step in one line. `word` replaces the mark's own word if another one is more precise. */
export type Step = {
  readonly mark: Mark
  readonly name: string
  readonly word?: string
  /** Further facts about it, in a few words each. */
  readonly known?: readonly (string | null)[]
}

/** `✅ *Migration* succeeded · exit code 0 · 42 s`. */
export function stepLine({ mark, name, word = mark, known = [] }: Step): string {
  return `:${emoji[mark]}: *${name}* ${joinWithDots([word, ...known])}`
}

/** Joins the parts that are present with dots. */
export function joinWithDots(words: readonly (string | null)[]): string {
  return words.filter((each) => each !== null && each !== '').join(' · ')
}

/** The most cells of a progress bar. */
const cells = 8

/** `▰▱▱▱` for 1 of 4. The bar is full only if all are present. */
export function bar(done: number, of: number): string {
  const width = Math.min(of, cells)
  const full = Math.min(width, Math.floor((done / Math.max(1, of)) * width))
  return '▰'.repeat(full) + '▱'.repeat(width - full)
}
