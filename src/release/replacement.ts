import type { PersonId, Time } from './names.ts'
import type { State } from './stage.ts'
import type { Subject } from './subject.ts'

/** The rollback that is about to replace a release. */
export type Replacing = { readonly id: string; readonly requester: PersonId; readonly subject: Subject }

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

/** A release whose place another is to take. `state`: when that was asked for. */
export type ReplacedRelease = {
  readonly release: string
  readonly requester: PersonId
  readonly state: State
}
