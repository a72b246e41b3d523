import { pathText } from './problems.ts'
import { lineOf, parseSource, scalarsIn } from './source.ts'

/** Values of twokey.example.yml that exist in no workspace, organization or account. */
const placeholders: ReadonlySet<string> = new Set([
  'C0DEPLOYS',
  'C0PROD',
  'S0DEPLOYERS',
  'S0ONCALL',
  'T0SISTER',
  'U0APPROVER',
  'approver-login',
  'myorg/blog-api',
])

/** A value that was copied from the example and not replaced. */
export type Placeholder = { readonly line: number; readonly path: string; readonly value: string }

/** The values of the example that are still in this text. */
export function placeholdersIn(text: string): readonly Placeholder[] {
  const source = parseSource(text)
  return scalarsIn(source, (value) => placeholders.has(value)).map(({ path, text: value }) => ({
    line: lineOf(source, path),
    path: pathText(path),
    value,
  }))
}

/** The warning about them, for a terminal. */
export function placeholderWarning(file: string, found: readonly Placeholder[]): string {
  const places = found.map(({ line, path, value }) => `${file}:${line}  ${path}: ${value}`)
  const count = `${found.length} ${found.length === 1 ? 'place' : 'places'}`
  return `Warning: the file still has values of twokey.example.yml in ${count}. Replace them with your own.\n${places.join('\n')}`
}
