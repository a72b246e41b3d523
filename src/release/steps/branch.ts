import type { Draft } from '../draft.ts'
import { foreign } from '../foreign.ts'
import { isSameBinding, takes } from '../input-binding.ts'
import type { Observation } from '../look.ts'
import type { Release } from '../release.ts'
import type { TipSighting } from '../sighting.ts'
import { excessOf, excessWords } from '../size.ts'
import { changedPaths } from '../workflow-path.ts'
import { askAgain, passGate } from './approval.ts'
import { blocked, readLook } from './read-look.ts'

type DeploySubject = Extract<Release['subject'], { kind: 'deploy' }>

/** Whether the commit lies on its branch still, with the workflow that was approved; another workflow requests the approvals again. */
export function commitHolds(draft: Draft, subject: DeploySubject, seen: Observation): boolean {
  const tip = readLook(draft, 'tip', seen.tip)
  if (!tip) {
    blocked(draft)
    return false
  }
  const { sha, githubTree, paths, commitOnBranch, inputs } = tip.value
  if (!commitOnBranch) {
    noteTip(draft, tip.value)
    draft.end('failed', `the commit no longer lies on ${subject.branch}; nothing was dispatched`)
    return false
  }
  if (!takes(subject.inputs, 'sha') && sha !== subject.commit.sha) {
    noteTip(draft, tip.value)
    draft.end(
      'failed',
      `${subject.branch} moved to ${sha.slice(0, 7)} before the dispatch, and the workflow takes no sha input; nothing was dispatched`,
    )
    return false
  }
  const isOtherWorkflow = githubTree !== subject.githubTree || changedPaths(subject.paths, paths).length > 0
  if (isOtherWorkflow || !isSameBinding(inputs, subject.inputs)) {
    noteTip(draft, tip.value)
    workflowChanged(draft, subject, tip.value)
    return false
  }
  if (sha !== subject.tip) draft.change({ subject: { ...subject, tip: sha } })
  return true
}

/** The branch as it was seen where it was not what was approved. */
function noteTip(draft: Draft, tip: TipSighting): void {
  const { sha, githubTree, paths, commitOnBranch, inputs, notes } = tip
  draft.record('twokey', 'branch differs', { sha, githubTree, paths, commitOnBranch, inputs, notes })
}

/** Other inputs, or another workflow, than was approved: asked for again, unless the commit could not ship that way. */
function workflowChanged(
  draft: Draft,
  subject: DeploySubject,
  { sha, githubTree, paths, inputs, notes }: TipSighting,
): void {
  if (githubTree === null) {
    draft.end('failed', `${subject.branch} carries no workflow any more; nothing was dispatched`)
    return
  }
  if (!takes(inputs, 'sha') && subject.commit.sha !== sha) {
    draft.end(
      'failed',
      `the workflow on ${subject.branch} changed (${sha.slice(0, 7)}) and no input of it gets the commit any more; nothing was dispatched`,
    )
    return
  }
  const why = changeWords(subject, { sha, githubTree, paths, inputs })
  const next = { ...subject, tip: sha, githubTree, paths, inputs, notes }
  const excess = excessOf({ ...draft.release, subject: next })
  if (excess) {
    draft.end('failed', `${why}; ${excessWords(excess)}; nothing was dispatched`)
    return
  }
  draft.change({ subject: next })
  askAgain(draft, why)
  passGate(draft)
}

/** How many changed paths are named. */
const namedPaths = 3

/** What is not as it was approved. Other inputs may be the reason for other paths. */
function changeWords(
  { branch, ...before }: DeploySubject,
  { sha, githubTree, paths, inputs }: Pick<TipSighting, 'sha' | 'githubTree' | 'paths' | 'inputs'>,
): string {
  if (githubTree !== before.githubTree)
    return `the workflow on ${branch} changed (${sha.slice(0, 7)}): what was approved would not be what runs`
  if (!isSameBinding(inputs, before.inputs))
    return 'twokey.yml was edited: the workflow would get other inputs than were approved'
  const changed = changedPaths(before.paths, paths)
  const more = changed.length > namedPaths ? ` and ${changed.length - namedPaths} more` : ''
  const names = changed.slice(0, namedPaths).map(foreign).join(', ')
  return `${names}${more} on ${branch} changed (${sha.slice(0, 7)}), and the workflow runs it from there: what was approved would not be what runs`
}
