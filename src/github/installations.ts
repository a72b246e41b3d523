import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import { failureOf, isTokenMissing } from './failure.ts'
import { type GitHubApp, type GitHubSettings, makeOctokit, type Requests } from './octokit.ts'

/** Whether GitHub gave no token for an installation, or no longer takes it. */
export function isInstallationRefused(error: unknown): boolean {
  const failure = failureOf(error)
  return failure.failure === 'answered' && (failure.status === 401 || isTokenMissing(failure))
}

const installationShape = z.object({ id: z.number().int() })

/** The clients of a GitHub App, one for each of its installations. */
export class Installations {
  readonly #settings: GitHubSettings & { readonly app: GitHubApp }
  /** Looks up installations, as the App itself. */
  readonly #app: Requests
  readonly #clients = new Map<number, Requests>()
  readonly #ids = new Map<string, Promise<number>>()

  constructor(settings: GitHubSettings & { readonly app: GitHubApp }) {
    this.#settings = settings
    this.#app = makeOctokit(settings)
  }

  /** The client for a repository. Throws `Trouble`, terminal if the App is not installed there, and what Octokit throws. */
  async of({ owner, repo }: { readonly owner?: unknown; readonly repo?: unknown }): Promise<Requests> {
    const { app } = this.#settings
    if (app.installationId !== undefined) return this.#client(app.installationId)
    if (typeof owner !== 'string' || typeof repo !== 'string') return this.#app
    const name = `${owner}/${repo}`.toLowerCase()
    const known = this.#ids.get(name) ?? this.#lookUp({ owner, repo })
    this.#ids.set(name, known)
    try {
      return this.#client(await known)
    } catch (error) {
      this.#ids.delete(name)
      throw error
    }
  }

  /**
   * Forgets the installation of a repository, whose next request looks it up again: one that was removed and made again has
   * another id, as in another organization.
   */
  forget({ owner, repo }: { readonly owner?: unknown; readonly repo?: unknown }): void {
    this.#ids.delete(`${owner}/${repo}`.toLowerCase())
    this.#clients.clear()
  }

  #client(installationId: number): Requests {
    const made =
      this.#clients.get(installationId) ??
      makeOctokit({ ...this.#settings, app: { ...this.#settings.app, installationId } })
    this.#clients.set(installationId, made)
    return made
  }

  async #lookUp(repository: { readonly owner: string; readonly repo: string }): Promise<number> {
    try {
      const { data } = await this.#app.request('GET /repos/{owner}/{repo}/installation', repository)
      return installationShape.parse(data).id
    } catch (error) {
      if (!(error instanceof Error && 'status' in error && error.status === 404)) throw error
      const name = `${repository.owner}/${repository.repo}`
      throw new Trouble(
        'terminal',
        `the GitHub App is not installed on ${name}: install it there, or add the repository to its installation`,
        { cause: error },
      )
    }
  }
}
