import type { Button } from '@slack/types'
import type { LockAsked } from '../../messages/intent.ts'
import { type Lock, type Locked, lockedName } from '../../release/policy/lock.ts'
import { button, takeOverLock } from '../blocks.ts'
import { outside } from '../escape.ts'
import { date, mention } from '../mrkdwn.ts'

/** `prod`, or `blog-api in prod`. */
export function lockScopeText({ environment, service }: Locked): string {
  return service === null
    ? outside(environment, 60)
    : `${outside(service, 60)} in ${outside(environment, 60)}`
}

/** ` until …`, or nothing. */
export function lockEnding({ until }: Lock): string {
  return until === null ? '' : ` until ${date(until)}`
}

/** The reason that a person gave. @param max characters */
export function lockReason({ why }: Lock, max = 300): string {
  return outside(why, max)
}

/** `locked by @Ana (since …, until …): why`. */
export function lockText(lock: Lock, max = 300): string {
  const until = lock.until === null ? '' : `, until ${date(lock.until)}`
  return `locked by ${mention(lock.by)} (since ${date(lock.since)}${until}): ${lockReason(lock, max)}`
}

/** Takes over the lock that the refusal showed. Its value routes the click and proves nothing. */
export function takeOverButton(asked: LockAsked): Button {
  const where = lockedName(asked)
  return button({
    action: takeOverLock,
    label: 'Take over',
    spoken: `Take over the lock of ${where}`,
    value: JSON.stringify(asked),
    style: 'danger',
    confirm: {
      title: `Take over the lock of ${where}?`,
      text: `The lock becomes yours. The channel is notified, with both of your names.`,
      yes: 'Take it over',
    },
  })
}
