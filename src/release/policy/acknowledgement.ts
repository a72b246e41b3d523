import type { Draft } from '../draft.ts'
import type { Time } from '../names.ts'
import type { Release } from '../release.ts'

const hour = 60 * 60_000

/** When the first reminder of an emergency is due, and how often later ones, ms after its end. */
const firstReminderMs = 4 * hour
const everyMs = 24 * hour

/** Whether the release was an emergency that was sent, and no approver has acknowledged it. */
export function awaitsAcknowledgement({ stage, emergency, sentAt }: Release): boolean {
  return stage.at === 'ended' && sentAt !== null && emergency !== null && emergency.acknowledged === null
}

/** Posts a reminder of an emergency that nobody has acknowledged, once each time that it is due. */
export function remind(draft: Draft): undefined {
  const { release, now } = draft
  const due = lastReminder(release, now)
  if (due === null || release.emergency === null) return
  const { usual, why } = release.emergency
  draft.post(reminderKey(due), { tell: 'unacknowledged', why, mention: usual.approvers }, 'channel')
}

/** When the next reminder is due; now if the last one was missed. Null: nothing awaits an acknowledgement. */
export function nextReminder(release: Release, now: Time): Time | null {
  const { stage, told } = release
  if (stage.at !== 'ended' || !awaitsAcknowledgement(release)) return null
  const last = lastReminder(release, now)
  if (last === null) return stage.since + firstReminderMs
  return told.includes(reminderKey(last)) ? last + everyMs : now
}

/** When the latest reminder was due; null before the first. */
function lastReminder(release: Release, now: Time): Time | null {
  const { stage } = release
  if (stage.at !== 'ended' || !awaitsAcknowledgement(release)) return null
  const first = stage.since + firstReminderMs
  return now < first ? null : first + Math.floor((now - first) / everyMs) * everyMs
}

function reminderKey(due: Time): string {
  return `unacknowledged-${due}`
}
