import type { RichTextElement } from '@slack/types'
import type { Changes, Commit, Shipped } from '../../release/subject.ts'
import { code, codeLink, ours, textLink, words } from '../blocks.ts'
import { isolated, literal, outside } from '../escape.ts'
import { isWebAddress } from '../mrkdwn.ts'

/** How many commits a card names; the others are one link away. */
const commitsShown = 5

/** How many authors it names for the commits that it does not name. */
const authorsShown = 3

type Known = Extract<Changes, { known: true }>
/** The newest commits of a change, newest first, then how many more there are and who wrote them. */
export function newest(
  changes: Known,
  tip: Commit,
): { readonly shown: readonly Commit[]; readonly folded: string | null } {
  // GitHub returns the oldest hundred. Of a longer list only the newest commit of the rest is known.
  const isCut = changes.total > changes.commits.length
  const shown = isCut ? [tip] : changes.commits.toReversed().slice(0, commitsShown)
  const rest = isCut ? changes.commits : changes.commits.slice(0, -shown.length || undefined)
  const more = changes.total - shown.length
  if (more <= 0) return { shown, folded: null }
  return { shown, folded: `and ${more} more${by(rest, isCut)}` }
}

/** ` by Ana, Ben` in mrkdwn, the author of the most commits first. */
function by(commits: readonly Commit[], isCut: boolean): string {
  const counts = new Map<string, number>()
  for (const { author } of commits) {
    const name = isolated(outside(author, 40))
    if (name !== '') counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const names = [...counts].toSorted(([, one], [, other]) => other - one).map(([name]) => name)
  if (names.length === 0) return ''
  const others = isCut || names.length > authorsShown ? ' and others' : ''
  return ` by ${names.slice(0, authorsShown).join(', ')}${others}`
}

/**
 * `3f2c1ab Show drafts to their authors #108 – Chloe`. The commit and its pull request are links if their addresses are known.
 */
export function commitLine({ sha, title, author }: Commit, home: string | null): readonly RichTextElement[] {
  const { rest, pull } = withoutPull(title)
  const short = sha.slice(0, 7)
  const isSha = /^[0-9a-f]{7,40}$/.test(sha)
  const name = literal(author, 40)
  return [
    home !== null && isSha ? codeLink(`${home}/commit/${sha}`, short) : code(short),
    ours(' '),
    words(rest, 100),
    ...(pull === null
      ? []
      : [ours(' '), home === null ? ours(`#${pull}`) : textLink(`${home}/pull/${pull}`, `#${pull}`)]),
    ...(name === '–' ? [] : [ours(' – '), words(name, 40)]),
  ]
}

/** The same line struck through: it is no part of what will serve. */
export function struck(line: readonly RichTextElement[]): readonly RichTextElement[] {
  return line.map((each) =>
    each.type === 'text' || each.type === 'link' ? { ...each, style: { ...each.style, strike: true } } : each,
  )
}

/** The pull request number that GitHub wrote into the title of a merged commit. */
function withoutPull(title: string): { readonly rest: string; readonly pull: string | null } {
  const squashed = /^(.*\S)\s*\(#([1-9]\d{0,8})\)\s*$/su.exec(title)
  if (squashed) return { rest: squashed[1]!, pull: squashed[2]! }
  const merged = /^Merge pull request #([1-9]\d{0,8}) from (\S+)\s*$/u.exec(title)
  if (merged) return { rest: `Merge ${merged[2]!}`, pull: merged[1]! }
  return { rest: title, pull: null }
}

/** GitHub’s list of the runs of a workflow on a branch; null if the repository's page is not known. */
export function runsUrl({ changes, repository, workflow, branch }: Shipped): string | null {
  const home = homeOf(changes, repository)
  const file = workflow.split('/').at(-1) ?? ''
  if (home === null || !/^[\w.-]+$/.test(file)) return null
  return `${home}/actions/workflows/${file}?query=${encodeURIComponent(`branch:${branch}`)}`
}

/** The repository's page, taken from GitHub's compare link; null if the link is not of this repository. */
export function homeOf(changes: Changes, repository: string): string | null {
  if (!changes.known || !isWebAddress(changes.url)) return null
  const home = changes.url.split('/compare/')[0]!
  return home.toLowerCase().endsWith(`/${repository.toLowerCase()}`) ? home : null
}
