import type { Release } from '../../release/release.ts'
import { outside } from '../escape.ts'

/** How many of AWS's sentences a post quotes. */
const quoted = 2

/** AWS's own words about what failed, to search for: the card has the cause in ours. */
export function saidLines({ tracks: { migration, rollouts } }: Release): readonly string[] {
  const said = [...migration.tasks, ...rollouts.map(({ seen }) => seen)].map((seen) => seen?.said)
  return [...new Set(said)].flatMap(saidLine).slice(0, quoted)
}

/** AWS's own words; nothing if the reason contains them. */
export function saidLine(said: string | undefined): readonly string[] {
  return said === undefined ? [] : [`*AWS:* ${outside(said, 500)}`]
}
