/** A value that twokey.yml does not have, by its name: `account`. */
export type ValueName = string

/** Text of a policy. Parts of it may be values that twokey.yml does not have. */
export type Text = { readonly parts: readonly (string | { readonly value: ValueName })[] }

type Piece = string | Text

/** Joins text and values: `` text`arn:aws:iam::${account}:role/twokey` ``. */
export function text(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Text {
  return joinedText(strings.flatMap((each, index) => [each, ...pieces.slice(index, index + 1)]))
}

/** A text without unknown values. */
export function plain(known: string): Text {
  return { parts: [known] }
}

/** Every resource. */
export const all: readonly Text[] = [plain('*')]

/** A value that twokey.yml does not have. */
export function unknown(value: ValueName): Text {
  return { parts: [{ value }] }
}

/** Joins neighbouring known parts, so that equal texts have equal parts. */
function joinedText(pieces: readonly Piece[]): Text {
  const parts: Text['parts'][number][] = []
  for (const part of pieces.flatMap((piece) => (typeof piece === 'string' ? [piece] : piece.parts))) {
    const last = parts.at(-1)
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part
    else if (part !== '') parts.push(part)
  }
  return { parts }
}

/** The names of the unknown values in a text. */
export function unknownIn({ parts }: Text): readonly ValueName[] {
  return parts.flatMap((part) => (typeof part === 'string' ? [] : [part.value]))
}

/** A text for people, with unknown values as `${account}`. */
export function shown({ parts }: Text): string {
  return parts.map((part) => (typeof part === 'string' ? part : `\${${part.value}}`)).join('')
}

/**
 * Puts values in the place of their names. A value with several entries gives one text for each; a value that is not
 * there stays unknown.
 */
export function filled(whole: Text, values: ReadonlyMap<ValueName, readonly string[]>): readonly Text[] {
  return whole.parts.reduce<readonly Text[]>(
    (texts, part) => {
      const next = typeof part === 'string' ? [part] : (values.get(part.value) ?? [{ parts: [part] }])
      return texts.flatMap((before) => next.map((piece) => joinedText([before, piece])))
    },
    [{ parts: [] }],
  )
}

/** The texts, each once, sorted. */
export function distinct(texts: readonly Text[]): readonly Text[] {
  const byShown = new Map(texts.map((each) => [shown(each), each]))
  return [...byShown.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each)
}

/**
 * A name from outside in a condition. IAM replaces `${…}` by policy variables there; `${$}` stands for a dollar sign.
 */
export function literal(name: string): string {
  return name.replaceAll(/\$(?=\{)/g, '$${$$}')
}
