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
export async function answer(deps: AnswerDeps, item: InboxItem): Promise<void> {
  const { asked } = item
  const isLate = deps.clock() - item.receivedAt > staleAfterMs
  if (isLate && startsAnew(asked)) return refused(deps, item, commandTooOld(item.receivedAt))
  if (asked.ask === 'action') return act(deps, { ...item, asked })
  if (asked.ask === 'reason') return explain(deps, { ...item, asked })
  if (asked.ask === 'unknown-button') return refused(deps, item, buttonUnknown())
  if (isLate) return refused(deps, item, commandTooOld(item.receivedAt))
  switch (asked.ask) {
    case 'form':
      return form(deps, item, asked)
    case 'deploy':
      return deploy(deps, item, asked)
    case 'rollback':
      return rollback(deps, item, asked)
    case 'cancel':
      return cancel(deps, item)
    case 'lock':
      return lock(deps, item, asked)
    case 'unlock':
      return unlock(deps, item, asked)
    default:
      return inform(deps, item, asked)
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
  deps: AnswerDeps,
  item: InboxItem,
  asked: Exclude<Asked, { ask: AnsweredAlone }>,
): Promise<void> {
  const { services, environments } = deps.settings
  switch (asked.ask) {
    case 'help': {
      const names = (await unreadable(deps, item, everything))
        ? { services: [], environments: [] }
        : { services, environments }
      return replied(deps, item, { reply: 'help', command: asked.command, ...names })
    }
    case 'unclear':
      // What was nearly typed, and why it is none of what may be, names services and environments.
      return toReaders(deps, item, everything, () =>
        replied(deps, item, {
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
      return replied(deps, item, { reply: 'refusal', refusal: notSupportedYet(asked.what) })
    case 'status':
      return toReaders(deps, item, asked, async () =>
        replied(deps, item, await troubled(deps, item, () => status(deps, asked))),
      )
    case 'history':
      return toReaders(deps, item, asked, async () =>
        replied(
          deps,
          item,
          await troubled(deps, item, () =>
            lookedHistory(deps, { asked, asker: item.from.user }, deps.settings.serviceEnvironments),
          ),
        ),
      )
  }
}

async function form(
  deps: AnswerDeps,
  item: InboxItem,
  asked: Extract<Asked, { ask: 'form' }>,
): Promise<void> {
  const wanted = formFor(deps.settings, asked)
  if (wanted?.form !== 'deploy') throw new Error('no form answers /deploy')
  const { environments, services } = deps.settings
  const next = `Type \`/deploy ${environments[0]} ${services[0]}\`, or \`/deploy help\` for more.`
  await toReaders(deps, item, shownBy(wanted), () =>
    askWhatToDeploy(deps, item, { form: wanted, otherwise: { next } }),
  )
}

async function deploy(
  deps: AnswerDeps,
  item: InboxItem,
  asked: Extract<Asked, { ask: 'deploy' }>,
): Promise<void> {
  const chosen = chooseForDeploy(deps.settings, asked.service, asked.environment)
  const wanted = formFor(deps.settings, asked)
  if ('refused' in chosen) {
    const { refused: otherwise } = chosen
    return toReaders(deps, item, everything, () =>
      wanted?.form === 'deploy' && asked.emergency === undefined
        ? askWhatToDeploy(deps, item, { form: wanted, otherwise })
        : refused(deps, item, otherwise),
    )
  }
  await askFor(deps, item, chosen.place, () =>
    prepareDeploy(deps, {
      place: chosen.place,
      from: item.from,
      ref: asked.ref,
      emergency: asked.emergency,
    }),
  )
}

async function rollback(
  deps: AnswerDeps,
  item: InboxItem,
  asked: Extract<Asked, { ask: 'rollback' }>,
): Promise<void> {
  const chosen = chooseForRollback(deps.settings, asked.service, asked.environment)
  if ('refused' in chosen) return toReaders(deps, item, everything, () => refused(deps, item, chosen.refused))
  const { place } = chosen
  const { revision } = asked
  const wanted = formFor(deps.settings, asked)
  const look = () => troubled(deps, item, () => revisions(deps, place))
  if (wanted?.form === 'rollback')
    return toReaders(deps, item, shownBy(wanted), () => askWhichRevision(deps, item, { form: wanted, look }))
  if (revision === null) return toReaders(deps, item, place, async () => replied(deps, item, await look()))
  await askFor(deps, item, place, () => prepareRollback(deps, { place, from: item.from, number: revision }))
}

async function cancel(deps: AnswerDeps, item: InboxItem): Promise<void> {
  const mine = (await deps.store.inFlight()).filter(
    (release) => release.requester === item.from.user && (!isEnded(release) || endedBeforeItsRun(release)),
  )
  const [only, ...others] = mine
  if (only === undefined) return refused(deps, item, nothingInFlight())
  if (others.length > 0)
    return toReaders(deps, item, everything, () =>
      replied(deps, item, { reply: 'pick-cancel', releases: mine }),
    )
  const card = (await deps.store.card(only.id)) ?? { channel: only.channel, ts: '' }
  await act(deps, {
    ...item,
    asked: { ask: 'action', action: 'cancel', releaseId: only.id, round: null, card },
  })
}

async function troubled(deps: AnswerDeps, item: InboxItem, look: () => Promise<Reply>): Promise<Reply> {
  try {
    return await look()
  } catch (error) {
    return { reply: 'refusal', refusal: nothingDone(deps, item, error) }
  }
}
