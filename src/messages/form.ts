import type { DatedCommit, Presence } from '../ports/ports.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Revision } from '../release/revision.ts'
import type { Asked } from './intent.ts'
import type { Reply } from './reply.ts'

/** A form on one person's screen, with what is known while it is filled in. Rendered by Slack's cards. */
export type Form = DeployForm | RollbackForm | ReasonForm | RefusedForm

/** What is to be deployed where; `null` is for the person to choose. */
export type DeployForm = {
  readonly form: 'deploy'
  readonly services: readonly string[]
  readonly environments: readonly string[]
  readonly service: string | null
  readonly environment: string | null
  /** What ships there, of which the newest commit is offered first; null: not known yet, or nothing ships there. */
  readonly branch: string | null
  readonly serving: ServingNow
}

/** The revisions that ran well there; null: they are being looked up. */
export type RollbackForm = {
  readonly form: 'rollback'
  readonly service: string
  readonly environment: string
  readonly revisions: Extract<Reply, { reply: 'revisions' }> | null
}

/** Why a release was rejected. */
export type ReasonForm = {
  readonly form: 'reason'
  readonly releaseId: string
  readonly service: string
  readonly environment: string
}

/** A form that cannot be filled in after all. */
type RefusedForm = { readonly form: 'refused'; readonly refusal: Refusal }

/** What runs where a form would deploy to. `open`: service or environment is not chosen yet. */
export type ServingNow =
  | { readonly seen: 'open' }
  | { readonly seen: 'looking' }
  | { readonly seen: 'yes'; readonly revision: Pick<Revision, 'name' | 'commit' | 'unknown'> }
  | { readonly seen: 'no'; readonly why: string }

/** A service in an environment, by their names. */
export type Named = { readonly service: string; readonly environment: string }

/** What an answer shows; null: all services, or all environments. */
export type Shown = { readonly service: string | null; readonly environment: string | null }

/** All services in all environments. */
export const everything: Shown = { service: null, environment: null }

/** Whose menus are these: a deploy's offer every service and environment, whatever is chosen in them. */
export function shownBy(form: DeployForm | RollbackForm): Shown {
  switch (form.form) {
    case 'deploy':
      return everything
    case 'rollback':
      return { service: form.service, environment: form.environment }
  }
}

/** What a form asks while a person fills it in. */
export interface FormSource {
  /** The form that answers what was asked; null where no form does. */
  formFor(asked: Asked): DeployForm | RollbackForm | null
  /** Why this person may not be shown that; null where they may. Asked before anything of a form is sent. Does not throw. */
  mayNotRead(who: Presence, shown: Shown): Promise<Refusal | null>
  deployForm(chosen: { readonly service: string | null; readonly environment: string | null }): DeployForm
  /** Does not throw: what cannot be read says why. */
  serving(at: Named): Promise<ServingNow>
  /** The last commits of the branch that ships there, the newest first; none where nothing ships there. Throws `Trouble`. */
  commits(at: Named): Promise<readonly DatedCommit[]>
}

/** A form that is on somebody's screen. `hash`: of what it shows; null: whatever it shows. */
export type OpenForm = { readonly id: string; readonly hash: string | null }

/** `view` null: it was opened before, by a process that was killed. `why`: for people, without a full stop. */
export type Opened =
  | { readonly opened: true; readonly view: OpenForm | null }
  | { readonly opened: false; readonly why: string }

/** Forms on people's screens. Nothing here throws. */
export interface Forms {
  /**
   * Opens it before whoever did this. A trigger lives 3 s and opens once: however often it is asked for, it is sent once.
   * @param channel where answers go
   */
  open(ask: { readonly trigger: string; readonly channel: string; readonly form: Form }): Promise<Opened>
  /** Shows something else in it. `gone`: the person closed it, or it shows something newer. */
  show(
    view: OpenForm,
    ask: { readonly channel: string; readonly form: Form },
  ): Promise<OpenForm | 'gone' | 'trouble'>
}
