import type { Clicker, Input } from '../release/decide.ts'
import { refuse } from '../release/refusal.ts'
import type { Release } from '../release/release.ts'
import { type Action, rollbackRevision } from '../release/state.ts'
import { askWhy } from './ask-by-form.ts'
import { askFor } from './ask-for.ts'
import type { Asked, InboxItem } from './asked.ts'
import { decideWithin } from './commit.ts'
import { type AnswerNeeds, refused, unknownRelease, within } from './finish.ts'
import { prepareDeploy, prepareRollback } from './prepare.ts'
import { policyToday } from './settings.ts'

type Click = InboxItem & { readonly asked: Extract<Asked, { ask: 'action' }> }

/** A button that was pressed. Its value only routes: the release, its card and the person are looked up here. */
export async function act(needs: AnswerNeeds, click: Click): Promise<void> {
  const { releaseId, action } = click.asked
  const release = await needs.store.release(releaseId)
  if (release === null) return refused(needs, click, unknownRelease())
  if (action !== 'cancel' && !(await isItsCard(needs, click)))
    return refused(
      needs,
      click,
      refuse(
        'card_mismatch',
        'That button does not belong to the card of its release.',
        'Press it on the card in the release channel.',
      ).refused,
    )
  switch (action) {
    case 'retry':
    case 'roll-back':
      return anew(needs, click, release, action)
    case 'approve':
    case 'reject':
    case 'cancel':
    case 'settle':
    case 'look-again':
      return decideClick(needs, click, release, action)
  }
}

/** How long a click waits for the card that it was made on to be written down, ms. */
const cardWrittenMs = 15_000

/**
 * Whether the button belongs to the stored card. A person may be quicker than the answer to our own post, or press a card
 * whose post a crash cut off and the outbox has yet to find: then it waits.
 */
async function isItsCard({ store, clock }: AnswerNeeds, { asked, receivedAt }: Click): Promise<boolean> {
  const began = clock()
  for (;;) {
    const stored = await store.card(asked.releaseId)
    if (stored) return stored.channel === asked.card.channel && stored.ts === asked.card.ts
    if (clock() - Math.max(began, receivedAt) > cardWrittenMs) return false
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Who is this, then one transaction that counts the click and wakes the release. */
async function decideClick(
  needs: AnswerNeeds,
  click: Click,
  asked: Release,
  action: Exclude<Action, 'retry' | 'roll-back'>,
): Promise<void> {
  const id = click.from.user
  const today = policyToday(needs.settings, asked)
  const lists = today === null ? [asked.policy.approvers] : [asked.policy.approvers, today.approvers]
  const standing = await needs.outside.people.standing(id, lists)
  await needs.checkpoint(`before ${action} committed`)
  let counted = false
  await within(needs, click, async (tx, now) => {
    const release = await tx.lock(asked.id)
    if (release === null) throw new Error(`release ${asked.id} has gone from the store`)
    const by = { id, standing }
    const input = inputOf(action, by, click.asked.round)
    const committed = await decideWithin(tx, { release, input, settings: needs.settings, now })
    if ('refused' in committed) return { reply: 'refusal', refusal: committed.refused }
    counted = true
    return null
  })
  await needs.checkpoint(`${action} committed`)
  if (action !== 'reject' || !counted) return
  needs.onCommitted()
  await askWhy(needs, click, asked)
}

function inputOf(action: Exclude<Action, 'retry' | 'roll-back'>, by: Clicker, round: number | null): Input {
  switch (action) {
    case 'approve':
      return { on: action, by, round }
    case 'reject':
      return { on: action, by, reason: null }
    case 'cancel':
    case 'settle':
    case 'look-again':
      return { on: action, by }
  }
}

/** The same again, or the way back: a new release with its own approvals, asked for by who clicked. */
async function anew(
  needs: AnswerNeeds,
  click: Click,
  release: Release,
  action: 'retry' | 'roll-back',
): Promise<void> {
  const place = needs.settings.serviceEnvironments.find(
    ({ service, environment }) => service === release.service && environment === release.environment,
  )
  if (!place)
    return refused(
      needs,
      click,
      refuse(
        'service_unknown',
        `twokey.yml no longer ships ${release.service} to ${release.environment}.`,
        'Ask whoever keeps it.',
      ).refused,
    )
  const requester = click.from.user
  const { subject } = release
  if (action === 'retry' && subject.kind === 'deploy')
    return askFor(needs, click, place, () =>
      prepareDeploy(needs, { place, requester, ref: subject.commit.sha }),
    )
  const name = subject.kind === 'rollback' ? subject.revision.name : rollbackRevision(release)
  const number = Number(name?.split(':').at(-1))
  if (!Number.isSafeInteger(number))
    return refused(
      needs,
      click,
      refuse(
        'nothing_to_deploy',
        'Nothing of this release was rolled out, so there is nothing to take back.',
        `\`/rollback ${release.service}\` shows the revisions that ran well.`,
      ).refused,
    )
  await askFor(needs, click, place, () => prepareRollback(needs, { place, requester, number }))
}
