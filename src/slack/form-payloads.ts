import { z } from 'zod'
import type { Named, OpenForm } from '../messages/form.ts'
import type { Asked, InboxItem } from '../messages/intent.ts'
import type { Presence } from '../ports/ports.ts'
import { isRef } from './deploy-words.ts'
import { clean } from './escape.ts'
import { callback, type FieldName, formPrefix, isNewest, longestReason, newestOf } from './form-parts.ts'
import { fieldErrors } from './form-words.ts'
import { actor, json, ownTeam, type Received, record } from './payloads.ts'

const text = z.string().catch('')

const selected = z.object({ selected_option: z.object({ value: z.string() }).nullish() })
const typed = z.object({ value: z.string().nullish() })
const values = z.record(z.string(), z.record(z.string(), selected.and(typed).catch({}))).catch({})

const view = z.object({
  id: text,
  hash: text,
  callback_id: text,
  private_metadata: text,
  state: z.object({ values }).catch({ values: {} }),
})
const noView = { id: '', hash: '', callback_id: '', private_metadata: '', state: { values: {} } }
const sent = actor.extend({ view: view.catch(noView), action_id: text, value: text })
type Sent = z.infer<typeof sent>

const name = z.string().max(1_000).nullable().catch(null)
const route = z.object({ channel: text, service: name, environment: name, releaseId: text })

/** The fields with errors: block id to message. */
export type FieldErrors = Readonly<Record<string, string>>

/** The branch that deploys to a service environment; null if none does. */
type BranchOf = (at: Named) => string | null

/** A submitted form as the inbox stores it, or its errors; null if the form is not twokey's. */
export function submittedItem({
  payload,
  now,
  branchOf,
}: Pick<Received, 'payload' | 'now'> & { readonly branchOf: BranchOf }):
  | InboxItem
  | { readonly errors: FieldErrors }
  | null {
  const read = sent.parse(record(payload))
  const asked = requestOf(read, branchOf)
  if (asked === null || 'errors' in asked) return asked
  return {
    id: `view:${read.view.id}:${read.view.hash}`,
    asked,
    from: { ...actorOf(read), channel: routed(read).channel, responseUrl: null },
    receivedAt: now,
  }
}

function requestOf(read: Sent, branchOf: BranchOf): Asked | { readonly errors: FieldErrors } | null {
  switch (read.view.callback_id) {
    case callback('deploy'):
      return deployRequest(read, branchOf)
    case callback('rollback'):
      return rollbackRequest(read)
    case callback('reason'):
      return reasonRequest(read)
    default:
      return null
  }
}

function deployRequest(read: Sent, branchOf: BranchOf): Asked | { readonly errors: FieldErrors } {
  const [service, environment, ref] = [
    fieldOf(read, 'service'),
    fieldOf(read, 'environment'),
    fieldOf(read, 'ref'),
  ]
  if (service.value === null) return wrong(service, fieldErrors.service)
  if (environment.value === null) return wrong(environment, fieldErrors.environment)
  if (ref.value === null) return wrong(ref, fieldErrors.noRef)
  const serviceEnvironment = { service: service.value, environment: environment.value }
  if (!isNewest(ref.value))
    return isRef(ref.value)
      ? { ask: 'deploy', ...serviceEnvironment, ref: ref.value }
      : wrong(ref, fieldErrors.ref)
  return isNewestOf(branchOf(serviceEnvironment), ref.value)
    ? { ask: 'deploy', ...serviceEnvironment, ref: null }
    : wrong(ref, fieldErrors.otherBranch)
}

/** The form names another branch if it was submitted before it showed the last choice, or after a change of `twokey.yml`. */
function isNewestOf(branch: string | null, value: string): boolean {
  return branch === null || value === newestOf(null) || value === newestOf(branch)
}

function rollbackRequest(read: Sent): Asked | { readonly errors: FieldErrors } {
  const { service, environment } = routed(read)
  const revision = fieldOf(read, 'revision')
  const number = Number(revision.value)
  if (service === null || environment === null || !Number.isSafeInteger(number) || number < 1)
    return wrong(revision, fieldErrors.revision)
  return { ask: 'rollback', service, environment, revision: number }
}

function reasonRequest(read: Sent): Asked | { readonly errors: FieldErrors } {
  const field = fieldOf(read, 'reason')
  const reason = clean(field.value ?? '').trim()
  if (reason === '') return wrong(field, fieldErrors.reason)
  return { ask: 'reason', releaseId: routed(read).releaseId, reason: reason.slice(0, longestReason) }
}

type Field = { readonly block: string; readonly value: string | null }

/** The chosen or typed value and its block. A block gets a new id when the form changes. */
function fieldOf({ view: { state } }: Sent, field: FieldName): Field {
  for (const [block, actions] of Object.entries(state.values)) {
    const answer = actions[callback(field)]
    if (answer) return { block, value: answer.selected_option?.value ?? answer.value ?? null }
  }
  return { block: field, value: null }
}

function wrong({ block }: Field, why: string): { readonly errors: FieldErrors } {
  return { errors: { [block]: why } }
}

/** A choice that changes what the form shows. */
export type Selection = {
  readonly by: Presence
  readonly view: OpenForm
  readonly channel: string
  readonly service: string | null
  readonly environment: string | null
}

/** The chosen service and environment; null if the form is not one of a deploy. */
export function selectionOf(payload: unknown): Selection | null {
  const read = sent.parse(record(payload))
  if (read.view.callback_id !== callback('deploy') || read.view.id === '') return null
  return {
    by: actorOf(read),
    // The newest choice is shown, even if the form has changed meanwhile.
    view: { id: read.view.id, hash: null },
    channel: routed(read).channel,
    service: fieldOf(read, 'service').value,
    environment: fieldOf(read, 'environment').value,
  }
}

/** A menu's request for options while a person types. */
export type Suggestion = {
  readonly by: Presence
  readonly field: string
  readonly typed: string
  readonly service: string | null
  readonly environment: string | null
}

/** Service and environment as the form last showed them: Slack does not send what is chosen in other fields. */
export function suggestionOf(payload: unknown): Suggestion {
  const read = sent.parse(record(payload))
  const { service, environment } = routed(read)
  const field = read.action_id.slice(formPrefix.length)
  return { by: actorOf(read), field, typed: read.value, service, environment }
}

function actorOf(read: Sent): { readonly user: string; readonly team: string } {
  return { user: read.user.id, team: ownTeam(read) }
}

function routed({ view: { private_metadata } }: Sent): z.infer<typeof route> {
  return route.parse(record(json(private_metadata)))
}
