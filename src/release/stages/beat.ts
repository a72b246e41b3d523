import type { Time } from '../names.ts'

/**
 * The next of the moments at which all releases look that look this often, half of that time from now at the earliest:
 * looks at the same moment share requests.
 */
export function nextBeat(now: Time, everyMs: number): Time {
  return everyMs > 0 ? Math.ceil((now + everyMs / 2) / everyMs) * everyMs : now
}
