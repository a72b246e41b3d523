import { everything, shownBy } from '../messages/form.ts'
import type { Asked, InboxItem } from '../messages/intent.ts'
import type { Reply } from '../messages/reply.ts'
import { isDeciding } from '../release/actions/actions.ts'
import { nothingInFlight } from '../release/refusals/asking.ts'
import { buttonUnknown, commandTooOld, notSupportedYet } from '../release/refusals/trouble.ts'
import { endedBeforeItsRun, isEnded } from '../release/release.ts'
import { cancelRelease, clickedButton } from './button.ts'
import { chooseForDeploy, chooseForRollback } from './choose.ts'
import { type AnswerDeps, completeWithRefusal, completeWithReply, nothingDone } from './complete.ts'
import { formFor } from './form-source.ts'
import { freshHistory } from './history.ts'
import { lock, unlock } from './locks.ts'
import { notify } from './notify.ts'
import { askWhatToDeploy, askWhichRevision } from './open-form.ts'
import { prepareDeploy, prepareRollback } from './prepare.ts'
import { answerReaders, unreadable } from './readers.ts'
import { explain } from './rejection-reason.ts'
import { askFor } from './request-release.ts'
import { revisions } from './revisions.ts'
import { status } from './status.ts'

/** The age at which a stored request for something new expires, because it is no longer meant, ms. */
const staleAfterMs = 10 * 60_000

/** The route of one kind of request: its handler, and whether it expires. */
type Route<A extends Asked> = {
  readonly work: (deps: AnswerDeps, item: InboxItem & { readonly asked: A }) => Promise<void>
  readonly expires: (asked: A) => boolean
}

type ItemOf<Ask extends Asked['ask']> = InboxItem & { readonly asked: Extract<Asked, { readonly ask: Ask }> }

const always = () => true
const never = () => false

const routes: { readonly [Ask in Asked['ask']]: Route<Extract<Asked, { readonly ask: Ask }>> } = {
  // A button that requests something new expires as a command does, because the round of its card does not bind what it
  // showed.
  action: { work: clickedButton, expires: ({ action }) => !isDeciding(action) },
  'unknown-button': {
    work: (deps, item) => completeWithRefusal(deps, item, buttonUnknown()),
    expires: never,
  },
  reason: { work: explain, expires: never },
  // The release that the command means may have changed; a picked one is fixed.
  cancel: { work: cancel, expires: ({ releaseId }) => releaseId === undefined },
  form: { work: form, expires: always },
  deploy: { work: deploy, expires: always },
  rollback: { work: rollback, expires: always },
  lock: { work: (deps, item) => lock(deps, item, item.asked), expires: always },
  unlock: { work: (deps, item) => unlock(deps, item, item.asked), expires: always },
  help: { work: help, expires: always },
  notify: { work: (deps, item) => notify(deps, item, item.asked.choice), expires: always },
  doctor: { work: askDoctor, expires: always },
  unclear: { work: unclear, expires: always },
  unsupported: {
    work: (deps, item) => completeWithRefusal(deps, item, notSupportedYet(item.asked.what)),
    expires: always,
  },
  status: { work: showStatus, expires: always },
  history: { work: showHistory, expires: always },
}

/** Handles one request: looks up what is needed, then decides and answers in one transaction. */
export async function answer(deps: AnswerDeps, item: InboxItem): Promise<void> {
  // Each kind has its own type of route, which TypeScript does not follow through the union of kinds.
  const { work, expires } = routes[item.asked.ask] as Route<Asked>
  const isLate = deps.clock() - item.receivedAt > staleAfterMs
  if (isLate && expires(item.asked)) return completeWithRefusal(deps, item, commandTooOld(item.receivedAt))
  return work(deps, item)
}

async function help(deps: AnswerDeps, item: ItemOf<'help'>): Promise<void> {
  const { services, environments } = deps.settings
  const names = (await unreadable(deps, item, everything))
    ? { services: [], environments: [] }
    : { services, environments }
  return completeWithReply(deps, item, { reply: 'help', command: item.asked.command, ...names })
}

/** The answer to an unclear command names services and environments, so only readers get it. */
async function unclear(deps: AnswerDeps, item: ItemOf<'unclear'>): Promise<void> {
  const { services, environments } = deps.settings
  const { said, why, nearest, command, usage } = item.asked
  return answerReaders(deps, item, everything, () =>
    completeWithReply(deps, item, {
      reply: 'unclear',
      said,
      why,
      nearest,
      command,
      ...(usage !== undefined && { usage }),
      services,
      environments,
    }),
  )
}

async function askDoctor(deps: AnswerDeps, item: ItemOf<'doctor'>): Promise<void> {
  const { environment } = item.asked
  return answerReaders(deps, item, { service: null, environment }, async () =>
    completeWithReply(deps, item, await troubled(deps, item, () => deps.doctor(environment))),
  )
}

async function showStatus(deps: AnswerDeps, item: ItemOf<'status'>): Promise<void> {
  const { asked } = item
  return answerReaders(deps, item, asked, async () =>
    completeWithReply(deps, item, await troubled(deps, item, () => status(deps, asked))),
  )
}

async function showHistory(deps: AnswerDeps, item: ItemOf<'history'>): Promise<void> {
  const { asked, from } = item
  const look = () => freshHistory(deps, { asked, asker: from.user }, deps.settings.serviceEnvironments)
  return answerReaders(deps, item, asked, async () =>
    completeWithReply(deps, item, await troubled(deps, item, look)),
  )
}

async function form(deps: AnswerDeps, item: ItemOf<'form'>): Promise<void> {
  const wanted = formFor(deps.settings, item.asked)
  if (wanted?.form !== 'deploy') throw new Error('no form answers /deploy')
  const { environments, services } = deps.settings
  const next = `Type \`/deploy ${environments[0]} ${services[0]}\`, or \`/deploy help\` for more.`
  await answerReaders(deps, item, shownBy(wanted), () =>
    askWhatToDeploy(deps, item, { form: wanted, otherwise: { next } }),
  )
}

async function deploy(deps: AnswerDeps, item: ItemOf<'deploy'>): Promise<void> {
  const { asked } = item
  const chosen = chooseForDeploy(deps.settings, asked.service, asked.environment)
  const wanted = formFor(deps.settings, asked)
  if ('refused' in chosen) {
    const { refused: otherwise } = chosen
    return answerReaders(deps, item, everything, () =>
      wanted?.form === 'deploy' && asked.emergency === undefined
        ? askWhatToDeploy(deps, item, { form: wanted, otherwise })
        : completeWithRefusal(deps, item, otherwise),
    )
  }
  await askFor(deps, item, chosen.serviceEnvironment, () =>
    prepareDeploy(deps, {
      serviceEnvironment: chosen.serviceEnvironment,
      from: item.from,
      ref: asked.ref,
      emergency: asked.emergency,
    }),
  )
}

async function rollback(deps: AnswerDeps, item: ItemOf<'rollback'>): Promise<void> {
  const { asked } = item
  const chosen = chooseForRollback(deps.settings, asked.service, asked.environment)
  if ('refused' in chosen)
    return answerReaders(deps, item, everything, () => completeWithRefusal(deps, item, chosen.refused))
  const { serviceEnvironment } = chosen
  const { revision } = asked
  const wanted = formFor(deps.settings, asked)
  const look = () => troubled(deps, item, () => revisions(deps, serviceEnvironment))
  if (wanted?.form === 'rollback')
    return answerReaders(deps, item, shownBy(wanted), () =>
      askWhichRevision(deps, item, { form: wanted, look }),
    )
  if (revision === null)
    return answerReaders(deps, item, serviceEnvironment, async () =>
      completeWithReply(deps, item, await look()),
    )
  await askFor(deps, item, serviceEnvironment, () =>
    prepareRollback(deps, { serviceEnvironment, from: item.from, number: revision }),
  )
}

/** Cancels by the command, or from the list that it shows if several releases could be meant. */
async function cancel(deps: AnswerDeps, item: ItemOf<'cancel'>): Promise<void> {
  if (item.asked.releaseId !== undefined) return cancelRelease(deps, item, item.asked.releaseId)
  const mine = (await deps.store.inFlight()).filter(
    (release) => release.requester === item.from.user && (!isEnded(release) || endedBeforeItsRun(release)),
  )
  const [only, ...others] = mine
  if (only === undefined) return completeWithRefusal(deps, item, nothingInFlight())
  if (others.length > 0)
    return answerReaders(deps, item, everything, () =>
      completeWithReply(deps, item, { reply: 'pick-cancel', releases: mine }),
    )
  return cancelRelease(deps, item, only.id)
}

async function troubled(deps: AnswerDeps, item: InboxItem, look: () => Promise<Reply>): Promise<Reply> {
  try {
    return await look()
  } catch (error) {
    return { reply: 'refusal', refusal: nothingDone(deps, item, error) }
  }
}
