import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { ChainHead } from '../store/audit-reader.ts'

/** Heads as copied from Slack, or what is wrong with one. */
export type HeadsRead = { readonly heads: readonly ChainHead[] } | { readonly wrong: string }

/** As the posts in Slack show it: `r-k3v9:12:0123456789abcdef0123`, `environment:prod:4:0123456789abcdef0123`. */
const shown = /^(.+):([1-9]\d{0,9}):([0-9a-f]{12,64})$/

/** Text around a head that is often copied with it. */
const around = /^\s*(?:Audit:?\s)?\s*`?|`?\s*$/gi

function headOf(line: string): ChainHead | null {
  const [, chain, seq, hash] = shown.exec(line.replace(around, '')) ?? []
  return chain && seq && hash ? { chain, seq: Number(seq), hash } : null
}

/** Reads the heads of the command line, then those of a file, one per line; `-` is standard input. Empty lines are skipped. */
export async function readHeads(given: readonly string[], file: string | undefined): Promise<HeadsRead> {
  const heads: ChainHead[] = []
  for (const [index, line] of given.entries()) {
    const head = headOf(line)
    if (!head) return wrong(`--head ${index + 1}`, line)
    heads.push(head)
  }
  if (file === undefined) return { heads }
  let lines: readonly string[]
  try {
    lines = (file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8')).split('\n')
  } catch (error) {
    return {
      wrong: `The heads in ${file} cannot be read: ${error instanceof Error ? error.message : error}.`,
    }
  }
  const before = heads.length
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const head = headOf(line)
    if (!head) return wrong(`Line ${index + 1} of ${file}`, line)
    heads.push(head)
  }
  if (heads.length === before) return { wrong: `There is no head in ${file}; nothing was checked.` }
  return { heads }
}

function wrong(where: string, line: string): HeadsRead {
  return {
    wrong: `${where} is not a head of a chain: ${JSON.stringify(line.trim().slice(0, 100))}. A head reads <chain>:<number>:<hash>, as in r-k3v9:12:0123456789abcdef0123: copy it from the line "Audit" of the post in Slack.`,
  }
}
