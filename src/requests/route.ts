import { everything, shownBy } from '../messages/form.ts'
import type { Asked, InboxItem } from '../messages/intent.ts'
import type { Reply } from '../messages/reply.ts'
import { nothingInFlight } from '../release/refusals/asking.ts'
import { buttonUnknown, commandTooOld, notSupportedYet } from '../release/refusals/trouble.ts'
import { endedBeforeItsRun, isEnded } from '../release/release.ts'
import { act } from './button.ts'
import { chooseForDeploy, chooseForRollback } from './choose.ts'
import { type AnswerDeps, nothingDone, refused, replied } from './complete.ts'
import { formFor } from './form-source.ts'
import { lookedHistory } from './history.ts'
import { lock, unlock } from './locks.ts'
import { askWhatToDeploy, askWhichRevision } from './open-form.ts'
import { prepareDeploy, prepareRollback } from './prepare.ts'
import { toReaders, unreadable } from './readers.ts'
import { explain } from './rejection-reason.ts'
import { askFor } from './request-release.ts'
import { revisions } from './revisions.ts'
import { status } from './status.ts'

/** What asks for something new and lay in the store for longer than this was not meant for now, ms. */
const staleAfterMs = 10 * 60_000

/** Works on one thing asked: looks up what is needed, then decides and answers in one transaction. */
export async function answer(needs: AnswerDeps, item: InboxItem): Promise<void> {
  const { asked } = item
  const isLate = needs.clock() - item.receivedAt > staleAfterMs
  if (isLate && startsAnew(asked)) return refused(needs, item, commandTooOld(item.receivedAt))
  if (asked.ask === 'action') return act(needs, { ...item, asked })
  if (asked.ask === 'reason') return explain(needs, { ...item, asked })
  if (asked.ask === 'unknown-button') return refused(needs, item, buttonUnknown())
  if (isLate) return refused(needs, item, commandTooOld(item.receivedAt))
  switch (asked.ask) {
    case 'form':
      return form(needs, item, asked)
    case 'deploy':
      return deploy(needs, item, asked)
    case 'rollback':
      return rollback(needs, item, asked)
    case 'cancel':
      return cancel(needs, item)
    case 'lock':
      return lock(needs, item, asked)
    case 'unlock':
      return unlock(needs, item, asked)
    default:
      return inform(needs, item, asked)
  }
}

/** A button that asks for something new, as a command does: the round of its card does not hold it to what it showed. */
function startsAnew(asked: Asked): boolean {
  return (
    asked.ask === 'action' &&
    (asked.action === 'retry' || asked.action === 'roll-back' || asked.action === 'lock')
  )
}

/** What is more than told. */
type AnsweredAlone =
  | 'form'
  | 'deploy'
  | 'rollback'
  | 'cancel'
  | 'lock'
  | 'unlock'
  | 'reason'
  | 'action'
  | 'unknown-button'

async function inform(
  needs: AnswerDeps,
  item: InboxItem,
  asked: Exclude<Asked, { ask: AnsweredAlone }>,
): Promise<void> {
  const { services, environments } = needs.settings
  switch (asked.ask) {
    case 'help': {
      const names = (await unreadable(needs, item, everything))
        ? { services: [], environments: [] }
        : { services, environments }
      return replied(needs, item, { reply: 'help', command: asked.command, ...names })
    }
    case 'unclear':
      // What was nearly typed, and why it is none of what may be, names services and environments.
      return toReaders(needs, item, everything, () =>
        replied(needs, item, {
          reply: 'unclear',
          said: asked.said,
          why: asked.why,
          nearest: asked.nearest,
          command: asked.command,
          ...(asked.usage !== undefined && { usage: asked.usage }),
          services,
          environments,
        }),
      )
    case 'unsupported':
      return replied(needs, item, { reply: 'refusal', refusal: notSupportedYet(asked.what) })
    case 'status':
      return toReaders(needs, item, asked, async () =>
        replied(needs, item, await troubled(needs, item, () => status(needs, asked))),
      )
    case 'history':
      return toReaders(needs, item, asked, async () =>
        replied(
          needs,
          item,
          await troubled(needs, item, () =>
            lookedHistory(needs, { asked, asker: item.from.user }, needs.settings.serviceEnvironments),
          ),
        ),
      )
  }
}

async function form(
  needs: AnswerDeps,
  item: InboxItem,
  asked: Extract<Asked, { ask: 'form' }>,
): Promise<void> {
  const wanted = formFor(needs.settings, asked)
  if (wanted?.form !== 'deploy') throw new Error('no form answers /deploy')
  const { environments, services } = needs.settings
  const next = `Type \`/deploy ${environments[0]} ${services[0]}\`, or \`/deploy help\` for more.`
  await toReaders(needs, item, shownBy(wanted), () =>
    askWhatToDeploy(needs, item, { form: wanted, otherwise: { next } }),
  )
}

async function deploy(
  needs: AnswerDeps,
  item: InboxItem,
  asked: Extract<Asked, { ask: 'deploy' }>,
): Promise<void> {
  const chosen = chooseForDeploy(needs.settings, asked.service, asked.environment)
  const wanted = formFor(needs.settings, asked)
  if ('refused' in chosen) {
    const { refused: otherwise } = chosen
    return toReaders(needs, item, everything, () =>
      wanted?.form === 'deploy' && asked.emergency === undefined
        ? askWhatToDeploy(needs, item, { form: wanted, otherwise })
        : refused(needs, item, otherwise),
    )
  }
  await askFor(needs, item, chosen.place, () =>
    prepareDeploy(needs, {
      place: chosen.place,
      from: item.from,
      ref: asked.ref,
      emergency: asked.emergency,
    }),
  )
}

async function rollback(
  needs: AnswerDeps,
  item: InboxItem,
  asked: Extract<Asked, { ask: 'rollback' }>,
): Promise<void> {
  const chosen = chooseForRollback(needs.settings, asked.service, asked.environment)
  if ('refused' in chosen)
    return toReaders(needs, item, everything, () => refused(needs, item, chosen.refused))
  const { place } = chosen
  const { revision } = asked
  const wanted = formFor(needs.settings, asked)
  const look = () => troubled(needs, item, () => revisions(needs, place))
  if (wanted?.form === 'rollback')
    return toReaders(needs, item, shownBy(wanted), () =>
      askWhichRevision(needs, item, { form: wanted, look }),
    )
  if (revision === null) return toReaders(needs, item, place, async () => replied(needs, item, await look()))
  await askFor(needs, item, place, () => prepareRollback(needs, { place, from: item.from, number: revision }))
}

async function cancel(needs: AnswerDeps, item: InboxItem): Promise<void> {
  const mine = (await needs.store.inFlight()).filter(
    (release) => release.requester === item.from.user && (!isEnded(release) || endedBeforeItsRun(release)),
  )
  const [only, ...others] = mine
  if (only === undefined) return refused(needs, item, nothingInFlight())
  if (others.length > 0)
    return toReaders(needs, item, everything, () =>
      replied(needs, item, { reply: 'pick-cancel', releases: mine }),
    )
  const card = (await needs.store.card(only.id)) ?? { channel: only.channel, ts: '' }
  await act(needs, {
    ...item,
    asked: { ask: 'action', action: 'cancel', releaseId: only.id, round: null, card },
  })
}

async function troubled(needs: AnswerDeps, item: InboxItem, look: () => Promise<Reply>): Promise<Reply> {
  try {
    return await look()
  } catch (error) {
    return { reply: 'refusal', refusal: nothingDone(needs, item, error) }
  }
}
