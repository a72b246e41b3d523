import { Trouble } from '../ports/ports.ts'
import { failing, isShapeless, isStandInFailure, notOffered, trouble } from './trouble.ts'

/** Sends one request of ECS; throws `Trouble` that names the action, as in `ecs:ListTasks`. */
export type Ask = <T>(action: string, send: () => Promise<T>) => Promise<T>

/** How long an operation that this AWS seems not to have is not asked for again, ms. */
const lackingForMs = 60_000

/** How often a request has to fail with a page, with how long in between, before the operation is taken for missing, ms. */
const sureAfter = 3
const pauseMs = 1_000

/** Something else has to have been answered so short ago, ms: else nothing is, and it is no matter of one operation. */
const answersForMs = 60_000

type Time = { readonly now: () => number; readonly pause: () => Promise<unknown> }

const realTime: Time = {
  now: Date.now,
  pause: () => new Promise((resolve) => setTimeout(resolve, pauseMs)),
}

/**
 * Requests to an AWS that may lack operations, as emulators, private copies and new regions do. An operation that was answered
 * once is offered: a page in its place is trouble that passes then. A page with 500 that another server gives is asked for again
 * before it says that there is no such operation, and says so only where other operations are answered.
 */
export function asking({ now, pause }: Time = realTime): Ask {
  const offered = new Set<string>()
  const lacking = new Map<string, { readonly until: number; readonly trouble: Trouble }>()
  let answeredAt = Number.NEGATIVE_INFINITY

  function lacks(action: string, trouble: Trouble): Trouble {
    lacking.set(action, { until: now() + lackingForMs, trouble })
    return trouble
  }

  return async (action, send) => {
    for (let times = 1; ; times += 1) {
      const known = lacking.get(action)
      if (known && now() < known.until) throw known.trouble
      try {
        const answer = await send()
        offered.add(action)
        answeredAt = now()
        return answer
      } catch (error) {
        if (!isShapeless(error)) throw trouble(error, action)
        if (offered.has(action))
          throw new Trouble('passing', `AWS did not answer ${action}: the answer did not come from AWS`)
        if (failing(error) === 'not offered') throw lacks(action, trouble(error, action))
        if (!isStandInFailure(error)) throw trouble(error, action)
        if (times === sureAfter)
          throw now() - answeredAt < answersForMs
            ? lacks(action, notOffered(error, action))
            : trouble(error, action)
      }
      await pause()
    }
  }
}
