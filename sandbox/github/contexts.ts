import type { Contexts } from './expression.ts'
import type { Repository } from './repository.ts'
import type { Run } from './runs.ts'
import { dispatchInputs } from './workflow-file.ts'
import type { WorkflowFile } from './workflow-shapes.ts'

/** What is known about a run before its first job starts. */
export type StartedRun = Pick<
  Run,
  'id' | 'number' | 'event' | 'headBranch' | 'headSha' | 'workflowName' | 'inputs' | 'actor'
>

/** The contexts of a run for expressions: `github`, `inputs`, `vars`, `secrets` and `runner`. */
export function runContexts(run: StartedRun, repository: Repository, file: WorkflowFile): Contexts {
  return {
    github: githubContext(run, repository),
    inputs: typedInputs(run, file),
    vars: repository.variables,
    secrets: secretsOf(repository.secrets),
    runner: { os: 'Linux', arch: 'X64', name: 'GitHub Actions 1', temp: '/home/runner/work/_temp' },
  }
}

function githubContext(run: StartedRun, repository: Repository) {
  const commit = repository.git.commits.get(run.headSha)
  const isTag =
    !repository.git.refs.has(`heads/${run.headBranch}`) && repository.git.refs.has(`tags/${run.headBranch}`)
  const ref = `refs/${isTag ? 'tags' : 'heads'}/${run.headBranch}`
  return {
    actor: run.actor.login,
    triggering_actor: run.actor.login,
    event_name: run.event,
    event: {
      ref,
      repository: {
        name: repository.name,
        full_name: repository.fullName,
        default_branch: repository.defaultBranch,
      },
      sender: { login: run.actor.login },
      ...(run.event === 'workflow_dispatch'
        ? { inputs: run.inputs }
        : { after: run.headSha, head_commit: { id: run.headSha, message: commit?.message ?? '' } }),
    },
    ref,
    ref_name: run.headBranch,
    ref_type: isTag ? 'tag' : 'branch',
    sha: run.headSha,
    repository: repository.fullName,
    repository_owner: repository.owner,
    run_id: String(run.id),
    run_number: String(run.number),
    workflow: run.workflowName,
    server_url: 'https://github.com',
    token: 'ghs_sandbox',
    workspace: `/home/runner/work/${repository.name}/${repository.name}`,
  }
}

/** In `inputs`, booleans and numbers have their type; in `github.event.inputs` all values are strings. */
function typedInputs(run: StartedRun, file: WorkflowFile): Record<string, unknown> {
  const declared = dispatchInputs(file) ?? {}
  const typed = Object.entries(run.inputs).map(([name, text]) => {
    const type = declared[name]?.type
    if (type === 'boolean') return [name, text === 'true']
    return [name, type === 'number' && text !== '' ? Number(text) : text]
  })
  return Object.fromEntries(typed)
}

/** Every job has its own token among its secrets. */
function secretsOf(secrets: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { GITHUB_TOKEN: 'ghs_sandbox', ...secrets }
}
