import { foreign } from '../foreign.ts'
import { isSameBinding, takes } from '../input-binding.ts'
import type { Look } from '../look.ts'
import type { CurrentRules } from '../policy/current-rules.ts'
import type { Refusal } from '../refusal.ts'
import { inputMissingForCommit } from '../refusals/workflow.ts'
import type { Release } from '../release.ts'
import type { TipSighting } from '../sighting.ts'
import { excessOf, excessText } from '../size.ts'
import type { Subject } from '../subject.ts'
import { changedPaths } from '../workflow-path.ts'
import {
  type Difference,
  end,
  type Facts,
  judgeLook,
  open,
  type Precondition,
  type Result,
} from './precondition.ts'

type DeploySubject = Extract<Subject, { kind: 'deploy' }>

/** The commit is still on its branch, with the approved workflow. Another workflow needs new approvals. */
export const commit = { name: 'commit', appliesTo, looks, judge, refusal } satisfies Precondition

function appliesTo({ subject }: Release): boolean {
  return subject.kind === 'deploy'
}

function looks({ subject }: Release, current: CurrentRules | null): readonly Look[] {
  if (subject.kind !== 'deploy' || !current?.rules) return []
  const { repository, branch, workflow } = subject
  return [{ look: 'tip', repository, branch, commit: subject.commit.sha, workflow, rules: current.rules }]
}

function judge(facts: Facts): Result {
  const { release } = facts
  const { subject } = release
  if (subject.kind !== 'deploy') return open()
  return judgeLook(facts, 'tip', (tip) => judgeTip(release, subject, tip))
}

function refusal({ release, seen: { tip } }: Facts): Refusal | null {
  const { subject } = release
  if (subject.kind !== 'deploy' || !tip?.seen || shipsCommit(tip.value, subject.commit.sha)) return null
  return inputMissingForCommit({ ...release, ...subject }, tip.value.sha)
}

/** Whether a dispatch on this tip deploys the commit: the workflow takes it as an input, or it is the tip. */
function shipsCommit({ inputs, sha }: Pick<TipSighting, 'inputs' | 'sha'>, wanted: string): boolean {
  return takes(inputs, 'sha') || sha === wanted
}

function judgeTip(release: Release, subject: DeploySubject, tip: TipSighting): Result {
  const { sha, githubTree, paths, commitOnBranch, inputs } = tip
  const { branch } = subject
  const differs = differenceTo(tip)
  if (!commitOnBranch)
    return end('failed', `the commit is no longer on ${branch}; nothing was dispatched`, { differs })
  if (!shipsCommit({ inputs: subject.inputs, sha }, subject.commit.sha))
    return end(
      'failed',
      `${branch} moved to ${sha.slice(0, 7)} before the dispatch, and the workflow has no input that pins the commit; nothing was dispatched`,
      { differs },
    )
  const isOtherWorkflow = githubTree !== subject.githubTree || changedPaths(subject.paths, paths).length > 0
  if (isOtherWorkflow || !isSameBinding(inputs, subject.inputs)) return workflowChanged(release, subject, tip)
  return open({ tip: sha }, sha === subject.tip ? undefined : { subject: { ...subject, tip: sha } })
}

/** Describes how the branch now differs from what was approved. */
function differenceTo({ sha, githubTree, paths, commitOnBranch, inputs, notes }: TipSighting): Difference {
  return { what: 'branch differs', detail: { sha, githubTree, paths, commitOnBranch, inputs, notes } }
}

/**
 * The result of other inputs or another workflow than was approved: approvals are requested again, unless the commit
 * could not be deployed that way.
 */
function workflowChanged(release: Release, subject: DeploySubject, tip: TipSighting): Result {
  const { sha, githubTree, paths, inputs, notes } = tip
  const { branch } = subject
  const differs = differenceTo(tip)
  if (githubTree === null)
    return end('failed', `the workflow was removed from ${branch}; nothing was dispatched`, { differs })
  if (!shipsCommit(tip, subject.commit.sha))
    return end(
      'failed',
      `the workflow on ${branch} changed (${sha.slice(0, 7)}) and no longer has an input that pins the commit; nothing was dispatched`,
      { differs },
    )
  const why = changeText(subject, tip)
  const next = { ...subject, tip: sha, githubTree, paths, inputs, notes }
  const excess = excessOf({ ...release, subject: next })
  if (excess) return end('failed', `${why}; ${excessText(excess)}; nothing was dispatched`, { differs })
  return { is: 'ask again', why, changed: { subject: next }, differs }
}

/** How many changed paths are named. */
const namedPaths = 3

/** What differs from what was approved. Other inputs may be the cause of other paths. */
function changeText(
  { branch, ...before }: DeploySubject,
  { sha, githubTree, paths, inputs }: TipSighting,
): string {
  if (githubTree !== before.githubTree)
    return `the workflow on ${branch} changed (${sha.slice(0, 7)}): the run would not match what was approved`
  if (!isSameBinding(inputs, before.inputs))
    return 'twokey.yml was changed: the workflow would get different inputs from those approved'
  const changed = changedPaths(before.paths, paths)
  const more = changed.length > namedPaths ? ` and ${changed.length - namedPaths} more` : ''
  const names = changed.slice(0, namedPaths).map(foreign).join(', ')
  return `${names}${more} on ${branch} changed (${sha.slice(0, 7)}), and the workflow runs it from there: the run would not match what was approved`
}
