import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter } from 'yaml'

/** The text of a mapping's key. */
export function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key)
}

/** The node that an alias names, else the node itself; null if the alias has no anchor. */
export function resolved(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? (node.resolve(document) ?? null) : node
}

/** The offset at which a node begins in its text; undefined if it is not in the text. */
export function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined
}

/** The 1-based line of an offset; of an empty text, 1. */
export function lineAt(lines: LineCounter, offset: number | undefined): number {
  return lines.linePos(offset ?? 0).line || 1
}
