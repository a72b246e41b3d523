import type { InspectedRun } from '../ports/gates.ts'
import type { GitHub } from '../ports/ports.ts'
import type { WorkflowNote } from '../release/inputs.ts'
import { branchUnknown } from '../release/refusals/commits.ts'
import { runOffBranch } from '../release/refusals/gates.ts'
import { workflowUnreadableText, workflowUnreadableThere } from '../release/refusals/workflow.ts'
import { changesSince } from './changes.ts'
import { type ChecksQuery, checksNow, checksOf } from './checks.ts'
import type { Client } from './client.ts'
import { commitOf, findCommit } from './commit.ts'
import { fileAt } from './file.ts'
import { startedContexts } from './job-environments.ts'
import { branchTip, standing } from './refs.ts'
import { runSources } from './run-sources.ts'
import { RunningJobs } from './running-jobs.ts'
import { Tree } from './tree.ts'
import { shortenedNotes } from './workflow.ts'
import { readTrigger } from './workflow-file.ts'

type Ask = Parameters<GitHub['inspectRun']>[0] & Pick<ChecksQuery, 'deployWorkflows'>

/**
 * Reads what a run that waits at a gate would ship: its head, which must lie on the branch, and what the workflow of
 * that commit runs besides. Throws `Trouble`.
 */
export async function inspectRun(client: Client, ask: Ask): Promise<InspectedRun> {
  const { repository, workflow, branch, run, running, migrationPaths, deployWorkflows } = ask
  const { headSha: sha } = run
  const tip = await branchTip(client, repository, branch)
  if (tip === null) return { refused: branchUnknown(branch, repository) }
  const tree = new Tree(client, repository, sha)
  const [wanted, where, githubTree] = await Promise.all([
    findCommit(client, repository, sha),
    standing(client, { repository, sha, tip }),
    tree.github(),
  ])
  if (wanted === null || where.on !== 'branch') return { refused: runOffBranch(ask, sha) }
  if (githubTree === null) return { refused: workflowUnreadableThere(ask, { path: '.github', tip: sha }) }
  const [notes, changed, checks] = await Promise.all([
    notesOf(client, ask, tree),
    changesSince(client, { repository, running, wanted, migrationPaths }),
    ask.checks === 'required'
      ? checksNow(client, { repository, commit: sha, workflow, requiredOn: branch, deployWorkflows })
      : checksOf(client, { repository, sha, workflow, ownRuns: [run.runId], deployWorkflows }),
  ])
  if ('refused' in notes) return notes
  return { commit: commitOf(wanted), githubTree, notes: notes.notes, ...changed, checks }
}

/** What the workflow of the run's own commit runs that the approval of the commit does not cover. */
async function notesOf(
  client: Client,
  { repository, workflow, branch, run }: Ask,
  tree: Tree,
): Promise<{ readonly notes: readonly WorkflowNote[] } | Extract<InspectedRun, { refused: unknown }>> {
  const path = `.github/workflows/${workflow}`
  const text = await fileAt(client, { repository, path, sha: run.headSha })
  if (text === null)
    return { refused: workflowUnreadableThere({ repository, branch }, { path, tip: run.headSha }) }
  const trigger = readTrigger(text)
  if (trigger.trigger === 'unreadable')
    return { refused: workflowUnreadableText({ repository, branch, workflow }, trigger.why) }
  const jobs = new RunningJobs(client, { repository, tip: run.headSha }, tree)
  const declared = trigger.trigger === 'dispatch' ? trigger.inputs.map(({ name }) => name) : []
  await jobs.of(trigger.jobs, startedContexts({ repository, branch, event: run.event, declared }))
  const { notes } = await runSources(
    {
      repository,
      tip: tree,
      commit: tree,
      head: 'approved',
      at: (other) => new Tree(client, repository, other, 'perhaps'),
    },
    ({ commit, path: file }) => fileAt(client, { repository, path: file, sha: commit }),
    jobs.running,
  )
  const isByHand = run.event === 'workflow_dispatch' || run.event === 'repository_dispatch'
  return {
    notes: shortenedNotes([
      ...(isByHand ? [{ note: 'inputs-unknown', event: run.event } as const] : []),
      ...notes,
    ]),
  }
}
