import { type GitHub, type Inspected, Trouble } from '../ports/ports.ts'
import type { Start } from '../ports/start.ts'
import type { WorkflowNote } from '../release/inputs.ts'
import type { Refusal } from '../release/refusal.ts'
import { branchUnknown } from '../release/refusals/commits.ts'
import { workflowUnreadableThere } from '../release/refusals/workflow.ts'
import { changesSince } from './changes.ts'
import { type ChecksQuery, checksOf } from './checks.ts'
import type { Client } from './client.ts'
import { type CommitAnswer, commitOf, findCommit } from './commit.ts'
import { refProblem } from './ref-syntax.ts'
import { branchTip, offBranch, resolveRef, standing, unknownRef } from './refs.ts'
import type { Reviewer } from './reviewer.ts'
import { lastStarts } from './starts.ts'
import { Tree } from './tree.ts'
import { bindWorkflow, readDispatchable } from './workflow.ts'

/**
 * Checks a requested commit on GitHub: it must be on the branch, and the workflow on the branch's tip must accept a
 * dispatch. Also lists what would change. Problems with the request are reported before problems with the repository.
 * Throws `Trouble`.
 */
export async function inspect(
  client: Client,
  ask: Parameters<GitHub['inspect']>[0] & Pick<ChecksQuery, 'deployWorkflows'>,
  reviewer: Reviewer,
): Promise<Inspected> {
  const { repository, branch, ref, running, migrationPaths } = ask
  const problem = ref === null ? null : refProblem(ref)
  if (ref !== null && problem !== null) return unknownRef(ref, repository, problem)
  const tip = await branchTip(client, repository, branch)
  if (tip === null) return { refused: branchUnknown(branch, repository) }
  const tree = new Tree(client, repository, tip)
  const [wanted, workflow, github, starts] = await Promise.all([
    wantedCommit(client, { repository, branch, ref, tip }),
    readDispatchable(client, { ...ask, tip }),
    tree.github(),
    readStarts(client, ask),
  ])
  if ('refused' in wanted) return wanted
  if ('refused' in workflow) return workflow
  if (github === null) return { refused: workflowUnreadableThere(ask, { path: '.github', tip }) }
  const bound = await bindWorkflow(
    client,
    { ...ask, tip },
    { trigger: workflow, rules: ask.rules(wanted.sha), tree, reviewer },
  )
  if ('refused' in bound) return bound
  const { inputs, paths, notes } = bound
  const [changed, checks] = await Promise.all([
    changesSince(client, { repository, running, wanted, migrationPaths }),
    checksOf(client, {
      repository,
      sha: wanted.sha,
      workflow: ask.workflow,
      ownRuns: starts.runs.map(({ runId }) => runId),
      deployWorkflows: ask.deployWorkflows,
      ...(ask.checks === 'required' && { requiredOn: branch }),
    }),
  ])
  return {
    commit: commitOf(wanted),
    tip: {
      sha: tip,
      githubTree: github,
      paths,
      commitOnBranch: true,
      inputs,
      notes: [...notes, ...starts.notes],
    },
    ...changed,
    checks,
  }
}

type Wanted = {
  readonly repository: string
  readonly branch: string
  readonly ref: string | null
  readonly tip: string
}

async function wantedCommit(
  client: Client,
  { repository, branch, ref, tip }: Wanted,
): Promise<CommitAnswer | { readonly refused: Refusal }> {
  if (ref === null || ref === branch) return tipCommit(client, repository, tip)
  const resolved = await resolveRef(client, repository, ref)
  if ('refused' in resolved) return resolved
  const where = await standing(client, { repository, sha: resolved.commit.sha, tip })
  return where.on === 'branch' ? resolved.commit : offBranch(ref, resolved, { branch, where })
}

/** GitHub replicates with a delay: a tip that was read a moment ago may not be readable on every server. */
async function tipCommit(client: Client, repository: string, tip: string): Promise<CommitAnswer> {
  const commit = await findCommit(client, repository, tip)
  if (!commit) throw new Trouble('passing', `GitHub does not show the commit ${tip} yet`)
  return commit
}

/** Limit of unfinished runs that are named. */
const namedRuns = 3

/**
 * The last runs of the same workflow, and a note for each that is unfinished, because it may also deploy. If they cannot be
 * read, the request continues without them.
 */
async function readStarts(
  client: Client,
  ask: { readonly repository: string; readonly workflow: string },
): Promise<{ readonly runs: readonly Start[]; readonly notes: readonly WorkflowNote[] }> {
  try {
    const runs = await lastStarts(client, ask)
    return {
      runs,
      notes: runs
        .filter(({ isOver }) => !isOver)
        .slice(0, namedRuns)
        .map(underWayNote),
    }
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return { runs: [], notes: [{ note: 'runs-unavailable', why: error.message }] }
  }
}

function underWayNote({ runId: id, number, url, event, headSha: sha, login }: Start): WorkflowNote {
  return {
    note: 'under-way',
    run: { id, ...(number !== undefined && { number }), url, event, sha, ...(login !== null && { login }) },
  }
}
