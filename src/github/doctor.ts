import { z } from 'zod'
import type { EnvironmentSeen, GitHubDoctor } from '../ports/doctor.ts'
import { Trouble } from '../ports/ports.ts'
import { inParallel } from '../runtime/in-parallel.ts'
import { type Client, ownerAndName } from './client.ts'
import { type EnvironmentAnswer, findEnvironment } from './environment.ts'
import { fileAt } from './file.ts'
import { type WorkflowFiles, workflowsFolder, workflowsSeen } from './jobs-seen.ts'
import { branchTip } from './refs.ts'

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
