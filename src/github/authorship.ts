import type { Authorship } from '../release/subject.ts'
import type { CommitAnswer } from './commit.ts'

/**
 * The e-mail address that GitHub gives an account which hides its own
 * (https://docs.github.com/en/account-and-profile/reference/email-addresses-reference#your-noreply-email-address).
 */
const hidden = /^(?:\d+\+)?([\w-]+)@users\.noreply\./i

/** https://docs.github.com/en/pull-requests/committing-changes-to-your-project/creating-and-editing-commits/creating-a-commit-with-multiple-authors */
const coAuthor = /^co-authored-by:.*<([^<>\s]+)>\s*$/gim

/**
 * Returns the authors of these commits: the account that GitHub names as the author of each commit, and co-authors with
 * a GitHub noreply address. Other addresses in trailers cannot be mapped to an account, unless they belong to the
 * author of another of these commits.
 * @param since the commits that were running before these
 */
export function authorshipOf(commits: readonly CommitAnswer[], since: readonly string[]): Authorship {
  const nameless = commits.find(({ author }) => !author?.login)
  if (nameless)
    return { known: false, why: `GitHub shows no account for the author of ${nameless.sha.slice(0, 7)}` }
  const logins = commits.flatMap(({ commit, author }) => {
    const others = [...commit.message.matchAll(coAuthor)].map(([, email = '']) => hidden.exec(email)?.[1])
    return [author?.login, ...others]
  })
  const known = logins.flatMap((login) => (login ? [login.toLowerCase()] : []))
  return { known: true, logins: [...new Set(known)], since }
}
