import { existsSync, readFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)

/** A page of docs/ that names the tests of its statements, as `file › title`. */
export function readPage(name: string): string {
  return readFileSync(new URL(`docs/${name}`, root), 'utf8')
}

/** The tests that a page names, each once. */
export function namedTests(page: string): readonly string[] {
  const quoted = [...page.matchAll(/`(test\/[^`]+)`/g)].map(([, name]) => String(name))
  return [...new Set(quoted)].filter((name) => name.includes(' › '))
}

/** The titles of a named test that its file no longer has; null: the file does not exist. */
export function missingTitles(name: string): readonly string[] | null {
  const [file = '', ...titles] = name.split(' › ')
  const url = new URL(file, root)
  if (!existsSync(url)) return null
  const source = readFileSync(url, 'utf8')
  return titles.filter((title) => !isTitle(source, title))
}

/** Whether a test, a table of tests or a group of them has this title. */
function isTitle(source: string, title: string): boolean {
  const escaped = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`[([,{\\s](['"\`])${escaped}\\1\\s*[,:\\]]`).test(source)
}
