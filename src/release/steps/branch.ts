import type { Draft } from '../draft.ts'
import type { Observation, TipSighting } from '../observation.ts'
import type { Release, WorkflowInput } from '../release.ts'
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
  if (!subject.inputs.includes('sha') && sha !== subject.commit.sha) {
    noteTip(draft, tip.value)
    draft.end(
      'failed',
      `${subject.branch} moved to ${sha.slice(0, 7)} before the dispatch, and the workflow takes no sha input; nothing was dispatched`,
    )
    return false
  }
  if (githubTree !== subject.githubTree || inputs.join() !== subject.inputs.join()) {
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

function workflowChanged(
  draft: Draft,
  subject: DeploySubject,
  { sha, githubTree, inputs }: TipSighting,
): void {
  if (githubTree === null) {
    draft.end('failed', `${subject.branch} carries no workflow any more; nothing was dispatched`)
    return
  }
  if (subject.inputs.includes('environment') && !inputs.includes('environment')) {
    draft.end('failed', `${subject.workflow} takes no environment input any more; nothing was dispatched`)
    return
  }
  const lost = indispensable(subject, sha).find((input) => !inputs.includes(input))
  if (lost) {
    draft.end(
      'failed',
      `the workflow on ${subject.branch} changed (${sha.slice(0, 7)}) and takes no ${lost} input any more; nothing was dispatched`,
    )
    return
  }
  draft.change({ subject: { ...subject, tip: sha, githubTree, inputs } })
  askAgain(
    draft,
    `the workflow on ${subject.branch} changed (${sha.slice(0, 7)}): what was approved would not be what runs`,
  )
  passGate(draft)
}

/** Inputs without which another commit, or another environment, could ship. */
function indispensable({ inputs, commit }: DeploySubject, tip: string): readonly WorkflowInput[] {
  return inputs.filter((input) => input === 'environment' || (input === 'sha' && commit.sha !== tip))
}
