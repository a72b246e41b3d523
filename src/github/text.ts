const longestLine = 200

/** The first line of an external text, at most 200 characters, without cutting a surrogate pair. Otherwise unchanged. */
export function firstLine(text: string): string {
  return cut(text.split(/\r\n|[\n\r\u2028\u2029]/, 1)[0] ?? '', longestLine)
}

/** The text, cut to this many characters (UTF-16 units), with `…` for the rest. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
