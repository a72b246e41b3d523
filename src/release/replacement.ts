import type { PersonId, Time } from './names.ts'
import type { MigrationVerdict } from './sighting.ts'
import type { State } from './stage.ts'
import type { Subject } from './subject.ts'

/** The rollback that is about to replace a release. */
export type Replacing = { readonly id: string; readonly requester: PersonId; readonly subject: Subject }

/** The rollback that replaces a release. */
export type Replacement = {
  readonly release: string
  readonly at: Time
  /**
   * ARNs of the revisions of this rollback and of earlier ones that replaced the release: later rollouts of them are
   * theirs. Empty if an older twokey stored it.
   */
  readonly revisions: readonly string[]
}

/** Adds this rollback to those that replaced the release before. */
export function replacement(before: Replacement | null, { id, subject }: Replacing, at: Time): Replacement {
  const revisions = before?.revisions ?? []
  if (subject.kind !== 'rollback') return { release: id, at, revisions }
  return { release: id, at, revisions: [...new Set([...revisions, subject.revision.arn])] }
}

/** A release that a rollback is to replace, as it was when the rollback was requested. */
export type ReplacedRelease = {
  readonly release: string
  readonly requester: PersonId
  readonly state: State
  /** The commit that it deploys. Absent: it is a rollback, or an older twokey wrote this. */
  readonly commit?: string
  /** How far its migration had come. Absent: none was seen. */
  readonly migration?: MigrationVerdict
}
