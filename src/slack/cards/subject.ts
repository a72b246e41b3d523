import type { KnownBlock } from '@slack/types'
import type { Commit, Release } from '../../release/release.ts'
import { bullets, code, context, ours, plainLine, words } from '../blocks.ts'
import { outside } from '../escape.ts'
import { count, isWebAddress, link, revision, sha } from '../mrkdwn.ts'

/** How many commits a card names; the others are one link away. */
const commitsShown = 5

/** The commit or the revision, in a few words. */
export function subjectWords({ subject }: Release): string {
  if (subject.kind === 'rollback') return `back to ${revision(subject.revision)}`
  const { commit, branch, ref } = subject
  const asked = ref !== null && ref !== branch ? `, asked as ${outside(ref, 60)}` : ''
  return `${sha(commit.sha)} of ${outside(branch, 60)}${asked}`
}

/** What would change, at most five commits of it, and the workflow that brings it. */
export function changeBlocks({ subject }: Release): readonly KnownBlock[] {
  if (subject.kind === 'rollback') return []
  const { changes, commit, workflow, githubTree, tip } = subject
  const workflowWords = `Workflow ${outside(workflow, 60)} of ${sha(tip)}, \`.github\` tree ${sha(githubTree)}`
  if (!changes.known)
    return [
      plainLine(commitLine(commit)),
      context(`What would change is not known: ${outside(changes.why)}. ${workflowWords}`),
    ]
  const shown = changes.total === 0 ? [commit] : changes.commits.slice(0, commitsShown)
  const more = Math.max(0, changes.total - shown.length)
  const rest = more === 0 ? '' : `, ${more} of them not shown`
  const compare = isWebAddress(changes.url) ? ` · ${link(changes.url, 'Compare')}` : ''
  return [
    ...(shown.length > 0 ? [bullets(shown.map(commitLine))] : []),
    context(`${direction(changes.direction, changes.total)}${rest}${compare} · ${workflowWords}`),
  ]
}

function direction(way: 'forward' | 'back' | 'aside', total: number): string {
  if (total === 0) return 'The commit that is serving'
  switch (way) {
    case 'forward':
      return `${count(total, 'commit')} ahead of what is serving`
    case 'back':
      return `:warning: Older than what is serving, by ${count(total, 'commit')}`
    case 'aside':
      return `:warning: Not a descendant of what is serving; ${count(total, 'commit')} differ`
  }
}

function commitLine(commit: Commit) {
  return [
    code(commit.sha.slice(0, 7)),
    ours(' '),
    words(commit.title, 100),
    ours(' – '),
    words(commit.author, 40),
  ]
}
