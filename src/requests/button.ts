import { decideWithin } from '../engine/commit.ts'
import { lockOffered } from '../engine/lock-offered.ts'
import type { Asked, InboxItem } from '../messages/intent.ts'
import { isSameCard } from '../messages/reply.ts'
import type { Eligibility } from '../release/approval.ts'
import type { Clicker } from '../release/context.ts'
import type { Input } from '../release/input.ts'
import { serviceUnknownByNow } from '../release/refusals/asking.ts'
import { cardMismatch, lockNotOffered } from '../release/refusals/cards.ts'
import { nothingToRollBackTo } from '../release/refusals/revisions.ts'
import { releaseUnknown } from '../release/refusals/trouble.ts'
import type { Release } from '../release/release.ts'
import { type Action, rollbackRevision } from '../release/state.ts'
import { placeOf, policiesOf } from '../settings/settings.ts'
import { channelStanding } from './channel-check.ts'
import { type AnswerDeps, refused, within } from './complete.ts'
import { lock } from './locks.ts'
import { askWhy } from './open-form.ts'
import { prepareDeploy, prepareRollback } from './prepare.ts'
import { askFor } from './request-release.ts'

type Click = InboxItem & { readonly asked: Extract<Asked, { ask: 'action' }> }

/** A button that was pressed. Its value only routes: the release, its card and the person are looked up here. */
export async function act(deps: AnswerDeps, click: Click): Promise<void> {
  const { releaseId, action } = click.asked
  const release = await deps.store.release(releaseId)
  if (release === null) return refused(deps, click, releaseUnknown())
  if (action !== 'cancel' && !(await isItsCard(deps, click)))
    return refused(deps, click, cardMismatch(releaseId))
  switch (action) {
    case 'retry':
    case 'roll-back':
      return anew(deps, click, release, action)
    case 'lock':
      return lockItsPlace(deps, click, release)
    case 'approve':
    case 'withdraw':
    case 'reject':
    case 'cancel':
    case 'settle':
    case 'look-again':
    case 'acknowledge':
      return decideClick(deps, click, release, action)
  }
}

/** What moves the release itself. */
type OfRelease = Exclude<Action, 'retry' | 'roll-back' | 'lock'>

/** What a rollback took back is kept from coming again. */
function lockItsPlace(deps: AnswerDeps, click: Click, release: Release): Promise<void> {
  const asked = lockOffered(release)
  return asked ? lock(deps, click, asked) : refused(deps, click, lockNotOffered(release))
}

/** How long a click waits for the card that it was made on to be written down, ms. */
const cardWrittenMs = 15_000

/**
 * Whether the button belongs to the stored card. A person may be quicker than the answer to our own post, or press a card
 * whose post a crash cut off and the outbox has yet to find: then it waits.
 */
async function isItsCard({ store, clock }: AnswerDeps, { asked, receivedAt }: Click): Promise<boolean> {
  const began = clock()
  for (;;) {
    const stored = await store.card(asked.releaseId)
    if (stored) return isSameCard(stored, asked.card)
    if (clock() - Math.max(began, receivedAt) > cardWrittenMs) return false
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Who is this, then one transaction that counts the click and wakes the release. */
async function decideClick(deps: AnswerDeps, click: Click, asked: Release, action: OfRelease): Promise<void> {
  const input = await inputOf(deps, click, asked, action)
  await deps.checkpoint(`before ${action} committed`)
  let counted = false
  await within(deps, click, async (tx, now) => {
    const release = await tx.releaseForUpdate(asked.id)
    if (release === null) throw new Error(`release ${asked.id} has gone from the store`)
    const committed = await decideWithin(tx, { release, input, settings: deps.settings, now })
    if ('refused' in committed) return { reply: 'refusal', refusal: committed.refused }
    counted = true
    return null
  })
  await deps.checkpoint(`${action} committed`)
  if (action !== 'reject' || !counted) return
  await askWhy(deps, click, asked)
}

/**
 * Each policy has its word: the one of the release, and today's; of an emergency that is acknowledged, the usual ones.
 * An approval also counts by where it is given.
 */
async function standingOf(
  { outside: { people, channels }, settings }: AnswerDeps,
  { from, asked: { action } }: Click,
  release: Release,
): Promise<Eligibility> {
  const isKey = action !== 'acknowledge' || release.emergency === null
  const policies = policiesOf(
    settings,
    isKey ? release : { ...release, policy: release.emergency.usual, emergency: null },
  )
  const standing = await people.standing(
    from,
    policies.map(({ approvers }) => approvers),
  )
  if (action !== 'approve' || !standing.eligible) return standing
  return (await channelStanding(channels, release.channel, policies)) ?? standing
}

async function inputOf(deps: AnswerDeps, click: Click, release: Release, action: OfRelease): Promise<Input> {
  const { user: id } = click.from
  // One's own approval is withdrawn without a look: that only takes away.
  if (action === 'withdraw') return { on: action, by: { id }, pressedAt: click.receivedAt }
  const by: Clicker = { id, standing: await standingOf(deps, click, release) }
  switch (action) {
    case 'approve':
      return { on: action, by, round: click.asked.round, pressedAt: click.receivedAt }
    case 'reject':
      return { on: action, by, reason: null }
    case 'cancel':
    case 'settle':
    case 'look-again':
    case 'acknowledge':
      return { on: action, by }
  }
}

/** The same again, or the way back: a new release with its own approvals, asked for by who clicked. */
async function anew(
  deps: AnswerDeps,
  click: Click,
  release: Release,
  action: 'retry' | 'roll-back',
): Promise<void> {
  const place = placeOf(deps.settings, release)
  if (!place) return refused(deps, click, serviceUnknownByNow(release))
  const { from } = click
  const { subject } = release
  if (action === 'retry' && subject.kind === 'deploy')
    return askFor(deps, click, place, () => prepareDeploy(deps, { place, from, ref: subject.commit.sha }))
  const name =
    action === 'retry' && subject.kind === 'rollback' ? subject.revision.name : rollbackRevision(release)
  const number = Number(name?.split(':').at(-1))
  if (!Number.isSafeInteger(number)) return refused(deps, click, nothingToRollBackTo(release))
  await askFor(deps, click, place, () =>
    prepareRollback(deps, { place, from, number, named: name ?? undefined }),
  )
}
