import type { KnownBlock } from '@slack/types'
import type { Release } from '../../release/release.ts'
import type { Changes, Subject } from '../../release/subject.ts'
import { bullets, context, plainLine } from '../blocks.ts'
import { outside } from '../escape.ts'
import { count, isWebAddress, link, revision, sha } from '../mrkdwn.ts'
import { commitLine, homeOf, newest } from './commits.ts'
import { differenceBlocks } from './difference.ts'
import { workflowBlocks } from './inputs.ts'
import { among } from './marks.ts'
import { missingBlocks } from './missing.ts'

/** The commit or the revision, in a few words. */
export function subjectWords({ subject }: Release): string {
  if (subject.kind === 'rollback') return `back to ${revision(subject.revision)}`
  const { commit, branch, ref } = subject
  const isTold = ref === null || ref === branch || commit.sha.startsWith(ref.toLowerCase())
  const asked = isTold ? '' : `, requested as ${outside(ref, 60)}`
  return `${sha(commit.sha)} of ${outside(branch, 60)}${asked}`
}

/** What would change, with at most five commits, and the workflow that deploys it. */
export function changeBlocks({ subject }: Pick<Release, 'subject'>): readonly KnownBlock[] {
  if (subject.kind === 'rollback') return differenceBlocks(subject)
  return [...commitBlocks(subject), ...missingBlocks(subject.missing), ...workflowBlocks(subject)]
}

function commitBlocks(subject: Deploy): readonly KnownBlock[] {
  const { changes, commit, repository } = subject
  const home = homeOf(changes, repository)
  if (!changes.known)
    return [
      plainLine(commitLine(commit, home)),
      context(`What would change is not known: ${outside(changes.why)}. Workflow ${workflowWords(subject)}`),
    ]
  const { shown, folded } = changes.total === 0 ? { shown: [commit], folded: null } : newest(changes, commit)
  const known = [
    folded,
    direction(changes, 'is serving'),
    compareLink(changes),
    `workflow ${workflowWords(subject)}`,
  ]
  return [bullets(shown.map((each) => commitLine(each, home))), context(among(known))]
}

/** The same in one line of small print, once nobody has to decide any more. */
export function changeLine({ subject }: Release): readonly KnownBlock[] {
  if (subject.kind === 'rollback' || !subject.changes.known) return []
  return [context(among([direction(subject.changes, 'was serving'), compareLink(subject.changes)]))]
}

type Deploy = Extract<Subject, { kind: 'deploy' }>
type Known = Extract<Changes, { known: true }>

/** How many paths outside `.github` are named. */
const shownPaths = 3

function workflowWords({ workflow, tip, githubTree, paths }: Deploy): string {
  const shown = paths
    .slice(0, shownPaths)
    .map((path) => `${outside(path.path, 60)} ${path.sha === null ? '(missing)' : sha(path.sha)}`)
  const more = paths.length > shown.length ? [count(paths.length - shown.length, 'more path')] : []
  return [
    `${outside(workflow, 60)} of ${sha(tip)}`,
    `\`.github\` tree ${sha(githubTree)}`,
    ...shown,
    ...more,
  ].join(', ')
}

function compareLink({ url }: Known): string | null {
  return isWebAddress(url) ? link(url, 'Compare') : null
}

/** @param from the start of the commits: what serves now while people decide, what served then afterwards */
function direction({ direction: way, total }: Known, from: 'is serving' | 'was serving'): string {
  if (total === 0) return `the commit that ${from}`
  switch (way) {
    case 'forward':
      return `${count(total, 'commit')} ahead of what ${from}`
    case 'back':
      return `:warning: older than what ${from}: removes ${count(total, 'commit')}`
    case 'aside':
      return `:warning: not a descendant of what ${from}: adds ${count(total, 'commit')}, removes others`
  }
}
