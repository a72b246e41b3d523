import type { PersonId } from '../release/names.ts'

/** What a person typed about direct messages to themselves. It wins over twokey.yml. */
export type DirectChoice = 'on' | 'off'

/** A direct message about a release, with a link to its card. */
export type Direct =
  /** To those approvers who get one: they are looked up once the card is posted. */
  | { readonly direct: 'approvers' }
  /** Asks one person for an approval, or says how the release ended. */
  | { readonly direct: 'approval' | 'outcome'; readonly to: PersonId }
