import type { Logger } from 'pino'
import type { Forms } from '../messages/form.ts'
import type { InboxItem } from '../messages/intent.ts'
import type { DoctorReply, Reply } from '../messages/reply.ts'
import type { Clock } from '../ports/clock.ts'
import type { DeployRoleCheck } from '../ports/gates.ts'
import type { Outside } from '../ports/outside.ts'
import { type Checkpoint, ControllerExternal, Trouble } from '../ports/ports.ts'
import type { PersonId, ServiceEnvironmentName } from '../release/names.ts'
import type { Refusal } from '../release/refusal.ts'
import { controllerExternal } from '../release/refusals/revisions.ts'
import { couldNotRead, ownError } from '../release/refusals/trouble.ts'
import type { ServiceEnvironment, Settings } from '../settings/settings.ts'
import type { Store, Transaction } from '../store/store.ts'
import type { ExternalRuns } from '../watchers/external-runs.ts'
import { auditRefusal, isAudited } from './audit-refusal.ts'

export type AnswerDeps = {
  readonly store: Store
  readonly outside: Outside
  readonly settings: Settings
  readonly clock: Clock
  readonly newId: () => string
  readonly checkpoint: Checkpoint
  readonly forms: Forms
  readonly gates: Pick<ExternalRuns, 'gateOf' | 'startsAt'>
  /** Looks for faults in the live setup. `environment` null: of all environments. Does not throw. */
  readonly doctor: (environment: string | null) => Promise<DoctorReply>
  /** Whether the deploy role leads past the gate, as far as that is known at once. Does not throw. */
  readonly deployRole: (serviceEnvironment: ServiceEnvironment) => Promise<DeployRoleCheck>
  readonly log: Pick<Logger, 'error'>
}

/** Completes the item with its answer in one transaction. A redelivered item that is done changes nothing. */
export async function completeInTransaction(
  deps: AnswerDeps,
  item: InboxItem,
  work: (tx: Transaction, now: number) => Promise<Reply | null>,
): Promise<void> {
  const { user } = item.from
  const name = isAudited(item.asked) ? deps.outside.people.knownName(user) : null
  await deps.store.transact(async (tx) => {
    const now = deps.clock()
    if (!(await tx.finish(item.id, now))) return
    if (name !== null) await tx.noteName(user, name, now)
    const reply = await work(tx, now)
    if (reply) await tx.reply(item.from, addressed(reply, user), now)
  })
}

/** An answer as the person reads it: what they did themselves is said of "you". */
function addressed(reply: Reply, user: PersonId): Reply {
  if (reply.reply !== 'refusal') return reply
  const { refusal } = reply
  const sentence = refusal.sentence
    .replaceAll(`by <@${user}>`, 'by you')
    .replaceAll(`: <@${user}> is `, ': you are ')
  return { ...reply, refusal: { ...refusal, sentence } }
}

/** Completes the item with an answer and nothing else. */
export async function completeWithReply(deps: AnswerDeps, item: InboxItem, reply: Reply): Promise<void> {
  await deps.checkpoint('before reply committed')
  await completeInTransaction(deps, item, async () => reply)
  await deps.checkpoint('reply committed')
}

/** Completes the item with a refusal, and audits it. */
export async function completeWithRefusal(
  deps: AnswerDeps,
  item: InboxItem,
  refusal: Refusal,
  serviceEnvironment?: ServiceEnvironmentName,
): Promise<void> {
  await deps.checkpoint('before reply committed')
  await completeInTransaction(deps, item, async (tx, now) => {
    await auditRefusal(tx, { item, refusal, settings: deps.settings, serviceEnvironment }, now)
    return refusalReply(tx, refusal)
  })
  await deps.checkpoint('reply committed')
}

/** The answer for a refusal, with a link to the card of the release that it concerns. */
export async function refusalReply(tx: Transaction, refusal: Refusal): Promise<Reply> {
  const card = refusal.about === undefined ? null : await tx.card(refusal.about)
  return { reply: 'refusal', refusal, ...(card && { card }) }
}

/** The refusal of a request that failed, with the reason. An error that is no trouble outside is our own, and logged. */
export function nothingDone(
  { log }: Pick<AnswerDeps, 'log'>,
  { id, asked }: InboxItem,
  error: unknown,
): Refusal {
  if (!(error instanceof Trouble)) {
    log.error({ err: error, inbox: id, asked: asked.ask }, 'a request failed with an internal error')
    return ownError(id.slice(-12))
  }
  return error instanceof ControllerExternal
    ? controllerExternal(error.service)
    : couldNotRead(error.message, error.kind)
}
