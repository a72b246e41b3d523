import { Cache } from './cache.ts'

/**
 * Returns when something began, ms.
 * @param dates AWS's dates for it, the best first; each is optional
 */
export type Beginning = (arn: string, ...dates: readonly (Date | undefined)[]) => number

/**
 * If AWS gives no date, uses the time at which the object was first seen: it began no later.
 * @param now by AWS's clock
 */
export function beginnings(now: () => number): Beginning {
  const firstSeen = new Cache<number>()
  return (arn, ...dates) => {
    const date = dates.find((date) => date !== undefined)
    if (date) return date.getTime()
    const seen = firstSeen.get(arn) ?? now()
    firstSeen.set(arn, seen)
    return seen
  }
}
