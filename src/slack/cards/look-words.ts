import type { LookName } from '../../release/look.ts'
import { lookFacts } from '../../release/look-facts.ts'
import type { Unavailability } from '../../release/release.ts'
import { outside } from '../escape.ts'
import { date } from '../mrkdwn.ts'

/** `The run could not be read since …: why.` @param max characters of the reason */
export function unavailableText(
  look: LookName,
  { since, reason }: Pick<Unavailability, 'since' | 'reason'>,
  max: number,
): string {
  return `${lookFacts[look].words} could not be read since ${date(since)}: ${outside(reason, max)}.`
}
