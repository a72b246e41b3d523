import { distance } from 'fastest-levenshtein'

/** Words with up to this many edits count as a mistyped name. */
const slips = 2

/** Longer words are not compared: no name of ours is longer. */
const longest = 64

type Near = { readonly name: string; readonly distance: number }

/** The closest name, however far; null if there are no names, or the word is too long. */
function nearest(word: string, names: readonly string[]): Near | null {
  if (word.length > longest) return null
  const lower = word.toLowerCase()
  const all = names.map((name) => ({ name, distance: distance(lower, name.toLowerCase()) }))
  return all.reduce<Near | null>((best, next) => (best && best.distance <= next.distance ? best : next), null)
}

/** The name that was mistyped; null if the word shares too little with any. @param most edits */
export function mistyped(word: string, names: readonly string[], most = slips): string | null {
  const best = nearest(word, names)
  if (best === null || best.distance > most) return null
  return best.distance < Math.max(word.length, best.name.length) ? best.name : null
}

/**
 * The names that are one edit away: one character added, missing or changed, or two neighbors swapped. Digits distinguish names
 * (`prod1`, `prod2`), so an edit of a digit does not count. A word of two characters is too short to compare.
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
