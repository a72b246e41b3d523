import { z } from 'zod'
import { Trouble } from '../ports/ports.ts'
import type { GitHubAccount } from '../ports/setup.ts'
import type { Client } from './client.ts'

const userShape = z.object({ login: z.string() })

/** The login of the token's account; null for a token of an App, for which GitHub answers 403. Throws `Trouble`. */
export async function accountOf(client: Client): Promise<string | null> {
  const user = await client.find({ route: 'GET /user', parameters: {}, shape: userShape }, [403])
  return user?.login ?? null
}

/** As whom a token acts. Throws `Trouble`. */
export async function tokenAccount(client: Client): Promise<GitHubAccount> {
  const login = await accountOf(client)
  return login === null ? { is: 'token of an app' } : { is: 'user', login }
}

const appShape = z.object({ slug: z.string(), permissions: z.record(z.string(), z.string()).default({}) })

/** What the App needs: docs/gates.md. */
const needed = {
  actions: 'write',
  deployments: 'write',
  contents: 'read',
  checks: 'read',
  statuses: 'read',
} as const

/** The App, by its own key. Throws `Trouble`, which says so if the key is not the App's. */
export async function appAccount(client: Client): Promise<GitHubAccount> {
  const { slug, permissions } = await readApp(client)
  const lacks = Object.entries(needed).flatMap(([name, level]) =>
    permissions[name] === 'write' || permissions[name] === level ? [] : [`${name}: ${level}`],
  )
  return { is: 'app', slug, lacks }
}

/** The login under which GitHub shows what the App does. Throws `Trouble`. */
export async function appLogin(client: Client): Promise<string> {
  return `${(await readApp(client)).slug}[bot]`
}

async function readApp(client: Client): Promise<z.infer<typeof appShape>> {
  const app = await client.find({ route: 'GET /app', parameters: {}, shape: appShape }, [401])
  if (app === null)
    throw new Trouble(
      'terminal',
      'GitHub does not accept GITHUB_APP_PRIVATE_KEY as a key of the App GITHUB_APP_ID: check both, or generate another key',
    )
  return app
}
