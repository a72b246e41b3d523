import { app, developCommits, mainCommits, type SeedCommit, repository as seededName } from '../seed.ts'
import { permissions } from './access.ts'
import { account, person } from './people.ts'
import type { Repository } from './repository.ts'
import { deployPath, deployWorkflow } from './workflow-file.ts'
import type { World } from './world.ts'

/** The token of the default world: a fine-grained token of a separate account. */
export const token = 'github_pat_sandbox'

const firstFiles = {
  'README.md': '# blog-api\n',
  Dockerfile: 'FROM node:24-alpine\nCOPY . .\nCMD ["node", "src/server.js"]\n',
  'package.json': `${JSON.stringify({ name: app.family, private: true, type: 'module' }, null, 2)}\n`,
  'src/server.js': "import { createServer } from 'node:http'\n\ncreateServer().listen(3000)\n",
  '.github/CODEOWNERS': '* @myorg/backend\n',
  [deployPath]: deployWorkflow(),
}

/** Fills the world with the seed: its repository, branches, merged pull requests and environments. */
export function seedWorld(world: World): void {
  world.tokens.set(token, { account: account('twokey-bot'), kind: 'user', permissions })
  const repository = world.addRepository(seededName)
  for (const [at, commit] of mainCommits.entries())
    seedCommit(world, repository, { ...commit, branch: 'main', files: at === 0 ? firstFiles : {} })
  for (const commit of developCommits)
    seedCommit(world, repository, { ...commit, branch: 'develop', files: {} })
  for (const name of ['dev', 'production'])
    repository.environments.push({ id: world.id(), name, createdAt: Date.now(), reviewers: [], waitMs: 0 })
  world.learnWorkflows(repository)
}

type Seeded = SeedCommit & { readonly branch: string; readonly files: Readonly<Record<string, string>> }

function seedCommit(world: World, repository: Repository, seeded: Seeded): void {
  const { sha, message, date, branch } = seeded
  const author = { ...person(seeded.author.name), login: seeded.author.login }
  const slug = message
    .toLowerCase()
    .replace(/ \(#\d+\)$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
  const files = { ...seeded.files, [`posts/${slug}.md`]: `${message}\n` }
  repository.commit(branch, { sha, message, author, date, files })
  const merged = /^(.*) \(#(\d+)\)$/.exec(message)
  if (!merged) return
  repository.pulls.push({
    id: world.id(),
    number: Number(merged[2]),
    title: merged[1]!,
    author,
    head: slug,
    base: branch,
    mergeSha: sha,
    mergedAt: Date.parse(date),
  })
}
