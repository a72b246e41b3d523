import { distance } from 'fastest-levenshtein'

/** Up to how many slips of the finger a word counts as a name mistyped. */
const slips = 2

/** No name of ours is longer: longer words are not compared. */
const longest = 64

type Near = { readonly name: string; readonly distance: number }

/** The name that was meant most likely, however far; null where there are no names, or the word is no word. */
function nearest(word: string, names: readonly string[]): Near | null {
  if (word.length > longest) return null
  const lower = word.toLowerCase()
  const all = names.map((name) => ({ name, distance: distance(lower, name.toLowerCase()) }))
  return all.reduce<Near | null>((best, next) => (best && best.distance <= next.distance ? best : next), null)
}

/** The name of which the word is a slip; null where it shares too little with any. @param most slips of the finger */
export function mistyped(word: string, names: readonly string[], most = slips): string | null {
  const best = nearest(word, names)
  if (best === null || best.distance > most) return null
  return best.distance < Math.max(word.length, best.name.length) ? best.name : null
}

/**
 * The names that are one edit away: a character more, fewer or other, or two neighbors that changed places. Digits tell
 * names apart (`prod1`, `prod2`), so none of the edits is one of a digit; a word of two characters is too short to tell.
 */
export function oneEditAway(word: string, names: readonly string[]): readonly string[] {
  const lower = word.toLowerCase()
  return names.filter((name) => {
    const other = name.toLowerCase()
    return (
      Math.max(lower.length, other.length) > 2 &&
      lower.length <= longest &&
      digits(lower) === digits(other) &&
      (distance(lower, other) === 1 || isTransposed(lower, other))
    )
  })
}

function digits(text: string): string {
  return text.replaceAll(/\D/g, '')
}

function isTransposed(one: string, other: string): boolean {
  const at = [...one].findIndex((character, index) => character !== other[index])
  if (at === -1 || one.length !== other.length) return false
  return one.slice(0, at) + (one[at + 1] ?? '') + one[at] + one.slice(at + 2) === other
}
