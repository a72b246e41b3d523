import { createRelease } from '../engine/create-release.ts'
import type { InboxItem } from '../messages/intent.ts'
import { Trouble } from '../ports/ports.ts'
import type { Time } from '../release/names.ts'
import { binding } from '../release/policy/approval-round.ts'
import type { Request } from '../release/request.ts'
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

/**
 * How old what was read for a request may be when its release is created, ms. Reads take seconds, so only a process that was
 * paused exceeds it: by then something else may serve.
 */
const mostAgeMs = 2 * 60_000

/** How often everything is read for a request at most. */
const mostReads = 3

/** What was read for a request is too old; the transaction is undone. */
class OutOfDate extends Error {}

/** Requests a new release, from a command, a form or a button. Reads everything again if it is too old in the end. */
export async function askFor(
  deps: AnswerDeps,
  item: InboxItem,
  serviceEnvironment: ServiceEnvironment,
  prepare: () => Promise<Prepared>,
): Promise<void> {
  for (let reads = 1; reads <= mostReads; reads += 1) {
    const since = deps.clock()
    const prepared = await prepareSafely(deps, item, prepare)
    if ('refused' in prepared) return completeWithRefusal(deps, item, prepared.refused, serviceEnvironment)
    await deps.checkpoint('before request committed')
    try {
      await create(deps, item, { request: prepared.request, since, serviceEnvironment })
      return await deps.checkpoint('request committed')
    } catch (error) {
      if (!(error instanceof OutOfDate)) throw error
    }
  }
  const slow = new Trouble('passing', 'reading what the release needs took too long')
  return completeWithRefusal(deps, item, nothingDone(deps, item, slow), serviceEnvironment)
}

/** Creates the release. Throws `OutOfDate`. @param since when its reads began */
async function create(
  deps: AnswerDeps,
  item: InboxItem,
  {
    request,
    since,
    serviceEnvironment,
  }: {
    readonly request: Request
    readonly since: Time
    readonly serviceEnvironment: ServiceEnvironment
  },
): Promise<void> {
  await completeInTransaction(deps, item, async (tx, now) => {
    if (now - since > mostAgeMs) throw new OutOfDate()
    const created = await createRelease(tx, { request, settings: deps.settings, now })
    if ('refused' in created) {
      const { refused: refusal } = created
      const about = binding(request)
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
