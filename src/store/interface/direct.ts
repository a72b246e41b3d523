import type { DirectChoice } from '../../messages/direct.ts'
import type { PersonId, Time } from '../../release/names.ts'

/** Direct messages, outside a transaction. */
export interface DirectMessages {
  /** Everybody who chose whether to get direct messages. */
  choices(): Promise<ReadonlyMap<PersonId, DirectChoice>>
  /**
   * Writes a message to each of these people in place of the post to all approvers; those who have turned direct
   * messages off by now get none.
   */
  addressed(postId: number, people: readonly PersonId[], at: Time): Promise<void>
}

/** Direct messages in a transaction. */
export interface DirectMessagesInTransaction {
  /** Null: this person has not chosen. */
  choice(person: PersonId): Promise<DirectChoice | null>
  /** Whether anybody has turned direct messages on. */
  isWantedByAny(): Promise<boolean>
  /** Stores the choice for all accounts of one person. `off` also gives up their messages that wait. */
  choose(accounts: readonly PersonId[], choice: DirectChoice, at: Time): Promise<void>
  /** Adds the post that asks a release's approvers, at most once for a release. */
  askApprovers(releaseId: string, at: Time): Promise<void>
  /** Adds the message about the end of a release, in place of one that still waits. @param end the key of that end */
  sendOutcome(
    releaseId: string,
    outcome: { readonly to: PersonId; readonly end: string },
    at: Time,
  ): Promise<void>
}
