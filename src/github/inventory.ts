import { z } from 'zod'
import type { GitHubInventory } from '../ports/inventory.ts'
import { Client } from './client.ts'
import type { GitHubSettings } from './octokit.ts'

const environmentsShape = z.object({ environments: z.array(z.object({ name: z.string() })).default([]) })
const repositoryShape = z.object({ id: z.number() })
const subjectShape = z.object({ sub_claim_prefix: z.string().optional() })

/** Reads what the files of `twokey init` need of a repository (`owner/name`). */
export function gitHubInventory(settings: GitHubSettings): GitHubInventory {
  const client = new Client(settings)
  const named = (repository: string) => {
    const [owner = '', repo = ''] = repository.split('/')
    return { owner, repo }
  }
  return {
    async environments(repository) {
      const { environments } = await client.read({
        route: 'GET /repos/{owner}/{repo}/environments',
        parameters: { ...named(repository), per_page: 100 },
        shape: environmentsShape,
      })
      return environments.map(({ name }) => name)
    },
    async identity(repository) {
      const parameters = named(repository)
      const { id } = await client.read({
        route: 'GET /repos/{owner}/{repo}',
        parameters,
        shape: repositoryShape,
      })
      const subject = await client.find({
        route: 'GET /repos/{owner}/{repo}/actions/oidc/customization/sub',
        parameters,
        shape: subjectShape,
      })
      return { id, subjectPrefix: subject?.sub_claim_prefix ?? `repo:${repository}` }
    },
  }
}
