import { createAppAuth } from '@octokit/auth-app'
import { Octokit } from '@octokit/rest'
import { afterAll, beforeAll, expect } from 'vitest'
import type { App } from '../../sandbox/github/apps.ts'
import { type GitHubSandbox, startGitHub } from '../../sandbox/github/github.ts'
import { latest, type Run } from '../../sandbox/github/runs.ts'
import type { World } from '../../sandbox/github/world.ts'
import { testPace } from '../../sandbox/pace.ts'

/** The repository of the default world. */
export const blogApi = { owner: 'myorg', repo: 'blog-api' } as const

const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** The real Octokit, connected to the sandbox. */
export function octokit(github: GitHubSandbox, auth = github.env.GITHUB_TOKEN): Octokit {
  return new Octokit({ baseUrl: github.env.GITHUB_API_URL, auth, log: silent })
}

/** The real Octokit as an App: as its installation, or, with its JWT, as the App itself. */
export function octokitApp(
  github: GitHubSandbox,
  as: 'installation' | 'app',
  app = github.world.app,
): Octokit {
  return new Octokit({
    baseUrl: github.url,
    authStrategy: createAppAuth,
    auth: {
      appId: app.id,
      privateKey: app.privateKey,
      ...(as === 'installation' && { installationId: app.installationId }),
    },
    log: silent,
  })
}

/** A token of an App's installation, with these limits. */
export async function installationToken(
  github: GitHubSandbox,
  limits: {
    readonly repository_ids?: number[]
    readonly permissions?: Record<string, 'read' | 'write'>
  } = {},
  app: App = github.world.app,
): Promise<string> {
  const { data } = await octokitApp(github, 'app', app).apps.createInstallationAccessToken({
    installation_id: app.installationId,
    ...limits,
  })
  return data.token
}

/** One GitHub for a test file; afterwards it checks that no answer violated GitHub's description. */
export function oneGitHub(): { github(): GitHubSandbox; client(): Octokit; world(): World } {
  let github: GitHubSandbox
  let client: Octokit
  beforeAll(async () => {
    github = await startGitHub({ pace: testPace })
    client = octokit(github)
  })
  afterAll(async () => {
    await github.close()
    expect(github.world.violations).toEqual([])
  })
  return { github: () => github, client: () => client, world: () => github.world }
}

/** The status and message of a refused call. */
export async function refusal(call: Promise<unknown>): Promise<{ status: number; message: string }> {
  const error = await call.then(
    () => undefined,
    (thrown: { status: number; response?: { data?: { message?: string } } }) => thrown,
  )
  if (!error) throw new Error('The call was not refused')
  return { status: error.status, message: error.response?.data?.message ?? '' }
}

/** Waits for a run to complete, and returns its conclusion. */
export async function ended(world: World, run: Run): Promise<string> {
  return world.until(() => latest(run).status === 'completed' && latest(run).conclusion)
}

/** `name: conclusion` of the steps of a job. */
export function steps(run: Run, key: string): string[] {
  const job = latest(run).jobs.find((each) => each.key === key)!
  return job.steps.map((step) => `${step.name}: ${step.conclusion}`)
}
