import type { DatedCommit, Presence } from '../ports/ports.ts'
import type { Refusal } from '../release/refusal.ts'
import type { Revision } from '../release/revision.ts'
import type { Asked } from './intent.ts'
import type { Reply } from './reply.ts'

/** A form on one person's screen, with what is known while they fill it in. Slack's cards render it. */
export type Form = DeployForm | RollbackForm | ReasonForm | RefusedForm

/** What to deploy, and where; the person chooses what is `null`. */
export type DeployForm = {
  readonly form: 'deploy'
  readonly services: readonly string[]
  readonly environments: readonly string[]
  readonly service: string | null
  readonly environment: string | null
  /** The branch that deploys there, whose newest commit is offered first; null: not known yet, or no branch deploys there. */
  readonly branch: string | null
  readonly serving: ServingNow
}

/** The revisions that deployed successfully there; null while they are looked up. */
export type RollbackForm = {
  readonly form: 'rollback'
  readonly service: string
  readonly environment: string
  readonly revisions: Extract<Reply, { reply: 'revisions' }> | null
}

/** Asks why a release was rejected. */
export type ReasonForm = {
  readonly form: 'reason'
  readonly releaseId: string
  readonly service: string
  readonly environment: string
}

/** A form that cannot be filled in after all. */
type RefusedForm = { readonly form: 'refused'; readonly refusal: Refusal }

/** What runs in the service environment of the form. `open`: service or environment is not chosen yet. */
export type ServingNow =
  | { readonly seen: 'open' }
  | { readonly seen: 'looking' }
  | { readonly seen: 'yes'; readonly revision: Pick<Revision, 'name' | 'commit' | 'unknown'> }
  | { readonly seen: 'no'; readonly why: string }

/** The names of a service and of an environment. */
export type Named = { readonly service: string; readonly environment: string }

/** What an answer is limited to; null: all services, or all environments. */
export type Shown = { readonly service: string | null; readonly environment: string | null }

/** All services in all environments. */
export const everything: Shown = { service: null, environment: null }

/** The service environments that the menus of a form show. Those of a deploy list all of them, whatever is chosen. */
export function shownBy(form: DeployForm | RollbackForm): Shown {
  switch (form.form) {
    case 'deploy':
      return everything
    case 'rollback':
      return { service: form.service, environment: form.environment }
  }
}

/** The lookups that fill in a form. */
export interface FormSource {
  /** The form that answers the request; null if none does. */
  formFor(asked: Asked): DeployForm | RollbackForm | null
  /** Why this person may not read that; null if they may. Checked before any part of a form is sent. Does not throw. */
  mayNotRead(who: Presence, shown: Shown): Promise<Refusal | null>
  deployForm(chosen: { readonly service: string | null; readonly environment: string | null }): DeployForm
  /** Does not throw: what cannot be read carries the reason. */
  serving(at: Named): Promise<ServingNow>
  /** The last commits of the branch that deploys there, newest first; empty if no branch does. Throws `Trouble`. */
  commits(at: Named): Promise<readonly DatedCommit[]>
}

/** A form on a person's screen. `hash` is that of its current content; null: whatever it shows. */
export type OpenForm = { readonly id: string; readonly hash: string | null }

/** `view` null: a process that was killed had already opened it. `why` is for people, without a full stop. */
export type Opened =
  | { readonly opened: true; readonly view: OpenForm | null }
  | { readonly opened: false; readonly why: string }

/** Forms on people's screens. Nothing here throws. */
export interface Forms {
  /**
   * Opens the form for the person who sent the trigger. A trigger lives 3 s and opens once, so the form is sent once, however
   * often this is called.
   * @param channel where answers go
   */
  open(ask: { readonly trigger: string; readonly channel: string; readonly form: Form }): Promise<Opened>
  /** Replaces its content. `gone`: the person closed it, or it already shows something newer. */
  show(
    view: OpenForm,
    ask: { readonly channel: string; readonly form: Form },
  ): Promise<OpenForm | 'gone' | 'trouble'>
}
