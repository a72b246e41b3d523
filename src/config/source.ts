import { type Document, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import { keyText, lineAt, resolved, startOf } from '../text/yaml.ts'
import type { Path } from './problems.ts'
import { holdsToken } from './token.ts'

/** The config file's text, parsed so that every value has its line. */
export type Source = {
  readonly text: string
  readonly document: Document.Parsed
  readonly lines: LineCounter
}

/** Parses the text as YAML; errors and warnings are in the document, and nothing is printed. */
export function parseSource(text: string): Source {
  const lines = new LineCounter()
  return {
    text,
    document: parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
    }),
    lines,
  }
}

/** The 1-based line of this path, or of its nearest parent that is in the file. */
export function lineOf({ document, lines }: Source, path: Path): number {
  let node: unknown = document.contents
  let offset = document.contents?.range?.[0] ?? 0
  for (const part of path) {
    const [at, value] = step(resolved(document, node), part) ?? []
    if (at === undefined) break
    offset = at
    node = value
  }
  return lineAt(lines, offset)
}

/**
 * The scalars of the mapping at this path by their keys, as written: `1.10` is "1.10" and `0x10` "0x10", while plain
 * values would be numbers. Null, lists and mappings are left out.
 */
export function writtenScalars({ document }: Source, path: Path): readonly (readonly [string, string])[] {
  let node: unknown = document.contents
  for (const part of path) node = resolved(document, step(resolved(document, node), part)?.[1])
  const map = resolved(document, node)
  if (!isMap(map)) return []
  return map.items.flatMap(({ key, value }) => {
    const scalar = resolved(document, value)
    return isScalar(scalar) && scalar.value !== null && scalar.source !== undefined
      ? [[keyText(key), scalar.source] as const]
      : []
  })
}

/** Whether the path has no value because `#` begins a comment where one should be, as in `channel: #deploys`. */
export function isCommentedOut(source: Source, path: Path): boolean {
  const { document, lines, text } = source
  let node: unknown = document.contents
  let offset: number | undefined
  for (const part of path) [offset, node] = step(resolved(document, node), part) ?? []
  if (offset === undefined || !isScalar(node) || node.value !== null) return false
  const line = text.split('\n')[lineAt(lines, offset) - 1] ?? ''
  return /(?::|^\s*-)\s+#\S/.test(line)
}

/** The offset of the key or item, and its value. */
function step(node: unknown, part: string | number): readonly [number | undefined, unknown] | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(part)]
    return [startOf(item), item]
  }
  if (!isMap(node)) return undefined
  const pair = node.items.find(({ key }) => keyText(key) === String(part))
  return pair && [startOf(pair.key), pair.value]
}

/** The paths that contain a Slack or GitHub token, even in broken YAML. */
export function tokensIn(source: Source): readonly Scalar[] {
  return scalarsIn(source, holdsToken)
}

/** A key or a value of the file, as text. */
export type Scalar = { readonly path: Path; readonly text: string }

/** The keys and values of the file whose text passes the test. */
export function scalarsIn({ document }: Source, isWanted: (text: string) => boolean): readonly Scalar[] {
  const found: Scalar[] = []
  visit(document, {
    Scalar(place, node, ancestors) {
      const text = String(node.value)
      if (isWanted(text)) found.push({ path: pathOfNode(place, ancestors), text })
    },
  })
  return found
}

/** Keys that occur a second time in their mapping, each with its line. */
export function repeatedKeys({ document, lines }: Source): readonly { path: Path; line: number }[] {
  const repeated: { path: Path; line: number }[] = []
  visit(document, {
    Map(place, node, ancestors) {
      const above = pathOfNode(place, ancestors)
      const keys = node.items.map(({ key }) => keyText(key))
      node.items.forEach(({ key }, index) => {
        const text = keyText(key)
        if (keys.indexOf(text) === index) return
        repeated.push({ path: [...above, text], line: lineAt(lines, startOf(key)) })
      })
    },
  })
  return repeated
}

/** Aliases without an anchor; `yaml` itself would report only the first of them, and not its line. */
export function unknownAliases({ document, lines }: Source): readonly { name: string; line: number }[] {
  const unknown: { name: string; line: number }[] = []
  visit(document, {
    Alias(_place, node) {
      if (node.resolve(document)) return
      unknown.push({ name: node.source, line: lineAt(lines, startOf(node)) })
    },
  })
  return unknown
}

/** The path of a visited node: the visitor's `key` is an index only in lists. */
function pathOfNode(place: unknown, ancestors: readonly unknown[]): Path {
  const above = ancestors.flatMap((ancestor, depth): (string | number)[] => {
    if (isPair(ancestor)) return [keyText(ancestor.key)]
    const index = isSeq(ancestor) ? ancestor.items.indexOf(ancestors[depth + 1]) : -1
    return index >= 0 ? [index] : []
  })
  return typeof place === 'number' && isSeq(ancestors.at(-1)) ? [...above, place] : above
}
