import type { Release, Time } from './release.ts'

/** The rollback that is about to replace a release. */
export type Replacing = Pick<Release, 'id' | 'requester' | 'subject'>

/** The rollback that replaces a release. */
export type Replacement = {
  readonly release: string
  readonly at: Time
  /**
   * ARNs of the revisions that it, and rollbacks before it, go back to: what is rolled out of them from then on is theirs. None
   * where an older twokey replaced it.
   */
  readonly revisions: readonly string[]
}

/** By this rollback, after the ones that replaced the release before. */
export function replacement(before: Replacement | null, { id, subject }: Replacing, at: Time): Replacement {
  const revisions = before?.revisions ?? []
  if (subject.kind === 'deploy') return { release: id, at, revisions }
  return { release: id, at, revisions: [...new Set([...revisions, subject.revision.arn])] }
}
