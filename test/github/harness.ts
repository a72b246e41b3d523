import { afterEach, beforeEach } from 'vitest'
import { type GitHubSandbox, startGitHub } from '../../sandbox/github/github.ts'
import { testPace } from '../../sandbox/pace.ts'
import { connectGitHub } from '../../src/github/github.ts'
import type { GitHubSettings } from '../../src/github/octokit.ts'
import type { GitHub } from '../../src/ports/ports.ts'
import type { AskOf } from '../../src/release/look.ts'

export const repository = 'myorg/blog-api'
export const workflow = 'deploy.yml'
export const routes = {
  dispatch: 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches',
  cancel: 'POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel',
  ref: 'GET /repos/{owner}/{repo}/git/ref/{ref}',
  run: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}',
  jobs: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs',
  tree: 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
} as const

/** The sandbox of the current test, and the real client connected to it. */
export class GitHubHarness {
  #sandbox: GitHubSandbox | undefined

  async open(): Promise<void> {
    this.#sandbox = await startGitHub({ pace: testPace })
  }

  /** Closes it, and throws if the sandbox itself violated GitHub's description. */
  async close(): Promise<void> {
    const { world } = this.sandbox
    await this.sandbox.close()
    if (world.violations.length > 0) throw new Error(world.violations.join('\n'))
  }

  get sandbox(): GitHubSandbox {
    if (!this.#sandbox) throw new Error('The sandbox has not started')
    return this.#sandbox
  }

  /** A new client without cached answers. */
  connect(settings: Partial<GitHubSettings> = {}, deployWorkflows: readonly string[] = []): GitHub {
    const { GITHUB_TOKEN, GITHUB_API_URL } = this.sandbox.env
    return connectGitHub({ token: GITHUB_TOKEN, apiUrl: GITHUB_API_URL, ...settings }, (of) =>
      of === repository ? deployWorkflows : [],
    )
  }

  /** The shas of a branch, newest first. */
  shas(branch = 'main'): readonly string[] {
    const { git } = this.sandbox.world.repository()
    return git.history(this.tip(branch)).map(({ sha }) => sha)
  }

  tip(branch = 'main'): string {
    return this.sandbox.world.repository().git.tip(`heads/${branch}`)!.sha
  }

  /** The look at a head; by default that of a run which started on the tip of the last look. */
  head(part: Partial<AskOf<'headTree'>> = {}): AskOf<'headTree'> {
    const tip = this.tip()
    return { repository, branch: 'main', sha: tip, tip, paths: [], ...part }
  }

  /** Statuses of the requests of this route, in order. */
  statuses(route: string): readonly (number | undefined)[] {
    return this.sandbox.log.of(route).map(({ status }) => status)
  }
}

/** Creates a sandbox for each test of the file. */
export function gitHubForEach(): GitHubHarness {
  const harness = new GitHubHarness()
  beforeEach(() => harness.open())
  afterEach(() => harness.close())
  return harness
}
