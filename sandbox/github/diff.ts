import type { Git, TreeEntry } from './git.ts'

/** The change of one file, symlink or submodule. */
export type FileDiff = {
  readonly path: string
  /** The sha of the current content, or of the previous content of a removed file. */
  readonly sha: string
  readonly status: 'added' | 'removed' | 'modified'
  readonly additions: number
  readonly deletions: number
  /** Absent if GitHub shows no patch: the content did not change, or is too large. */
  readonly patch?: string
}

/** How many unchanged lines a patch shows around a change. */
const around = 3

/** Above this, files are not compared line by line: all lines count as replaced. */
const mostComparisons = 4_000_000

/** The files that differ between two trees, sorted by path. @param from undefined: the commit has no parent */
export function diffOf(git: Git, from: string | undefined, to: string): readonly FileDiff[] {
  const before = entriesOf(git, from)
  const after = entriesOf(git, to)
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort()
  return paths.flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)]
    if (old?.sha === now?.sha && old?.mode === now?.mode) return []
    const { sha } = (now ?? old)!
    const status = old === undefined ? 'added' : now === undefined ? 'removed' : 'modified'
    return [{ path, sha, status, ...lineDiff(linesOf(git, old), linesOf(git, now)) }]
  })
}

function entriesOf(git: Git, tree: string | undefined): ReadonlyMap<string, TreeEntry> {
  const entries = tree === undefined ? [] : git.walk(tree)
  return new Map(entries.filter(({ type }) => type !== 'tree').map((entry) => [entry.path, entry]))
}

function linesOf(git: Git, entry: TreeEntry | undefined): readonly string[] {
  if (entry === undefined) return []
  const text = entry.type === 'commit' ? `Subproject commit ${entry.sha}` : (git.blobs.get(entry.sha) ?? '')
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** One line of a patch. */
type Line = { readonly sign: ' ' | '+' | '-'; readonly text: string }

function lineDiff(
  old: readonly string[],
  now: readonly string[],
): Pick<FileDiff, 'additions' | 'deletions' | 'patch'> {
  const lines = compared(old, now)
  const additions = lines.filter(({ sign }) => sign === '+').length
  const deletions = lines.filter(({ sign }) => sign === '-').length
  const isShown = additions + deletions > 0 && old.length * now.length <= mostComparisons
  return { additions, deletions, ...(isShown && { patch: patchOf(lines) }) }
}

/** Compares by the longest common subsequence, between the common beginning and the common end. */
function compared(old: readonly string[], now: readonly string[]): readonly Line[] {
  const shorter = Math.min(old.length, now.length)
  let head = 0
  while (head < shorter && old[head] === now[head]) head += 1
  let tail = 0
  while (tail < shorter - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1
  const kept = (texts: readonly string[]) => texts.map((text): Line => ({ sign: ' ', text }))
  return [
    ...kept(old.slice(0, head)),
    ...middle(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    ...kept(old.slice(old.length - tail)),
  ]
}

function middle(old: readonly string[], now: readonly string[]): readonly Line[] {
  const width = now.length + 1
  const isTooMuch = old.length * now.length > mostComparisons
  const longest = new Uint32Array(isTooMuch ? 0 : (old.length + 1) * width)
  const at = (i: number, j: number) => longest[i * width + j] ?? 0
  if (!isTooMuch)
    for (let i = old.length - 1; i >= 0; i -= 1)
      for (let j = now.length - 1; j >= 0; j -= 1)
        longest[i * width + j] =
          old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < now.length) {
    const isUnchanged = i < old.length && j < now.length && old[i] === now[j] && !isTooMuch
    if (isUnchanged) {
      lines.push({ sign: ' ', text: old[i]! })
      i += 1
      j += 1
    } else if (j >= now.length || (i < old.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: '-', text: old[i]! })
      i += 1
    } else {
      lines.push({ sign: '+', text: now[j]! })
      j += 1
    }
  }
  return lines
}

/** The hunks of a unified diff. */
function patchOf(lines: readonly Line[]): string {
  const changed = lines.flatMap(({ sign }, index) => (sign === ' ' ? [] : [index]))
  const hunks: { from: number; to: number }[] = []
  for (const index of changed) {
    const last = hunks.at(-1)
    if (last && index - around <= last.to) last.to = Math.min(lines.length, index + around + 1)
    else hunks.push({ from: Math.max(0, index - around), to: Math.min(lines.length, index + around + 1) })
  }
  return hunks.map((hunk) => hunkOf(lines, hunk)).join('\n')
}

function hunkOf(
  lines: readonly Line[],
  { from, to }: { readonly from: number; readonly to: number },
): string {
  const shown = lines.slice(from, to)
  const header = (sign: '+' | '-') => {
    const other = sign === '+' ? '-' : '+'
    const count = (of: readonly Line[]) => of.filter((line) => line.sign !== other).length
    const length = count(shown)
    const start = count(lines.slice(0, from)) + (length === 0 ? 0 : 1)
    return `${sign}${start}${length === 1 ? '' : `,${length}`}`
  }
  return [`@@ ${header('-')} ${header('+')} @@`, ...shown.map(({ sign, text }) => sign + text)].join('\n')
}
