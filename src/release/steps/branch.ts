import type { Draft } from '../draft.ts'
import { isSameBinding, takes } from '../input-binding.ts'
import type { Observation, TipSighting } from '../observation.ts'
import type { Release } from '../release.ts'
import { askAgain, passGate } from './approval.ts'
import { blocked, sight } from './sight.ts'

type DeploySubject = Extract<Release['subject'], { kind: 'deploy' }>

/** Whether the commit lies on its branch still, with the workflow that was approved; another workflow asks for the keys anew. */
export function commitHolds(draft: Draft, subject: DeploySubject, seen: Observation): boolean {
  const tip = sight(draft, 'tip', seen.tip)
  if (!tip) {
    blocked(draft)
    return false
  }
  const { sha, githubTree, commitOnBranch, inputs } = tip.value
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
  if (githubTree !== subject.githubTree || !isSameBinding(inputs, subject.inputs)) {
    noteTip(draft, tip.value)
    workflowChanged(draft, subject, tip.value)
    return false
  }
  if (sha !== subject.tip) draft.change({ subject: { ...subject, tip: sha } })
  return true
}

/** The branch as it was seen where it was not what was approved. */
function noteTip(draft: Draft, { sha, githubTree, commitOnBranch, inputs }: TipSighting): void {
  draft.note('twokey', 'branch differs', { sha, githubTree, commitOnBranch, inputs })
}

/** Other inputs, or another workflow, than was approved: asked for again, unless the commit could not ship that way. */
function workflowChanged(
  draft: Draft,
  subject: DeploySubject,
  { sha, githubTree, inputs, notes }: TipSighting,
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
  const isOtherTree = githubTree !== subject.githubTree
  draft.change({ subject: { ...subject, tip: sha, githubTree, inputs, notes } })
  askAgain(
    draft,
    isOtherTree
      ? `the workflow on ${subject.branch} changed (${sha.slice(0, 7)}): what was approved would not be what runs`
      : 'twokey.yml was edited: the workflow would get other inputs than were approved',
  )
  passGate(draft)
}
