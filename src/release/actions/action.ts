import type { Clicker, Context } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { PersonId, Time } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import type { Release } from '../release.ts'
import type { FailedRun } from '../subject.ts'

/** Who may click a button, which decides who is looked up at a click. */
export type Role =
  | 'approver'
  /** An approver, in a channel where approvals may be given. */
  | 'approver in the channel'
  | 'requester or approver'
  /** An approver of the paused rollout, in a channel where approvals may be given. */
  | 'approver of the pause'
  /** An approver by the usual policy, not by that of the emergency. */
  | 'usual approver'
  /** The person who approved. Nobody is looked up, because a withdrawal only removes one's own approval. */
  | 'whoever approved'
  /** Everybody who may type the command for the same request. */
  | 'as by command'

/** The confirmation before a click, as plain text; the card makes a dialog of it. */
export type Confirm = { readonly title: string; readonly text: string; readonly yes: string }

/** A button on the card of a release: its words, and when it is shown. */
type Button = {
  readonly label: string
  readonly style?: 'primary' | 'danger'
  /** Null: none for this release. */
  readonly confirm?: (release: Release) => Confirm | null
  /** Whether the card offers the button for the release as it is. */
  readonly isOffered: (release: Release) => boolean
  /** Set if the button may free the lane of its release, so that a refused request names it. */
  readonly freesLane?: true
}

/**
 * A click on a button. `round`: the approval round that the clicked card showed. `pressedAt`: when the click was
 * stored, however late it is handled.
 */
export type Click = { readonly by: Clicker; readonly round: number | null; readonly pressedAt: Time }

/** A button that changes its own release. */
export type DecidingButton = Button & {
  readonly whoMay: Exclude<Role, 'as by command'>
  /** Decides whether a click counts, and what follows. It checks itself whether the button is offered, and to whom. */
  readonly decide: (draft: Draft, click: Click, context: Context) => Refusal | undefined
  /**
   * Whether a stored click that is not handled yet may stop the release, so that nothing is sent before it is.
   * Absent: never.
   */
  readonly mayStop?: (release: Release, by: PersonId, pressedAt: Time) => boolean
}

/** A button that requests something new, as its command does. It does not change its own release. */
export type RequestingButton = Button & {
  readonly whoMay: 'as by command'
  /** What a click requests, or why it is refused. */
  readonly request: (release: Release) => NewRequest | { readonly refused: Refusal }
}

/** A request of a button for the service environment of its release. */
export type NewRequest =
  | { readonly request: 'deploy'; readonly sha: string }
  /** `name`: the task definition revision of the button. */
  | { readonly request: 'rollback'; readonly name: string; readonly number: number }
  /** `run`: what the button's release knows of its run. */
  | { readonly request: 'rerun'; readonly run: FailedRun }
  | { readonly request: 'lock'; readonly reason: string }

/** `blog-api in prod`, for a confirmation. */
export function serviceEnvironmentText({ service, environment }: Release): string {
  return `${service} in ${environment}`
}
