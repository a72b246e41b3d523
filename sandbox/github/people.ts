import type { Author } from './git.ts'

/** An account of GitHub: a person, or the bot account of an App. */
export type Account = { readonly login: string; readonly id: number; readonly type: 'User' | 'Bot' }

/** A person of the default world, by first name. */
export function person(name: string): Author {
  const login = name.toLowerCase()
  return { name, login, email: `${login}@example.com` }
}

/** The account of a login; its id is derived from the name. */
export function account(login: string): Account {
  const id = [...login].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 90_000_000, 7)
  return { login, id: 1_000_000 + id, type: login.endsWith('[bot]') ? 'Bot' : 'User' }
}

/** A time in GitHub's format: UTC, to the second. */
export function iso(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
