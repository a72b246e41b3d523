import { isSamePerson, joined, type Person } from '../approval.ts'
import type { Clicker } from '../context.ts'
import type { Draft } from '../draft.ts'
import type { Time } from '../names.ts'
import type { Refusal } from '../refusal.ts'
import { alreadyAcknowledged, mayNotAcknowledge } from '../refusals/cards.ts'
import { mayNotClick } from '../refusals/people.ts'
import type { Release } from '../release.ts'
import { awaitsAcknowledgement } from '../state.ts'

const hour = 60 * 60_000

/** When an emergency is reminded of first, and how often then, ms after its end. */
const firstReminderMs = 4 * hour
const everyMs = 24 * hour

/**
 * An approver of the usual policy has seen that an emergency shipped; one is enough.
 * @param people accounts that are one person by now: some may have been joined since it was asked for
 */
export function acknowledge(draft: Draft, by: Clicker, people: readonly Person[]): Refusal | undefined {
  const { release, now } = draft
  const { emergency, requester, approvals } = release
  if (emergency === null || !awaitsAcknowledgement(release))
    return alreadyAcknowledged(release, emergency?.acknowledged?.by ?? null)
  if (!by.standing.eligible) return mayNotClick(by.standing)
  const both = { people: joined([...emergency.usual.people, ...people]) }
  if (isSamePerson(both, by.id, requester)) return mayNotAcknowledge('asked for')
  if (approvals.some((approval) => isSamePerson(both, approval.by, by.id)))
    return mayNotAcknowledge('approved')
  draft.change({ emergency: { ...emergency, acknowledged: { by: by.id, at: now } } })
  draft.record(by.id, 'acknowledged', { why: emergency.why, via: by.standing.via })
  draft.post('acknowledged', { tell: 'acknowledged', by: by.id })
  return undefined
}

/** Reminds of an emergency that nobody has acknowledged, once each time that it is due. */
export function remind(draft: Draft): undefined {
  const { release, now } = draft
  const due = lastReminder(release, now)
  if (due === null || release.emergency === null) return
  const { usual, why } = release.emergency
  draft.post(reminderKey(due), { tell: 'unacknowledged', why, mention: usual.approvers }, 'channel')
}

/** When to remind next; now where the last time was missed. Null: nothing is to be acknowledged. */
export function nextReminder(release: Release, now: Time): Time | null {
  const { stage, told } = release
  if (stage.at !== 'ended' || !awaitsAcknowledgement(release)) return null
  const last = lastReminder(release, now)
  if (last === null) return stage.since + firstReminderMs
  return told.includes(reminderKey(last)) ? last + everyMs : now
}

/** The last time that a reminder was due; null before the first. */
function lastReminder(release: Release, now: Time): Time | null {
  const { stage } = release
  if (stage.at !== 'ended' || !awaitsAcknowledgement(release)) return null
  const first = stage.since + firstReminderMs
  return now < first ? null : first + Math.floor((now - first) / everyMs) * everyMs
}

function reminderKey(due: Time): string {
  return `unacknowledged-${due}`
}
