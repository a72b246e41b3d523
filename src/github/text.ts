const longestLine = 200

/** The first line of an external text, at most 200 characters, without cutting a surrogate pair. Otherwise unchanged. */
export function firstLine(text: string): string {
  return cut(text.split(/\r\n|[\n\r\u2028\u2029]/, 1)[0] ?? '', longestLine)
}

/** The text, cut to this many characters (UTF-16 units), with `…` for the rest. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** Whether a text contains an id as a whole word: an id that only begins or ends with it is another one. */
export function shows(text: string, id: string): boolean {
  const [first = '', ...rest] = text.split(id)
  let before = first
  return rest.some((after) => {
    const isWhole = !/[A-Za-z0-9]$/.test(before) && !/^[A-Za-z0-9]/.test(after)
    before = after
    return isWhole
  })
}
