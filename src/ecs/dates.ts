import { Cache } from './cache.ts'

/** When something began, ms. @param dates those that AWS may tell of it, the best first; every one of them is optional */
export type Beginning = (arn: string, ...dates: readonly (Date | undefined)[]) => number

/**
 * Where AWS tells no date at all, the time at which it was seen first: it began at that time at the latest.
 * @param now by AWS's clock
 */
export function beginnings(now: () => number): Beginning {
  const firstSeen = new Cache<number>()
  return (arn, ...dates) => {
    const told = dates.find((date) => date !== undefined)
    if (told) return told.getTime()
    const seen = firstSeen.get(arn) ?? now()
    firstSeen.set(arn, seen)
    return seen
  }
}
