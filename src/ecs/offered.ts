import { Trouble } from '../shepherd/ports.ts'
import { failing, isShapeless, trouble } from './trouble.ts'

/** Sends one request of ECS; throws `Trouble` that names the action, as in `ecs:ListTasks`. */
export type Ask = <T>(action: string, send: () => Promise<T>) => Promise<T>

/** How long an operation that this AWS seems not to have is not asked for again, ms. */
const lackingForMs = 60_000

/**
 * Requests to an AWS that may lack operations, as emulators, private copies and new regions do. What an operation once
 * answered, it offers: a page of HTML in its place is trouble that passes then.
 */
export function asking(now: () => number = Date.now): Ask {
  const offered = new Set<string>()
  const lacking = new Map<string, { readonly until: number; readonly trouble: Trouble }>()
  return async (action, send) => {
    const known = lacking.get(action)
    if (known && now() < known.until) throw known.trouble
    try {
      const answer = await send()
      offered.add(action)
      return answer
    } catch (error) {
      const met = trouble(error, action)
      if (failing(error) !== 'not offered' || !isShapeless(error)) throw met
      if (offered.has(action))
        throw new Trouble('passing', `AWS did not answer ${action}: what came back was not of AWS`)
      lacking.set(action, { until: now() + lackingForMs, trouble: met })
      throw met
    }
  }
}
