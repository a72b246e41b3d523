import type { KnownBlock } from '@slack/types'
import type { Release } from '../../release/release.ts'
import type { Changes, Commit, Shipped } from '../../release/subject.ts'
import { bullets, context, ours, plainLine } from '../blocks.ts'
import { outside } from '../escape.ts'
import { count, isWebAddress, link, revision, sha } from '../mrkdwn.ts'
import { commitLine, homeOf, newest, struck } from './commits.ts'
import { differenceBlocks } from './difference.ts'
import { workflowUnchangedText } from './facts.ts'
import { workflowBlocks } from './inputs.ts'
import { joinWithDots } from './marks.ts'
import { missingBlocks } from './missing.ts'

/** What is wanted, before the words for the subject. */
export const wanted: Readonly<Record<Release['subject']['kind'], string>> = {
  deploy: 'deploy',
  gate: 'deploy',
  rerun: 're-run the failed jobs of',
  rollback: 'roll',
}

/** What a release is, as a noun. */
export const kindNames: Readonly<Record<Release['subject']['kind'], string>> = {
  deploy: 'deploy',
  gate: 'deploy',
  rerun: 're-run',
  rollback: 'rollback',
}

/** The commit or the revision, in a few words. */
export function subjectText({ subject }: Release): string {
  if (subject.kind === 'rollback') return `back to ${revision(subject.revision)}`
  const { commit, branch, ref } = subject
  const isRefEvident = ref === null || ref === branch || commit.sha.startsWith(ref.toLowerCase())
  const asked = isRefEvident ? '' : `, requested as ${outside(ref, 60)}`
  return `${sha(commit.sha)} (${outside(branch, 60)})${asked}`
}

/** What would change, with at most five commits, and the workflow that deploys it. */
export function changeBlocks(release: Shown): readonly KnownBlock[] {
  const { subject } = release
  if (subject.kind === 'rollback') return differenceBlocks(subject)
  return [
    ...commitBlocks(subject, workflowUnchangedText(release)),
    ...missingBlocks(subject.missing),
    ...workflowBlocks(subject),
  ]
}

/** A release, or what was requested as the thread keeps it. */
type Shown = Pick<Release, 'subject'> & Partial<Pick<Release, 'facts' | 'voided'>>

function commitBlocks(subject: Shipped, workflow: string | null): readonly KnownBlock[] {
  const { changes, commit, repository } = subject
  const home = homeOf(changes, repository)
  if (!changes.known)
    return [
      plainLine(commitLine(commit, home)),
      context(joinWithDots([workflow, `workflow ${workflowText(subject)}`])),
    ]
  const { blocks, folded } = listOf(changes, commit, home)
  const known = [
    ...folded,
    changes.total === 0 ? 'the commit that is serving' : null,
    compareLink(changes),
    workflow,
    `workflow ${workflowText(subject)}`,
  ]
  return [...blocks, context(joinWithDots(known))]
}

type List = { readonly blocks: readonly KnownBlock[]; readonly folded: readonly (string | null)[] }

/** The commits that are added, and those that are removed: each marked, so that nobody takes one for the other. */
function listOf(changes: Known, commit: Commit, home: string | null): List {
  const line = (each: Commit) => commitLine(each, home)
  switch (changes.direction) {
    case 'forward': {
      const { shown, folded } =
        changes.total === 0 ? { shown: [commit], folded: null } : newest(changes, commit)
      return { blocks: [bullets(shown.map(line))], folded: [folded] }
    }
    case 'back': {
      const gone = removedLines(changes, home)
      return { blocks: [willServe(commit, home), ...gone.blocks], folded: gone.folded }
    }
    case 'aside': {
      const { shown, folded } = newest(changes, commit)
      const gone = removedLines(changes.removed ?? { commits: [], total: 0 }, home)
      return {
        blocks: [
          willServe(commit, home),
          bullets(shown.map((each) => [ours('Adds '), ...line(each)])),
          ...gone.blocks,
        ],
        folded: [folded && `adds ${folded.replace(/^and /, '')}`, ...gone.folded],
      }
    }
  }
}

function willServe(commit: Commit, home: string | null): KnownBlock {
  return plainLine([ours('Will serve: '), ...commitLine(commit, home)])
}

/** The oldest of the removed commits, beginning with the next one after what will serve, then how many more. */
function removedLines({ commits, total }: Pick<Known, 'commits' | 'total'>, home: string | null): List {
  const isCut = total > commits.length
  const shown = isCut ? commits.slice(0, removedShown) : commits.toReversed().slice(0, removedShown)
  const more = total - shown.length
  const rows = shown.map((each) => [ours('Removes '), ...struck(commitLine(each, home))])
  return {
    blocks: rows.length > 0 ? [bullets(rows)] : [],
    folded: more > 0 && shown.length > 0 ? [`removes ${more} more`] : [],
  }
}

/** What has changed: the commits of a release that has ended, without the workflow that people approved. */
export function changedBlocks(release: Pick<Release, 'subject'>): readonly KnownBlock[] {
  const { subject } = release
  if (subject.kind === 'rollback') return []
  const { changes, commit, repository } = subject
  const home = homeOf(changes, repository)
  if (!changes.known || changes.direction !== 'forward' || changes.total === 0)
    return [plainLine(commitLine(commit, home)), ...changeLine(release)]
  const { shown, folded } = newest(changes, commit)
  return [
    bullets(shown.map((each) => commitLine(each, home))),
    context(joinWithDots([folded, direction(changes), compareLink(changes)])),
  ]
}

/** The same in one line of small print, once nobody has to decide. */
export function changeLine({ subject }: Pick<Release, 'subject'>): readonly KnownBlock[] {
  if (subject.kind === 'rollback' || !subject.changes.known) return []
  return [context(joinWithDots([direction(subject.changes), compareLink(subject.changes)]))]
}
type Known = Extract<Changes, { known: true }>

/** How many removed commits are named. */
const removedShown = 5

/** How many paths outside `.github` are named. */
const shownPaths = 3

function workflowText({ workflow, tip, githubTree, paths }: Shipped): string {
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

/** What the commits were, measured from what served then. */
function direction({ direction: way, total, removed }: Known): string {
  if (total === 0) return 'the commit that was serving'
  switch (way) {
    case 'forward':
      return count(total, 'commit')
    case 'back':
      return `:warning: older than what was serving: removes ${count(total, 'commit')}`
    case 'aside':
      return `:warning: not a descendant of what was serving: adds ${count(total, 'commit')}, removes ${removed?.total ?? 'others'}`
  }
}
