import { createRelease } from '../engine/create-release.ts'
import type { InboxItem } from '../messages/intent.ts'
import { binding } from '../release/policy/approval-round.ts'
import type { ServiceEnvironment } from '../settings/settings.ts'
import { auditRefusal } from './audit-refusal.ts'
import {
  type AnswerDeps,
  completeInTransaction,
  completeWithRefusal,
  nothingDone,
  refusalReply,
} from './complete.ts'
import type { Prepared } from './prepare.ts'

/** Requests a new release, from a command, a form or a button. */
export async function askFor(
  deps: AnswerDeps,
  item: InboxItem,
  serviceEnvironment: ServiceEnvironment,
  prepare: () => Promise<Prepared>,
): Promise<void> {
  const prepared = await prepareSafely(deps, item, prepare)
  if ('refused' in prepared) return completeWithRefusal(deps, item, prepared.refused, serviceEnvironment)
  await deps.checkpoint('before request committed')
  await completeInTransaction(deps, item, async (tx, now) => {
    const created = await createRelease(tx, { request: prepared.request, settings: deps.settings, now })
    if ('refused' in created) {
      const { refused: refusal } = created
      const about = binding(prepared.request)
      await auditRefusal(tx, { item, refusal, settings: deps.settings, serviceEnvironment, about }, now)
      return refusalReply(tx, refusal)
    }
    const { asked, from } = item
    if (asked.ask === 'action')
      await tx.audit(
        asked.releaseId,
        [{ actor: from.user, what: asked.action, detail: { as: created.release.id } }],
        now,
      )
    if (serviceEnvironment.channel === item.from.channel) return null
    return {
      reply: 'asked',
      releaseId: created.release.id,
      headline: created.headline,
      channel: serviceEnvironment.channel,
    }
  })
  await deps.checkpoint('request committed')
}

async function prepareSafely(
  deps: AnswerDeps,
  item: InboxItem,
  prepare: () => Promise<Prepared>,
): Promise<Prepared> {
  try {
    return await prepare()
  } catch (error) {
    return { refused: nothingDone(deps, item, error) }
  }
}
