import { Octokit } from '@octokit/rest'
import { afterAll, beforeAll, expect } from 'vitest'
import { type GitHubSandbox, startGitHub } from '../../sandbox/github/github.ts'
import { latest, type Run } from '../../sandbox/github/runs.ts'
import type { World } from '../../sandbox/github/world.ts'
import { testPace } from '../../sandbox/pace.ts'

/** The repository of the default world. */
export const blogApi = { owner: 'myorg', repo: 'blog-api' } as const

const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** The real Octokit, against the sandbox. */
export function octokit(github: GitHubSandbox, auth = github.env.GITHUB_TOKEN): Octokit {
  return new Octokit({ baseUrl: github.env.GITHUB_API_URL, auth, log: silent })
}

/** One GitHub for a test file; its end finds that GitHub's own description was never broken. */
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

/** The status and message that a call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<{ status: number; message: string }> {
  const error = await call.then(
    () => undefined,
    (thrown: { status: number; response?: { data?: { message?: string } } }) => thrown,
  )
  if (!error) throw new Error('The call was not refused')
  return { status: error.status, message: error.response?.data?.message ?? '' }
}

/** Waits for a run to complete, and answers its conclusion. */
export async function ended(world: World, run: Run): Promise<string> {
  return world.until(() => latest(run).status === 'completed' && latest(run).conclusion)
}

/** `name: conclusion` of the steps of a job that did anything. */
export function steps(run: Run, key: string): string[] {
  const job = latest(run).jobs.find((each) => each.key === key)!
  return job.steps.map((step) => `${step.name}: ${step.conclusion}`)
}
