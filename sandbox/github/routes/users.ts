import { founded } from '../../seed.ts'
import { type Answer, ok, refuse } from '../answer.ts'
import type { Call } from '../call.ts'
import { simpleUser } from '../shapes/accounts.ts'

/** `users/get-authenticated`: the account that the token belongs to. An installation has none. */
export function authenticatedUser({ access, at }: Call): Answer {
  if (access.kind !== 'user') return refuse(403, 'Resource not accessible by integration')
  return ok({
    ...simpleUser(access.account, at),
    name: null,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: founded,
    updated_at: founded,
  })
}
