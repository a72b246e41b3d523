/** How far a step is. */
export type Mark = 'done' | 'under way' | 'ahead' | 'failed' | 'stopped' | 'unclear'

/** One fixed emoji beside each word, never alone. */
const emoji: Record<Mark, string> = {
  done: 'white_check_mark',
  'under way': 'large_blue_circle',
  ahead: 'white_circle',
  failed: 'x',
  stopped: 'no_entry_sign',
  unclear: 'large_yellow_circle',
}

/** One step in one line. `word`: where another says better than the mark's how far it is. */
export type Step = {
  readonly mark: Mark
  readonly name: string
  readonly word?: string
  /** What else is known of it, in a few words each. */
  readonly known?: readonly (string | null)[]
}

/** `✅ *Migration* succeeded · exit code 0 · 42 s`. */
export function stepLine({ mark, name, word = mark, known = [] }: Step): string {
  return `:${emoji[mark]}: *${name}* ${among([word, ...known])}`
}

/** What is there, with dots between. */
export function among(words: readonly (string | null)[]): string {
  return words.filter((each) => each !== null && each !== '').join(' · ')
}

/** How many cells a bar has at most. */
const cells = 8

/** `▰▱▱▱ 1 of 4`: full only where all are there. */
export function bar(done: number, of: number): string {
  const width = Math.min(of, cells)
  const full = Math.min(width, Math.floor((done / Math.max(1, of)) * width))
  const drawn = '▰'.repeat(full) + '▱'.repeat(width - full)
  return `${drawn} ${done} of ${of}`.trim()
}
