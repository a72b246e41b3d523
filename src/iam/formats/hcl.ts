import { Commented, isText, type Tree } from '../document.ts'
import type { Text } from '../text.ts'

/** A block, formatted as `terraform fmt` does. Values of `attributes` are expressions. */
export function block(
  head: string,
  attributes: Readonly<Record<string, string>>,
  ...others: readonly string[]
): string {
  const lines = aligned(Object.entries(attributes)).map((line) => `  ${line}`)
  return [`${head} {`, lines.join('\n'), ...others.flatMap((other) => ['', `  ${other}`]), '}'].join('\n')
}

/** A document as the argument of `jsonencode`. */
export function jsonencode(tree: Tree): string {
  return `jsonencode(${expression(tree, '  ')})`
}

/** @param indent of the line that the expression begins on */
function expression(tree: Tree, indent: string): string {
  if (typeof tree === 'string') return quoted(tree)
  if (tree instanceof Commented) return expression(tree.tree, indent)
  if (isText(tree)) return interpolated(tree)
  const inner = `${indent}  `
  if (Array.isArray(tree)) {
    const items = tree.map((item: Tree) => {
      const comment = item instanceof Commented ? `${inner}# ${item.comment}\n` : ''
      return `${comment}${inner}${expression(item, inner)},\n`
    })
    return `[\n${items.join('')}${indent}]`
  }
  const entries = Object.entries(tree).map(([key, value]): [string, string] => [
    /^\w+$/.test(key) ? key : quoted(key),
    expression(value, inner),
  ])
  return `{\n${aligned(entries)
    .map((line) => `${inner}${line}\n`)
    .join('')}${indent}}`
}

/** `terraform fmt` aligns the equals signs of neighbouring attributes of one line. */
function aligned(entries: readonly (readonly [string, string])[]): readonly string[] {
  const isLong = ([, value]: readonly [string, string]) => value.includes('\n')
  return entries.map((entry, index) => {
    const [key, value] = entry
    if (isLong(entry)) return `${key} = ${value}`
    const from = entries.findLastIndex((each, at) => at < index && isLong(each)) + 1
    const end = entries.findIndex((each, at) => at > index && isLong(each))
    const group = entries.slice(from, end === -1 ? undefined : end)
    return `${key.padEnd(Math.max(...group.map(([each]) => each.length)))} = ${value}`
  })
}

function interpolated({ parts }: Text): string {
  const inside = parts.map((part) => (typeof part === 'string' ? escaped(part) : `\${var.${part.value}}`))
  return `"${inside.join('')}"`
}

/** A string. */
export function quoted(text: string): string {
  return `"${escaped(text)}"`
}

/** `${` and `%{` begin templates of Terraform. */
function escaped(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[$%](?=\{)/g, '$&$&')
}

/** A name as Terraform takes it, which begins with a letter. */
export function identifier(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^(?![a-z])/, 'role_')
}
