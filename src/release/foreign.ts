/**
 * Marks text from outside within a sentence of ours: what a person typed, a name or an error of GitHub or AWS. It
 * stands between the invisible characters FSI and PDI. Whoever shows the sentence knows by them that the text is no
 * mention, command or time of ours, and right-to-left text does not reorder the rest. Source: Unicode UAX #9,
 * isolates.
 */
export function foreign(text: string): string {
  return `\u2068${text.replaceAll(/[\u2066-\u2069]/g, '')}\u2069`
}

/** A sentence without the marks, for plain text. */
export function unmarked(sentence: string): string {
  return sentence.replaceAll(/[\u2068\u2069]/g, '')
}
