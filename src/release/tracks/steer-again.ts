import type { Time } from '../names.ts'
import type { SentSteer } from '../steer.ts'

/** How long after a request to ECS a look that shows no effect proves that it had none, ms. */
const steerAgainMs = 5_000

/** How often ECS is asked in all. */
const steerAttempts = 3

/** What to do while ECS shows no effect of the last request to it. `last`: null: nothing was requested yet. */
export function nextSteer(
  last: SentSteer | null,
  now: Time,
):
  | { readonly is: 'wait' }
  | { readonly is: 'give up'; readonly times: number }
  | { readonly is: 'send'; readonly sent: SentSteer } {
  const { at, times } = last ?? { at: null, times: 0 }
  // After a clock that was set back the age of the request is not known.
  if (at !== null && now >= at && now - at < steerAgainMs) return { is: 'wait' }
  return times >= steerAttempts
    ? { is: 'give up', times }
    : { is: 'send', sent: { at: now, times: times + 1 } }
}
