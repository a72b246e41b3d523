/**
 * Text from outside within a sentence of ours: what a person typed, a name of GitHub's or AWS's, an error of theirs. It
 * stands between the marks FSI and PDI, which show as nothing: whoever shows the sentence knows by them that nothing in
 * between is a mention, a command or a moment of ours, and text that runs from right to left turns nothing else round.
 * Source: Unicode UAX #9, isolates.
 */
export function foreign(text: string): string {
  return `\u2068${text.replaceAll(/[\u2066-\u2069]/g, '')}\u2069`
}

/** A sentence without the marks, for where nothing is formatted. */
export function unmarked(sentence: string): string {
  return sentence.replaceAll(/[\u2068\u2069]/g, '')
}
