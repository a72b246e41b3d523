import type { Refusal } from '../release/refusal.ts'
import { refuse } from '../release/refusal.ts'
import { act } from './act.ts'
import { askWhatToDeploy, askWhichRevision } from './ask-by-form.ts'
import { askFor } from './ask-for.ts'
import type { Asked, InboxItem } from './asked.ts'
import { chooseForDeploy, chooseForRollback } from './choose.ts'
import { explain } from './explain.ts'
import { type AnswerNeeds, cannotSee, refused, replied } from './finish.ts'
import { formFor } from './form-source.ts'
import { history, revisions, status } from './information.ts'
import { prepareDeploy, prepareRollback } from './prepare.ts'
import type { Reply } from './reply.ts'

/** A command that lay in the store for longer than this was not meant for now, ms. */
const staleAfterMs = 10 * 60_000

/** Works on one thing asked: looks up what is needed, then decides and answers in one transaction. */
export async function answer(needs: AnswerNeeds, item: InboxItem): Promise<void> {
  const { asked } = item
  if (asked.ask === 'action') return act(needs, { ...item, asked })
  if (asked.ask === 'reason') return explain(needs, { ...item, asked })
  if (needs.clock() - item.receivedAt > staleAfterMs) return refused(needs, item, tooOld(item))
  switch (asked.ask) {
    case 'form':
      return form(needs, item, asked)
    case 'deploy':
      return deploy(needs, item, asked)
    case 'rollback':
      return rollback(needs, item, asked)
    case 'cancel':
      return cancel(needs, item)
    default:
      return replied(needs, item, await troubled(() => inform(needs, asked)))
  }
}

async function inform(
  needs: AnswerNeeds,
  asked: Exclude<Asked, { ask: 'form' | 'deploy' | 'rollback' | 'cancel' | 'reason' | 'action' }>,
): Promise<Reply> {
  const { services, environments } = needs.settings
  switch (asked.ask) {
    case 'help':
      return { reply: 'help', command: asked.command, services, environments }
    case 'unclear':
      return {
        reply: 'unclear',
        said: asked.said,
        why: asked.why,
        nearest: asked.nearest,
        command: asked.command,
      }
    case 'status':
      return status(needs)
    case 'history':
      return history(needs, asked)
    case 'lock':
    case 'unlock':
      return {
        reply: 'refusal',
        refusal: refuse(
          'not_supported_yet',
          `\`/deploy ${asked.ask}\` is not supported yet.`,
          `To hold ${asked.environment}, agree on it in the channel; approvers can reject what should not ship.`,
        ).refused,
      }
  }
}

async function form(
  needs: AnswerNeeds,
  item: InboxItem,
  asked: Extract<Asked, { ask: 'form' }>,
): Promise<void> {
  const wanted = formFor(needs.settings, asked)
  if (wanted?.form !== 'deploy') throw new Error('no form answers /deploy')
  const { environments, services } = needs.settings
  const next = `Type \`/deploy ${environments[0]} ${services[0]}\`, or \`/deploy help\` for more.`
  await askWhatToDeploy(needs, item, { form: wanted, otherwise: { next } })
}

async function deploy(
  needs: AnswerNeeds,
  item: InboxItem,
  asked: Extract<Asked, { ask: 'deploy' }>,
): Promise<void> {
  const chosen = chooseForDeploy(needs.settings, asked.service, asked.environment)
  const wanted = formFor(needs.settings, asked)
  if ('refused' in chosen && wanted?.form === 'deploy')
    return askWhatToDeploy(needs, item, { form: wanted, otherwise: chosen.refused })
  if ('refused' in chosen) return refused(needs, item, chosen.refused)
  await askFor(needs, item, chosen.place, () =>
    prepareDeploy(needs, { place: chosen.place, requester: item.from.user, ref: asked.ref }),
  )
}

async function rollback(
  needs: AnswerNeeds,
  item: InboxItem,
  asked: Extract<Asked, { ask: 'rollback' }>,
): Promise<void> {
  const chosen = chooseForRollback(needs.settings, asked.service, asked.environment)
  if ('refused' in chosen) return refused(needs, item, chosen.refused)
  const { place } = chosen
  const { revision } = asked
  const wanted = formFor(needs.settings, asked)
  const look = () => troubled(() => revisions(needs, place))
  if (wanted?.form === 'rollback') return askWhichRevision(needs, item, { form: wanted, look })
  if (revision === null) return replied(needs, item, await look())
  await askFor(needs, item, place, () =>
    prepareRollback(needs, { place, requester: item.from.user, number: revision }),
  )
}

async function cancel(needs: AnswerNeeds, item: InboxItem): Promise<void> {
  const mine = (await needs.store.inFlight()).filter(
    (release) => release.requester === item.from.user && release.stage.at !== 'ended',
  )
  const [only, ...others] = mine
  if (only === undefined)
    return refused(
      needs,
      item,
      refuse(
        'nothing_in_flight',
        'You have no release in flight.',
        'An approver cancels on the card; `/deploy status` shows what is in flight.',
      ).refused,
    )
  if (others.length > 0) return replied(needs, item, { reply: 'pick-cancel', releases: mine })
  const card = (await needs.store.card(only.id)) ?? { channel: only.channel, ts: '' }
  await act(needs, {
    ...item,
    asked: { ask: 'action', action: 'cancel', releaseId: only.id, round: null, card },
  })
}

async function troubled(look: () => Promise<Reply>): Promise<Reply> {
  try {
    return await look()
  } catch (error) {
    return { reply: 'refusal', refusal: cannotSee(error) }
  }
}

function tooOld(item: InboxItem): Refusal {
  return refuse(
    'command_too_old',
    `twokey was down when you asked (${new Date(item.receivedAt).toISOString()}); nothing was done.`,
    'Type it again if you still want it.',
  ).refused
}
