import { runContexts } from './contexts.ts'
import type { Commit } from './git.ts'
import type { Repository, Workflow } from './repository.ts'
import type { Account, Run, RunEvent, RunPlan } from './runs.ts'
import { runTitle } from './workflow-file.ts'

/** Everything that determines a new run. */
export type RunStart = {
  readonly newId: () => number
  readonly workflow: Workflow
  readonly branch: string
  readonly commit: Commit
  readonly event: RunEvent
  readonly actor: Account
  readonly inputs: Readonly<Record<string, string>>
  readonly plan: RunPlan
}

/** Adds a queued run to the repository, with the title that the workflow file at the commit defines. */
export function newRun(repository: Repository, start: RunStart): Run {
  const { workflow, commit, branch, event, actor, inputs } = start
  const file = repository.workflowAt(workflow, commit)
  if (!file) throw new Error(`${commit.sha} has no ${workflow.path}`)
  const now = Date.now()
  const started = {
    id: start.newId(),
    number: repository.runs.filter((each) => each.workflowId === workflow.id).length + 1,
    workflowId: workflow.id,
    workflowName: file.name ?? workflow.path,
    workflowPath: workflow.path,
    event,
    headBranch: branch,
    headSha: commit.sha,
    inputs,
    actor,
    createdAt: now,
  }
  const otherwise = event === 'push' ? commit.message.split('\n')[0]! : started.workflowName
  const run: Run = {
    ...started,
    title: runTitle(file, runContexts(started, repository, file), otherwise),
    attempts: [
      {
        number: 1,
        actor,
        startedAt: now,
        updatedAt: now,
        plan: start.plan,
        status: 'queued',
        conclusion: null,
        jobs: [],
        results: new Map(),
        groups: [],
      },
    ],
    reviews: [],
  }
  repository.runs.push(run)
  return run
}
