import type { Revision } from './revision.ts'

/**
 * The commit that a container named in twokey.yml has in a task definition. `several`: one tag or variable names
 * several commits of the repository. `nothing`: it names none. `missing`: the task definition has no such container.
 */
export type Carried =
  | { readonly container: string; readonly carries: 'commit'; readonly commit: string }
  | { readonly container: string; readonly carries: 'several'; readonly commits: readonly string[] }
  | { readonly container: string; readonly carries: 'nothing' | 'missing' }

/**
 * Why the commit of a revision is not known, without a full stop; null: the revision carries no commit, or the commit
 * is known.
 */
export function whyUnknown({ unknown }: Pick<Revision, 'unknown'>): string | null {
  switch (unknown?.because) {
    case undefined:
      return null
    case 'unread':
    case 'missing':
      return unknown.reason
    case 'several':
      return `it carries several commits, ${shortened(unknown.commits)}`
  }
}

/** `3f2c1ab and 8649bf9`. */
export function shortened(commits: readonly string[]): string {
  const short = commits.map((sha) => sha.slice(0, 7))
  return [short.slice(0, -1).join(', '), ...short.slice(-1)].filter((part) => part !== '').join(' and ')
}

/** `commit 3f2c1ab`, `commits 3f2c1ab and 8649bf9`. */
export function commitsText(commits: readonly string[]): string {
  return `commit${commits.length === 1 ? '' : 's'} ${shortened(commits)}`
}

/** The commits that a container names. */
export function commitsIn(carried: Carried): readonly string[] {
  switch (carried.carries) {
    case 'commit':
      return [carried.commit]
    case 'several':
      return carried.commits
    case 'nothing':
    case 'missing':
      return []
  }
}
