import type { Clicker, Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { PersonId, Time } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import type { Release } from '../release.ts'

/** Who may click a button, and so who is looked up when it is clicked. */
export type Role =
  | 'approver'
  /** An approver, in a channel where approvals may be given. */
  | 'approver in the channel'
  | 'requester or approver'
  /** An approver by the usual policy, not by that of the emergency. */
  | 'usual approver'
  /** Whoever approved. Nobody is looked up: withdrawing one's own approval only takes away. */
  | 'whoever approved'
  /** Whoever may type the command that requests the same. */
  | 'as by command'

/** What is asked before a click counts: plain words, of which the card makes a dialog. */
export type Confirm = { readonly title: string; readonly text: string; readonly yes: string }

/** A button on the card of a release: its words, and when it is there. */
type Button = {
  readonly label: string
  readonly style?: 'primary' | 'danger'
  readonly confirm?: (release: Release) => Confirm
  /** Whether the card of the release as it is offers it. */
  readonly isOffered: (release: Release) => boolean
  /** Set where it may free the lane that the release holds, so that a refused request names the button. */
  readonly freesLane?: true
}

/** A click on a button. `round`: of the card that was clicked. `pressedAt`: when the click was written down, however late it is worked on. */
export type Click = { readonly by: Clicker; readonly round: number | null; readonly pressedAt: Time }

/** A button that decides on its own release. */
export type DecidingButton = Button & {
  readonly whoMay: Exclude<Role, 'as by command'>
  /** Whether a click of it counts, and what follows. It checks for itself that it is offered, and who may. */
  readonly decide: (draft: Draft, click: Click, context: Context) => Refusal | undefined
  /**
   * Whether a click that is not worked on yet may stop the release, so that nothing is sent before it is. Absent: it never
   * does.
   */
  readonly mayStop?: (release: Release, by: PersonId, pressedAt: Time) => boolean
}

/** A button that requests something new, as its command does: the release itself does not change. */
export type RequestingButton = Button & {
  readonly whoMay: 'as by command'
  /** What a click requests, or why nothing. */
  readonly request: (release: Release) => NewRequest | { readonly refused: Refusal }
}

/** What a button requests, of the service environment of its release. */
export type NewRequest =
  | { readonly request: 'deploy'; readonly sha: string }
  /** `name`: the task definition revision that the button named. */
  | { readonly request: 'rollback'; readonly name: string; readonly number: number }
  | { readonly request: 'lock'; readonly reason: string }

/** `blog-api in prod`, in the words of a confirmation. */
export function placeWords({ service, environment }: Release): string {
  return `${service} in ${environment}`
}
