import { z } from 'zod'
import type { EnvironmentSeen, FailedSignIn, GitHubDoctor, SubjectSeen } from '../ports/doctor.ts'
import { Trouble } from '../ports/ports.ts'
import { inParallel } from '../runtime/in-parallel.ts'
import { type Client, ownerAndName } from './client.ts'
import { type EnvironmentAnswer, findEnvironment } from './environment.ts'
import { fileAt } from './file.ts'
import { type WorkflowFiles, workflowsFolder, workflowsSeen } from './jobs-seen.ts'
import { branchTip } from './refs.ts'
import { jobListShape, runListShape } from './run-shapes.ts'
import { timeOf } from './verdict.ts'

/** The most workflow files that are read of a branch. */
const mostFiles = 60

/** What doctor reads of repositories. The files of a branch are read once. */
export function gitHubDoctor(client: Client): GitHubDoctor {
  const read = new Map<string, Promise<WorkflowFiles>>()
  return {
    async workflows(ask) {
      const key = `${ask.repository} ${ask.branch}`
      const files = read.get(key) ?? workflowFiles(client, ask)
      read.set(key, files)
      return workflowsSeen(await files, ask)
    },
    environment: (ask) => environmentSeen(client, ask),
    subject: (ask) => subjectSeen(client, ask),
    failedSignIn: (ask) => failedSignIn(client, ask),
  }
}

const folderShape = z.array(z.object({ type: z.string(), path: z.string() }))

async function workflowFiles(
  client: Client,
  { repository, branch }: { readonly repository: string; readonly branch: string },
): Promise<WorkflowFiles> {
  const sha = await branchTip(client, repository, branch)
  if (sha === null) throw new Trouble('terminal', `GitHub has no branch ${branch} in ${repository}`)
  const folder = await client.find({
    route: 'GET /repos/{owner}/{repo}/contents/{path}',
    parameters: { ...ownerAndName(repository), path: workflowsFolder, ref: sha },
    shape: folderShape,
  })
  const paths = (folder ?? [])
    .filter(({ type, path }) => type === 'file' && /\.ya?ml$/.test(path))
    .map(({ path }) => path)
    .slice(0, mostFiles)
  const texts = await inParallel(
    paths,
    async (path) => [path, await fileAt(client, { repository, path, sha })] as const,
  )
  return new Map(texts.flatMap(([path, text]) => (text === null ? [] : [[path, text]])))
}

async function environmentSeen(
  client: Client,
  { repository, environment }: { readonly repository: string; readonly environment: string },
): Promise<EnvironmentSeen | null> {
  const found = await findEnvironment(client, repository, environment)
  if (found === null) return null
  const rules = found.protection_rules?.filter(({ type }) => type !== 'branch_policy') ?? []
  return {
    administratorsBypass: found.can_admins_bypass ?? null,
    rules: rules.length,
    branches: await branchesOf(client, { repository, found }),
  }
}

const policiesShape = z.object({ branch_policies: z.array(z.object({ name: z.string() })) })

/** OpenAPI `deployment-branch-policy`: null means all branches. */
async function branchesOf(
  client: Client,
  { repository, found }: { readonly repository: string; readonly found: EnvironmentAnswer },
): Promise<EnvironmentSeen['branches']> {
  const policy = found.deployment_branch_policy ?? null
  if (policy === null) return 'all'
  if (policy.protected_branches) return 'protected'
  const { branch_policies } = await client.read({
    route: 'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies',
    parameters: { ...ownerAndName(repository), environment_name: found.name, per_page: 100 },
    shape: policiesShape,
  })
  return branch_policies.map(({ name }) => name)
}

const repositoryShape = z.object({ id: z.number() })

/** OpenAPI `oidc-custom-sub-repo`. */
const subjectShape = z.object({
  use_default: z.boolean(),
  include_claim_keys: z.array(z.string()).optional(),
  sub_claim_prefix: z.string().optional(),
})

/** An Enterprise Server that is too old for custom subjects has the default. */
async function subjectSeen(
  client: Client,
  { repository }: { readonly repository: string },
): Promise<SubjectSeen> {
  const parameters = ownerAndName(repository)
  const [{ id }, subject] = await Promise.all([
    client.read({ route: 'GET /repos/{owner}/{repo}', parameters, shape: repositoryShape }),
    client.find({
      route: 'GET /repos/{owner}/{repo}/actions/oidc/customization/sub',
      parameters,
      shape: subjectShape,
    }),
  ])
  return {
    repositoryId: `${id}`,
    prefix: subject?.sub_claim_prefix ?? `repo:${repository}`,
    claims: subject?.use_default === false ? (subject.include_claim_keys ?? null) : null,
  }
}

/** Limit of runs that are looked through for the last one on the branch. */
const mostRuns = 30

async function failedSignIn(
  client: Client,
  { repository, workflow, branch, steps }: Parameters<GitHubDoctor['failedSignIn']>[0],
): Promise<FailedSignIn | null> {
  const parameters = ownerAndName(repository)
  const { workflow_runs } = await client.read({
    route: 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
    parameters: { ...parameters, workflow_id: workflow, per_page: mostRuns },
    shape: runListShape,
  })
  const last = workflow_runs.find((run) => run.status === 'completed' && run.head_branch === branch)
  if (last?.conclusion !== 'failure') return null
  const { jobs } = await client.read({
    route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
    parameters: { ...parameters, run_id: last.id, per_page: 100 },
    shape: jobListShape,
  })
  const names = new Set(steps.flatMap((name) => [name, `Run ${name}`]))
  const failed = jobs.flatMap((job) =>
    (job.steps ?? [])
      .filter(({ name, conclusion }) => conclusion === 'failure' && names.has(name))
      .map(({ name }) => ({
        run: last.html_url,
        step: name,
        at: timeOf(job.started_at) ?? Date.parse(last.created_at),
      })),
  )
  return failed[0] ?? null
}
