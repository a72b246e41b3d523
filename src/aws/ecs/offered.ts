import { Trouble } from '../../ports/ports.ts'
import { failing, isShapeless, isStandInFailure, notOffered, trouble } from './trouble.ts'

/** Sends one request to AWS; throws `Trouble` that names the action, as in `ecs:ListTasks`. */
export type Ask = <T>(action: string, send: () => Promise<T>) => Promise<T>

/** For how long an operation that seems to be missing is not requested again, ms. */
const lackingForMs = 60_000

/** How often a request has to fail with a page, and at what interval (ms), until the operation counts as missing. */
const sureAfter = 3
const pauseMs = 1_000

/**
 * Another operation must have succeeded within this time, ms: otherwise the whole endpoint may be failing, not one
 * operation.
 */
const answersForMs = 60_000

type Time = { readonly now: () => number; readonly pause: () => Promise<unknown> }

const realTime: Time = {
  now: Date.now,
  pause: () => new Promise((resolve) => setTimeout(resolve, pauseMs)),
}

/**
 * Sends requests to an endpoint that may lack operations, as emulators, private copies and new regions do. An operation
 * that once succeeded is offered, so a page instead of an answer is then a passing error. A page with status 500 from
 * another server than AWS is retried before the operation counts as missing, and only while other operations succeed.
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
